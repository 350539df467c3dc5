"""Nothing that passes the door can drive a terminal, and plain text passes unchanged."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.text import content, rich_text, safe_text, spans

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=200)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@given(ANY_TEXT)
def test_no_character_that_a_terminal_obeys_comes_out(text: str) -> None:
    shown = safe_text(text)
    assert not {unicodedata.category(char) for char in shown} & FORBIDDEN
    assert shown.isprintable()


@given(ANY_TEXT)
def test_with_lines_only_the_line_break_is_left_of_the_controls(text: str) -> None:
    assert safe_text(text, lines=True).replace("\n", "").isprintable()


@given(ANY_TEXT)
def test_what_came_out_passes_unchanged(text: str) -> None:
    once = safe_text(text)
    assert safe_text(once) == once


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), max_size=100))
def test_plain_text_passes_unchanged(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b\x7f", "a␀b␡"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("pass\u200bword", r"pass\u200bword"),
        ("\ufeffx", r"\ufeffx"),
        ("\u00adx", r"\xadx"),
        ("\U000e0041", r"\U000e0041"),
        ("\ue000", r"\ue000"),
        ("a\u2028b", r"a\u2028b"),
        ("\udc9b", r"\x9b"),
        ("\ud800", r"\ud800"),
        ("\u3164", r"\u3164"),
        ("one\ntwo\r\n", "one⏎two␍⏎"),
        ("a\tb", "a   b"),
        ("a\u00a0b\u3000c", "a b  c"),
        ("[/nope] [@click=app.quit]x", "[/nope] [@click=app.quit]x"),
        ("❤\ufe0f", "❤"),
        ("a\ufe0f", r"a\ufe0f"),
        ("\u0301x", "◌\u0301x"),
    ],
)
def test_what_could_do_harm_is_shown_instead(given_text: str, shown: str) -> None:
    assert safe_text(given_text) == shown


@pytest.mark.parametrize(
    "text", ["ที่นี่", "नमस्ते", "한국어", "日本語", "Việt Nam", "שָׁלוֹם", "👍🏽 🇩🇪", "e\u0301"]
)
def test_living_scripts_pass_unchanged(text: str) -> None:
    assert safe_text(text) == text


def test_marks_stacked_without_end_are_cut() -> None:
    assert safe_text("Z" + "\u0301" * 50 + "!") == "Z" + "\u0301" * 4 + "\ufffd!"


def test_what_is_cut_is_counted() -> None:
    assert safe_text("x" * 5000, 10) == "xxxxxxxxxx… (4,990 more)"
    assert safe_text(b"x" * 5000, 10) == "xxxxxxxxxx… (4,990 more)"


def test_ten_megabytes_are_cut_before_they_are_looked_at() -> None:
    assert len(safe_text("\x1b" * 10_000_000, 100)) < 130


def test_bytes_that_are_no_text_are_shown_as_escapes() -> None:
    assert safe_text(b"\xff\xfeok\x00") == r"\xff\xfeok␀"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (1.5, "1.5"),
        ({"a": [1, None, {"b": "x"}], "c": {}}, '{"a": [1, null, {"b": "x"}], "c": {}}'),
        ([], "[]"),
        ({"k\x1b": "\x1b[2J"}, r'{"k\u001b": "\u001b[2J"}'),
    ],
)
def test_decoded_json_is_shown_as_json(value: object, shown: str) -> None:
    assert safe_text(value) == shown


def test_nesting_of_any_depth_is_shown_in_part() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert safe_text(deep, 20) == "[" * 20 + "…"


def test_a_number_longer_than_python_spells_is_shown() -> None:
    assert safe_text(10**5000, 10).startswith("0x")


def test_a_corrupt_field_shows_its_bytes() -> None:
    from storage import CorruptJSON

    assert safe_text(CorruptJSON(b'{"a": \xff', "is no UTF-8", 6)) == r'{"a": \xff'


def test_markup_is_no_markup_in_rich_text_and_content() -> None:
    text = "[bold]x[/] [@click=app.quit]y[/]"
    assert rich_text(text).plain == text
    assert not rich_text(text).spans
    assert content(text).plain == text
    assert not content(text).spans
    assert spans((text, ""), (text, "dim")).plain == text + text


def test_the_door_opens_without_textual() -> None:
    import subprocess
    import sys

    code = "import sys, tui.text; tui.text.safe_text('x'); sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
