"""The pane that the program begins with."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.tui.conftest import Browse, lines, press, screen
from tests.tui.waiting import settled
from tui.config import Config
from tui.filters import Filter
from tui.kept import filters_of, kept_filters
from tui.widgets.line_input import Question


async def test_the_program_begins_with_the_pane_that_is_asked_for(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        assert "[3 Patterns]" in lines(pilot)[0]
        assert "Pattern 7" in screen(pilot)
        await press(pilot, "2")
        assert "turn 29" in screen(pilot)


async def test_a_list_is_found_again_as_it_was_filtered_and_where_the_cursor_was(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=text:turn 1", "enter", "j", "j")
        left = lines(pilot)[1:6]
        assert left[0].startswith(" text:turn 1 \u00d7")
        assert "\u25b8" in left[4]
    async with browse(memory_file) as pilot:
        assert lines(pilot)[1:6] == left
        await press(pilot, "escape")
        assert "28" in lines(pilot)[1]


async def test_who_was_at_the_newest_is_at_the_newest_again(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "j", "k")
    async with SQLiteStore(memory_file) as store:
        await store.add_interaction({"content": "came meanwhile"})
    async with browse(memory_file) as pilot:
        assert "came meanwhile" in lines(pilot)[3]
        assert lines(pilot)[3].startswith("\u25b8")


async def test_a_cursor_that_one_left_holds_though_newer_records_came(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "j", "j")
        here = lines(pilot)[5]
    async with SQLiteStore(memory_file) as store:
        await store.add_interaction({"content": "came meanwhile"})
    async with browse(memory_file) as pilot:
        assert lines(pilot)[6][:60] == here[:60]


def test_a_filter_by_a_time_means_what_it_says_at_the_next_visit() -> None:
    [found] = filters_of([["after", "2026-01-01T00:00:00+00:00", "after:1d"]])
    assert found.label == "after:1d"
    assert found.value > "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    "kept", [None, 7, "x", [7], [["a"]], [["after", "x", "after:x"]], [["a", [1], "a:1"]]]
)
def test_what_is_no_filter_in_what_was_kept_is_left_out(kept: object) -> None:
    assert filters_of(kept) == []


def test_a_filter_that_cannot_be_kept_is_left_out() -> None:
    told = Filter("session_id", "s-1", "session:s-1")
    odd = [Filter("session_id", b"\xff", "session:?"), Filter("text", "x" * 9_000, "text:x")]
    assert filters_of(kept_filters([*odd, told])) == [told]


async def test_who_left_the_program_in_the_search_can_press_keys_there(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "6")
        assert "Type what you are looking for" in screen(pilot)
    async with browse(memory_file, start="") as pilot:
        assert "[6 Search]" in lines(pilot)[0]
        assert "Press / and type what you are looking for" in screen(pilot)
        await press(pilot, "2")
        assert "[2 Int" in lines(pilot)[0]


async def test_a_question_is_asked_again_where_the_program_was_left_in_its_answers(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "slash", "=Pattern 7", "enter")
    async with browse(memory_file, start="") as pilot:
        await settled(pilot)
        assert "Pattern 7" in lines(pilot)[1]
        assert "pat-7" in screen(pilot) or "what pattern 7 says" in screen(pilot)
        await press(pilot, "2")
        assert "[2 Int" in lines(pilot)[0]
    async with browse(memory_file, start="") as pilot:
        await press(pilot, "slash")
        assert pilot.app.screen.query_one(Question).value == ""


async def test_who_wants_to_begin_with_the_search_types_at_once(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="", config=Config(start="search")) as pilot:
        await press(pilot, "=turn")
        assert pilot.app.screen.query_one(Question).value == "turn"
