"""Cutting and wrapping by cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.text import safe_text
from tui.widgets.cells import fit, fit_apart, fit_middle, wrap
from tui.widgets.columns import Column, lay_out

SAFE = st.text(st.characters(exclude_categories=[]), max_size=120).map(safe_text)
WIDTH = st.integers(0, 60)


@given(SAFE, WIDTH, st.booleans())
def test_a_cell_is_exactly_as_wide_as_its_column(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(text, width, right=right)) == width


@given(SAFE, SAFE, SAFE, WIDTH)
def test_a_cell_that_is_told_from_another_is_exactly_as_wide_as_its_column(
    start: str, one: str, other: str, width: int
) -> None:
    assert cell_len(fit_apart(start + one, start + other, width)) == width


def test_two_long_texts_are_told_apart_where_there_is_no_room_for_either() -> None:
    start = "needs approval before every deploy, except on Fridays when it is "
    assert fit_apart(f"{start}Jonas", f"{start}Ines", 20) == "needs \u2026n it is Jonas"
    assert fit_apart(f"{start}Ines", f"{start}Jonas", 20) == "needs \u2026n it is Ines "
    assert fit_apart("one", "other", 4) == "one "
    assert fit_apart("alike", "alike", 4) == "ali\u2026"


@given(SAFE, st.integers(1, 60))
def test_a_shortened_name_never_is_too_wide(text: str, width: int) -> None:
    assert cell_len(fit_middle(text, width)) <= width


@given(SAFE, st.integers(2, 60))
def test_wrapped_lines_fit_and_say_the_same(text: str, width: int) -> None:
    pieces = list(wrap(text, width))
    assert all(cell_len(piece) <= width for piece in pieces)
    assert "".join(pieces) == text


def test_lines_break_at_spaces() -> None:
    assert list(wrap("one two three", 8)) == ["one two ", "three"]
    assert list(wrap("ünö twö three", 8)) == ["ünö twö ", "three"]


def test_what_a_long_word_is_indented_by_stays_on_its_line() -> None:
    assert list(wrap("  abcdefgh", 8)) == ["  abcdef", "gh"]
    assert list(wrap("  äbcdefgh", 8)) == ["  äbcdef", "gh"]


def test_a_wide_character_is_never_cut_in_half() -> None:
    assert fit("日本語", 4) == "日… "
    assert fit("日本語", 4, right=True) == "日… "
    assert fit_middle("日本語日本語", 6) == "日…語"
    assert fit("日本語", 5) == "日本…"


def test_columns_share_the_width_to_the_last_cell() -> None:
    columns = [
        Column("a", lambda _: "", 4),
        Column("b", lambda _: "", 2, weight=1),
        Column("c", lambda _: "", 2, weight=2),
    ]
    widths = [width for _, width in lay_out(columns, 40)]
    assert widths[0] == 4
    assert sum(widths) + 4 == 40


def test_a_column_that_needs_more_space_is_left_out() -> None:
    columns = [Column("a", lambda _: "", 4, weight=1), Column("b", lambda _: "", 4, needs=50)]
    assert [column.title for column, _ in lay_out(columns, 49)] == ["a"]
    assert [column.title for column, _ in lay_out(columns, 50)] == ["a", "b"]
