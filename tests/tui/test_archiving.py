"""Archiving, restoring and undoing, by keys alone, down to what is in the file."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from textual.widgets._toast import Toast

from storage import SQLiteStore
from tests.storage import legacy, outside
from tests.tui.asking import look
from tests.tui.conftest import Browse, lines, press, screen, stored, toasts
from tests.tui.waiting import settled
from tui import changes
from tui.memory import Memory
from tui.moves import Progress
from tui.panes.changing import begin_change
from tui.panes.interactions import InteractionsPane
from tui.toasts import tell


async def archived_reason(path: Path, record_id: str) -> list[str]:
    rows = await stored(
        path, lambda store: store.get_archived_interactions(interaction_id=record_id)
    )
    return [row["archive_reason"] for row in rows]


def table_rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    # Another SQLite in this process would let go of the locks of the program, which is open.
    return outside.fetch(path, f"SELECT * FROM {table} ORDER BY 1")


async def test_a_record_is_archived_with_the_reason_that_was_chosen(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "6")
        assert "Archived 1 interaction as duplicate. u undoes it." in toasts(pilot)
        assert "turn 28" in lines(pilot)[3]
    assert await archived_reason(memory_file, "int-0029") == ["duplicate"]


async def test_it_is_said_how_many_more_go_because_they_share_an_id(
    memory_file: Path, browse: Browse
) -> None:
    legacy.execute(
        memory_file,
        "CREATE TABLE complete_interactions (interaction_id TEXT PRIMARY KEY, timestamp TEXT,"
        " session_id TEXT, user_query TEXT, data TEXT)",
        "INSERT INTO complete_interactions VALUES ('int-0029', '2020-01-01', 's', 'asked', '{}')",
    )
    async with SQLiteStore(memory_file):
        pass
    async with browse(memory_file) as pilot:
        await press(pilot, "a")
        assert "Archive 1 interaction, and 1 more of the same id: why?" in screen(pilot)
        await press(pilot, "4")
        assert "Archived 2 interactions as manual." in toasts(pilot)
        await press(pilot, "a")
        assert "Archive 1 interaction: why?" in screen(pilot)


async def test_that_what_was_selected_has_left_the_list_is_said(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "space")
        async with SQLiteStore(memory_file) as agent:
            await agent.archive_interactions(["int-0029"], "stale")
        await look(pilot)
        await press(pilot, "a")
        assert "What you selected is no longer in this list. Esc lets go of it." in toasts(pilot)
        await press(pilot, "escape", "a")
        assert "Archive 1 interaction: why?" in screen(pilot)


async def test_no_reason_is_preselected(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "enter")
        assert "Archive 1 interaction: why?" in screen(pilot)
        await press(pilot, "escape")
    assert await archived_reason(memory_file, "int-0029") == []


@pytest.mark.parametrize("way_there", [(), ("tab",)])
async def test_a_reason_can_be_written_in_ones_own_words(
    memory_file: Path, browse: Browse, way_there: tuple[str, ...]
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", *way_there, "=said 4 fun", "enter")
    assert await archived_reason(memory_file, "int-0029") == ["said 4 fun"]


async def test_an_empty_reason_archives_nothing(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "tab", "space", "enter", "escape")
    assert await archived_reason(memory_file, "int-0029") == []


async def test_a_reason_can_be_clicked(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a")
        await pilot.click("#reasons", offset=(5, 3))
        await settled(pilot)
    assert await archived_reason(memory_file, "int-0029") == ["manual"]


async def test_many_are_archived_in_one_transaction(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "space", "j", "V", "j", "j", "a", "7")
        assert "Archived 4 interactions as wrong" in toasts(pilot)
    journal = await stored(memory_file, lambda store: store.get_journal(limit=10))
    newest = [entry for entry in journal if entry["operation"] == "archive"][:1]
    transactions = {entry["transaction_id"] for entry in newest}
    assert len(transactions) == 1
    assert sum(len(entry["record_ids"]) for entry in newest) == 4


async def test_a_pattern_is_archived(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "a", "7")
    rows = await stored(
        memory_file, lambda store: store.get_archived_patterns(archive_reason="wrong")
    )
    assert len(rows) == 2


async def test_what_restoring_brings_back_is_shown_first(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "j", "r")
        assert "Restore 1 record" in screen(pilot)
        assert "as consolidated_to_working" in screen(pilot)
        assert "turn 4" in screen(pilot)
        await press(pilot, "escape")
        assert await stored(memory_file, lambda store: store.get_interaction("int-0004")) is None
        await press(pilot, "r", "enter")
        assert "Restored 1 interaction. u undoes it." in toasts(pilot)
    assert await stored(memory_file, lambda store: store.get_interaction("int-0004")) is not None


async def test_everything_in_the_archive_is_restored_at_once(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "*", "r")
        assert "Restore 3 records" in screen(pilot)
        await press(pilot, "enter")
        assert "The archive is empty" in screen(pilot)
    counts = await stored(memory_file, lambda store: store.get_archive_statistics())
    assert not counts["interactions"]
    assert not counts["patterns"]


async def test_archiving_and_undoing_leaves_every_row_as_it_was(
    memory_file: Path, browse: Browse
) -> None:
    tables = ("interactions", "patterns", "archived_interactions", "archived_patterns")
    before = [table_rows(memory_file, table) for table in tables]
    async with browse(memory_file) as pilot:
        await press(pilot, "space", "space", "a", "5", "3", "a", "7", "4", "G", "r", "enter")
        assert [table_rows(memory_file, table) for table in tables] != before
        await press(pilot, "u", "u", "u")
        assert "Undone: archived 2 interactions as corrupt." in toasts(pilot)
    assert [table_rows(memory_file, table) for table in tables] == before


async def test_undo_says_when_there_is_nothing_to_undo(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "u")
        assert "There is nothing to undo" in toasts(pilot)


async def test_a_conflict_is_explained_and_can_be_skipped(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "4", "a", "4")
        async with SQLiteStore(memory_file) as other:
            await other.restore_interactions(["int-0028"])
        await press(pilot, "u")
        assert "This cannot be undone as things are" in screen(pilot)
        assert "int-0028" in screen(pilot)
        await press(pilot, "escape", "u", "s", "u")
        assert "Undone: archived 1 interaction as manual." in toasts(pilot)
    assert await stored(memory_file, lambda store: store.get_interaction("int-0029")) is not None


async def test_restoring_over_a_live_record_is_refused_with_a_reason(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.add_interaction({"interaction_id": "int-0004", "content": "another"})
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "j", "r")
        assert "This will be refused: interaction int-0004 is live; archive it" in screen(pilot)
        await press(pilot, "enter")
        assert "int-0004" in toasts(pilot)
    assert await archived_reason(memory_file, "int-0004") == ["consolidated_to_working"]


async def test_read_only_refuses_and_says_so(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, read_only=True) as pilot:
        assert "read-only" in lines(pilot)[0]
        await press(pilot, "a")
        assert "Nothing can be changed: it is read-only here." in toasts(pilot)
        await press(pilot, "4", "r")
        assert "Nothing can be changed" in toasts(pilot)
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_reading_only_leaves_every_byte_of_the_file(
    memory_file: Path, browse: Browse
) -> None:
    before = memory_file.read_bytes()
    async with browse(memory_file, read_only=True) as pilot:
        await press(pilot, "3", "4", "5", "v", "v", "f", "escape")
    assert memory_file.read_bytes() == before


async def test_an_archive_of_thousands_is_one_change(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "large.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": f"turn {n}"} for n in range(3500))
    async with browse(path) as pilot:
        await press(pilot, "*", "a", "4")
        assert "Archived 3,500 interactions as manual" in toasts(pilot)
        assert "No interactions yet" in screen(pilot)
        await press(pilot, "u")
        assert "3,500" in lines(pilot)[1]


async def test_a_long_change_says_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "large.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": f"turn {n}"} for n in range(3500))
    memory = Memory(path)
    await memory.open()
    keys = [("interaction", key) for key in await memory.store.list_keys("interaction")]
    said: list[tuple[int, int]] = []
    wanted = await changes.public_ids(memory, keys)
    await changes.archive(memory, wanted, "manual", lambda done, total: said.append((done, total)))
    await memory.close()
    assert said == [(1000, 3500), (2000, 3500), (3000, 3500), (3500, 3500)]


async def test_archiving_nothing_says_so(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "empty.db"
    async with SQLiteStore(path):
        pass
    async with browse(path) as pilot:
        await press(pilot, "a")
        assert "There is no interaction here to archive." in toasts(pilot)


async def test_undo_pressed_twice_at_once_undoes_two_changes(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "4", "a", "4")
        await pilot.press("u", "u")
        await settled(pilot)
        assert "28" in lines(pilot)[1]
    assert await archived_reason(memory_file, "int-0028") == []
    assert await archived_reason(memory_file, "int-0029") == []


async def test_what_will_be_refused_is_said_before_it_is_asked(
    memory_file: Path, browse: Browse
) -> None:
    with sqlite3.connect(memory_file) as raw:
        raw.executemany(
            "INSERT INTO archived_interactions (interaction_id, data, archive_reason, archived_at)"
            " VALUES (?, ?, 'odd', '2199-01-01')",
            [("int-mood", '{"mood": "calm"}'), (None, '{"content": "whose is this"}')],
        )
    raw.close()
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "f", "=reason:odd", "enter", "j", "r")
        assert "This will be refused: row" in screen(pilot)
        assert "a column that interactions lacks by now." in screen(pilot)
        await press(pilot, "escape", "k", "r")
        assert "An archive row without an id stays where it is" in screen(pilot)
        assert "whose is this" in screen(pilot)
        await press(pilot, "enter")
        assert "An archive row without an id stays where it is" in toasts(pilot)
        await press(pilot, "*", "r")
        assert "This will be refused" in screen(pilot)
        assert "An archive row without an id stays where it is" in screen(pilot)


async def test_a_message_leaves_the_answers_of_a_dialog_in_view(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "r")
        tell(pilot.app.screen.query_one("#ask-text"), "word " * 30)
        await settled(pilot)
        answers = pilot.app.screen.query_one("#ask-answers").region
        (toast,) = pilot.app.screen.query(Toast)
        assert toast.region.area
        assert not toast.region.overlaps(answers)


async def test_what_is_selected_during_a_change_stays_selected_when_that_ends(
    memory_file: Path, browse: Browse
) -> None:
    goes_on = asyncio.Event()

    async def work(_progress: Progress) -> tuple[int, str]:
        await goes_on.wait()
        return 2, "changed two"

    async with browse(memory_file) as pilot:
        pane = pilot.app.screen.query_one(InteractionsPane)
        await press(pilot, "space", "space")
        begin_change(pane, work)
        await asyncio.sleep(0)
        pane.table.action_mark()
        goes_on.set()
        await settled(pilot)
        assert "Changed two." in toasts(pilot)
        assert "1 selected" in lines(pilot)[1]
        assert [line[1] for line in lines(pilot)[3:6]] == [" ", " ", "\u25cf"]


@pytest.mark.parametrize("keys", [("a", "6"), ("t", "=bug", "enter")])
async def test_what_comes_into_the_row_of_a_record_that_was_asked_about_is_left_alone(
    memory_file: Path, browse: Browse, keys: tuple[str, ...]
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        await press(pilot, keys[0])
        with outside.connected(memory_file) as agent:
            agent.execute("DELETE FROM patterns WHERE id = 'pat-7'")
            agent.execute(
                "INSERT INTO patterns (id, name, pattern_type, sequence)"
                " VALUES ('pat-8', 'Another one', 'workflow', '[]')"
            )
        await press(pilot, *keys[1:])
        assert "Nothing was changed: the records are no longer there." in toasts(pilot)
    assert ("pat-8",) in outside.fetch(memory_file, "SELECT id FROM patterns")
    assert outside.fetch(memory_file, "SELECT record_id FROM memglass_notes") == []
