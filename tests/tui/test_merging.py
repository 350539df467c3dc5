"""Near-duplicates beside each other, and merged by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage import HybridStore, SQLiteStore
from tests.storage import legacy
from tests.tui.conftest import Browse, press, screen, stored, toasts
from tui.beside import columns_that_fit, one_by_one, outcome, side_by_side
from tui.lines import plain
from tui.panes.patterns import PatternsPane


@pytest.mark.parametrize("width", [30, 70, 96])
def test_every_line_is_as_wide_as_there_is_space_and_differences_have_a_sign(width: int) -> None:
    records = [
        {"name": "Prefers tabs", "confidence": 0.5, "pattern_type": "style"},
        {"name": "Likes \u65e5\u672c tabs", "confidence": 0.9, "pattern_type": "style"},
    ]
    shown = list(side_by_side(records, ["a stays", "b goes"], width))
    assert all(len(str(line.text)) <= width for line in shown)
    starts = [str(line.text)[:14] for line in shown]
    assert any(start.startswith("\u2260 name") for start in starts)
    assert any(start.startswith("  type") for start in starts)
    assert columns_that_fit(width) >= 2


def test_values_that_differ_are_told_apart_where_they_would_look_alike() -> None:
    records: list[dict[str, Any]] = [
        {"confidence": 0.911, "last_seen": "2026-03-01T09:00:01Z"},
        {"confidence": 0.914, "last_seen": "2026-03-01T09:00:02Z"},
    ]
    shown = plain(list(side_by_side(records, ["a stays", "b goes"], 96)))
    below = plain(list(one_by_one(records, ["a stays", "b goes"])))
    for told in ("0.911", "0.914", "09:00:01", "09:00:02"):
        assert told in shown
        assert told in below


def test_what_a_merge_does_to_a_time_is_told_where_both_read_alike() -> None:
    kept = {"last_seen": "2026-03-01T09:00:01Z"}
    told = plain(list(outcome(kept, {"last_seen": "2026-03-01T09:00:02Z"})))
    assert "09:00:01Z \u2192 2026-03-01T09:00:02Z" in told


def test_below_each_other_records_say_where_they_differ_and_last_what_is_the_same() -> None:
    records: list[dict[str, Any]] = [
        {"name": "Tabs", "confidence": 0.5, "pattern_type": "style", "sequence": None},
        {"name": "Spaces", "confidence": None, "pattern_type": "style"},
    ]
    assert plain(list(one_by_one(records, ["a stays", "b goes"]))).split("\n") == [
        "a stays",
        "  name        Tabs",
        "  confidence  .50",
        "",
        "b goes",
        "  name        Spaces",
        "  confidence  nothing",
        "",
        "The same in all",
        "  type        style",
    ]


async def test_the_preview_of_a_merge_is_what_the_merge_leaves(memory_file: Path) -> None:
    async with HybridStore(memory_file, follow=False) as store:
        await store.update_pattern("pat-2", metadata={"source_interactions": ["int-0002"]})
        before = await store.get_patterns()
        seen = await store.preview_merge("pat-3", ["pat-2", "pat-4"])
        assert await store.get_patterns() == before
        assert await store.merge_patterns("pat-3", ["pat-2", "pat-4"]) == seen
    assert seen["frequency"] == 9
    assert seen["metadata"]["source_interactions"] == ["int-0001", "int-0002"]


async def test_marked_patterns_are_merged_into_the_one_that_was_chosen_and_undone(
    memory_file: Path, browse: Browse
) -> None:
    before = await stored(memory_file, lambda store: store.get_patterns())
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "space", "space", "M")
        assert "1 stays: pat-7" in screen(pilot)
        assert "2 goes: pat-5" in screen(pilot)
        await press(pilot, "right")
        assert "2 stays: pat-5" in screen(pilot)
        assert "Archived as duplicate, leading on to it: pat-7" in screen(pilot)
        assert "5 \u2192 12" in screen(pilot)
        await press(pilot, "enter")
        assert "Merged 1 pattern into pat-5. u undoes it." in toasts(pilot)
        merged = await stored(memory_file, lambda store: store.get_pattern("pat-5"))
        assert merged["frequency"] == 12
        [gone] = await stored(memory_file, lambda store: store.get_archived_patterns("pat-7"))
        assert (gone["archive_reason"], gone["promoted_to"]) == ("duplicate", "pat-5")
        await press(pilot, "u")
    assert await stored(memory_file, lambda store: store.get_patterns()) == before


async def test_a_pattern_that_says_something_else_meanwhile_is_not_merged_unseen(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "space", "space", "M")
        legacy.execute(memory_file, "UPDATE patterns SET frequency = 70 WHERE id = 'pat-7'")
        legacy.execute(memory_file, "UPDATE patterns SET description = 'new' WHERE id = 'pat-5'")
        before = await stored(memory_file, lambda store: store.get_patterns())
        await press(pilot, "enter")
        assert "Pattern pat-5 says something else by now; nothing was merged." in toasts(pilot)
        assert await stored(memory_file, lambda store: store.get_patterns()) == before
        await press(pilot, "M", "enter")
        assert "Merged 1 pattern into pat-7." in toasts(pilot)


async def test_one_is_left_out_and_nothing_is_merged_where_nothing_is_left(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "space", "space", "M", "2")
        assert "2 left out: pat-5" in screen(pilot)
        assert "Nothing is left to merge into it." in screen(pilot)
        await press(pilot, "enter", "escape")
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_near_duplicates_of_the_pattern_under_the_cursor_are_found(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        for number, name in enumerate(("Prefers tabs over spaces", "Prefers tabs to spaces")):
            await store.add_pattern(
                {"id": f"tabs-{number}", "name": name, "pattern_type": "zz", "confidence": 0.9}
            )
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "G", "M")
        assert "Merge 2 patterns" in screen(pilot)
        assert "tabs-0" in screen(pilot)
        assert "tabs-1" in screen(pilot)


async def test_a_group_of_more_than_can_be_compared_says_so_and_holds_the_one_under_the_cursor(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.add_patterns(
            {"id": f"tabs-{n:02}", "name": "Prefers tabs over spaces", "pattern_type": "zz"}
            for n in range(53)
        )
    async with browse(memory_file, start="patterns") as pilot:
        pilot.app.screen.query_one(PatternsPane).table.cursor = 52
        await press(pilot, "M")
        assert "Merge 50 patterns  and then 3 more that say nearly the same" in screen(pilot)
        assert "leading on to it: tabs-52, tabs-01" in screen(pilot)
