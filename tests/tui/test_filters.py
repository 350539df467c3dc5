"""Showing some of a list: chosen, typed, combined, let go of."""

from __future__ import annotations

from pathlib import Path

from tests.tui.conftest import Browse, lines, press, screen
from tests.tui.waiting import settled
from tui.panes.interactions import InteractionsPane


async def test_interactions_of_one_session(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:s-1", "enter")
        assert "session:s-1 \u00d7" in lines(pilot)[1]
        assert "10 of 28" in lines(pilot)[1]
        assert "turn 19" in lines(pilot)[3]


async def test_session_and_action_together(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:s-1", "enter", "f", "=deploy", "enter")
        assert "session:s-1 \u00d7  action:deploy \u00d7" in lines(pilot)[1]
        assert "3 of 28" in lines(pilot)[1]


async def test_a_second_session_takes_the_place_of_the_first(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:s-1", "enter", "f", "=session:s-2", "enter")
        assert "session:s-1" not in lines(pilot)[1]
        assert "10 of 28" in lines(pilot)[1]


async def test_the_session_of_the_row_under_the_cursor_is_offered_first(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "G", "f")
        first = next(line for line in lines(pilot) if "as this one" in line)
        assert "action:edit" in first
        assert "session:s-0  8 interactions, as this one" in screen(pilot)


async def test_a_filter_can_be_typed_for_what_is_not_offered(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:elsewhere")
        assert "as typed" in screen(pilot)
        await press(pilot, "enter")
        assert "No interaction here matches the filter. Esc lets go of it." in screen(pilot)


async def test_what_is_typed_and_called_nothing_says_what_can_be_typed(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=turn")
        told = "nothing to choose is called so; type text:\u2026 or session:\u2026 or after:\u2026"
        assert told in screen(pilot)


async def test_several_filters_can_be_typed_at_once(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:s-1 text:turn 12", "enter")
        assert "session:s-1 \u00d7  text:turn 12 \u00d7" in lines(pilot)[1]
        assert "1 of 28" in lines(pilot)[1]
        # What names no filter, or one of them twice, belongs to the value.
        await press(pilot, "f", "=text:a colon: text:b")
        assert "text:a colon: text:b  as typed" in screen(pilot)


async def test_what_a_filter_found_is_still_looked_at_when_that_is_let_go_of(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:s-1", "enter", "j", "j")
        table = pilot.app.screen.query_one(InteractionsPane).table
        found = table.cursor_key
        await press(pilot, "escape")
        assert len(table.keys) == 28
        assert table.cursor_key == found


async def test_escape_lets_go_of_the_filter(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=deploy", "enter", "escape")
        assert "\u00d7" not in lines(pilot)[1]
        assert "turn 29" in lines(pilot)[3]


async def test_a_click_on_a_filter_lets_go_of_it(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:s-1", "enter", "f", "=deploy", "enter")
        await pilot.click("#interactions .list-bar", offset=(5, 0))
        await settled(pilot)
        assert "session:s-1" not in lines(pilot)[1]
        assert "action:deploy" in lines(pilot)[1]


async def test_escape_in_the_question_leaves_the_list_as_it_is(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=dep", "escape")
        assert "\u00d7" not in lines(pilot)[1]


async def test_patterns_of_one_type_are_offered_with_their_counts(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "f")
        assert "type:workflow  3 patterns" in screen(pilot)
        await press(pilot, "=work", "enter")
        assert "3 of 6" in lines(pilot)[1]
        assert "preference" not in "".join(lines(pilot)[3:11])


async def test_the_archive_by_reason_and_by_kind_with_counts(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "f")
        assert "reason:consolidated_to_working  2 records" in screen(pilot)
        assert "reason:wrong  1 record" in screen(pilot)
        assert "kind:patterns  1 record" in screen(pilot)
        await press(pilot, "=working", "enter")
        assert "2 of 3" in lines(pilot)[1]
        await press(pilot, "escape", "f", "=kind:pat", "enter")
        assert "1 of 3" in lines(pilot)[1]


async def test_the_world_model_of_one_domain(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "5", "f")
        assert "domain:infra" in screen(pilot)
        await press(pilot, "=infra", "enter")
        assert "domain:infra \u00d7" in lines(pilot)[1]


async def test_a_filter_lets_go_of_the_selection(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "*")
        assert "28 selected" in lines(pilot)[1]
        await press(pilot, "f", "=deploy", "enter")
        assert "selected" not in lines(pilot)[1]


async def test_what_is_archived_from_a_filtered_list_leaves_it(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=session:s-1", "enter", "*", "a", "4")
        assert "0 of 18" in lines(pilot)[1]
        await press(pilot, "u")
        assert "10 of 28" in lines(pilot)[1]
