"""The history of a memory: told, taken back, done again, and found for any record."""

from __future__ import annotations

from pathlib import Path

from storage import ArchiveRun, SQLiteStore
from tests.tui.asking import look
from tests.tui.conftest import Browse, lines, press, screen, stored, toasts
from tests.tui.waiting import settled
from tui.filters import Filter
from tui.panes.history import HistoryPane
from tui.panes.transactions import matching_runs
from tui.widgets.bar import Bar

UNREADABLE = -(2**63)
"""The moment of what is not a time."""


async def test_every_change_says_when_who_what_and_why(memory_file: Path, browse: Browse) -> None:
    store = SQLiteStore(memory_file, actor="mara")
    async with store, store.transaction(note="too timid"):
        await store.update_pattern("pat-3", confidence=0.9, description="surer now")
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "8")
        first = lines(pilot)[3]
        assert "mara" in first
        assert "changed pattern pat-3" in first
        assert "too timid" in screen(pilot)
        assert "0.3 \u2192 0.9" in screen(pilot)
        assert "what pattern 3 says \u2192 surer now" in screen(pilot)


async def test_a_change_is_taken_back_and_done_again_with_its_effect_shown_first(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "6", "8", "b")
        assert "Take back: archived interaction int-0029" in screen(pilot)
        assert "interaction int-0029 comes back" in screen(pilot)
        await press(pilot, "escape")
        assert await stored(memory_file, lambda store: store.get_interaction("int-0029")) is None
        await press(pilot, "b", "enter")
        assert "undone" in lines(pilot)[4]
        assert "undo: restored interaction int-0029" in lines(pilot)[3]
        assert await stored(memory_file, lambda store: store.get_interaction("int-0029"))
        await press(pilot, "U")
        assert "Done again: archived 1 interaction as duplicate. u undoes it." in toasts(pilot)
        assert "redo: archived interaction int-0029" in lines(pilot)[3]
    assert await stored(memory_file, lambda store: store.get_interaction("int-0029")) is None


async def test_redo_works_after_a_restart_and_undo_takes_it_back(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "6", "u")
        assert "U does it again" in toasts(pilot)
    async with browse(memory_file) as pilot:
        await press(pilot, "u")
        assert "8 shows every change" in toasts(pilot)
        await press(pilot, "U")
        assert "Done again: archived 1 interaction as duplicate" in toasts(pilot)
        await press(pilot, "U")
        assert "There is nothing to do again" in toasts(pilot)
        await press(pilot, "u")
        assert "Undone: archived 1 interaction as duplicate." in toasts(pilot)
    assert await stored(memory_file, lambda store: store.get_interaction("int-0029"))


async def test_an_undo_that_is_taken_back_is_a_change_of_this_visit_again(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "6", "u", "8", "b", "enter")
        assert "Taken back: undo: restored interaction int-0029. u takes that back" in toasts(pilot)
        await press(pilot, "u")
        assert "Undone: archived 1 interaction as duplicate. U does it again." in toasts(pilot)
    assert await stored(memory_file, lambda store: store.get_interaction("int-0029"))


async def test_one_goes_back_to_a_point_in_one_change(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "6", "a", "7", "3", "a", "4", "8", "j", "j", "B")
        assert "Go back to" in screen(pilot)
        assert "pattern pat-" in screen(pilot)
        assert any("Enter" in line and "Go back" in line for line in lines(pilot))
        await press(pilot, "enter")
        assert "Gone back to " in toasts(pilot)
        assert "undo back to: restored 1" in lines(pilot)[3]
        assert [line.rstrip().endswith("undone") for line in lines(pilot)[4:7]] == [
            True,
            True,
            False,
        ]
        # The change before that point can still be undone with u.
        await press(pilot, "u")
        assert "Undone: archived 1 interaction as duplicate." in toasts(pilot)


async def test_what_is_changed_while_one_looks_at_going_back_is_not_undone_unseen(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "6", "a", "7", "8", "j", "B")
        async with SQLiteStore(memory_file, actor="agent") as other:
            await other.update_pattern("pat-3", description="learned meanwhile")
            before = await other.get_journal(None)
        await press(pilot, "enter")
        assert "Something else was changed meanwhile, which would be undone, too" in toasts(pilot)
        assert await stored(memory_file, lambda store: store.get_journal(None)) == before
        await press(pilot, "B")
        assert "learned meanwhile" in screen(pilot)
        await press(pilot, "enter")
        assert "Gone back to " in toasts(pilot)


async def test_what_is_in_the_way_is_named_and_can_be_looked_at(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(100, 40)) as pilot:
        await press(pilot, "a", "6")
        async with SQLiteStore(memory_file, actor="agent") as other:
            await other.restore_interactions(["int-0029"])
            await other.update_interaction("int-0029", content="rewritten")
        await press(pilot, "8")
        pilot.app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        await press(pilot, "g", "j", "j", "b")
        assert "This cannot be done as things are" in screen(pilot)
        assert "its archived row is no longer there as it was" in screen(pilot)
        await press(pilot, "enter")
        assert "This cannot be done as things are" in screen(pilot)
        await press(pilot, "H")
        assert "[2 Interactions]" in lines(pilot)[0]
        assert "[History]" in screen(pilot)
        assert "turn 29 \u2192 rewritten" in screen(pilot)


async def test_a_change_that_somebody_else_has_undone_is_no_conflict(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 30)) as pilot:
        await press(pilot, "a", "6", "a", "7")
        async with SQLiteStore(memory_file) as other:
            (last, *_) = await other.get_journal(1)
            await other.undo(last["transaction_id"])
        await press(pilot, "u")
        assert "This cannot be undone" not in screen(pilot)
        assert "undone this already: archived 1 interaction as wrong. u goes on" in toasts(pilot)
        await press(pilot, "8", "G", "g", "j", "b")
        assert "This is undone already." in toasts(pilot)
        await press(pilot, "u")
        assert "Undone: archived 1 interaction as duplicate." in toasts(pilot)


async def test_the_history_of_a_record_is_one_key_from_it(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "4", "G", "H")
        assert "[History]" in screen(pilot)
        assert "consolidated_to_working" in screen(pilot)
        assert "archived  by api" in screen(pilot)
        await press(pilot, "5", "H")
        assert "snapshot" in screen(pilot)
        assert "1 changed" in screen(pilot)


async def test_a_run_shows_what_went_in_beside_what_came_out_and_comes_back_whole(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "8", "o", "j")
        assert "runs of archiving" in lines(pilot)[1]
        assert "2 interactions" in screen(pilot)
        assert "what pattern 7 says" in screen(pilot)
        assert "turn 3" in screen(pilot)
        await press(pilot, "r", "enter")
        assert "Restored 2 records of a run. u undoes it." in toasts(pilot)
        await press(pilot, "u", "o")
        assert "undo: archived 2 interactions" in lines(pilot)[3]


async def test_the_cursor_and_the_selection_stay_on_a_run_that_grows(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot, SQLiteStore(memory_file) as agent:
        await agent.archive_interactions(["int-0010"], "stale")
        await press(pilot, "8", "o", "V")
        await agent.archive_patterns(["pat-2"], "manual")
        await agent.archive_interactions(["int-0011"], "stale")
        await look(pilot)
        line = next(line for line in lines(pilot)[3:] if "stale" in line)
        assert line.startswith("\u25b8\u25cf")
        assert "2 interactions" in line
        assert "run of" in screen(pilot)
        assert "1 selected" in lines(pilot)[1]


async def test_the_cursor_and_the_selection_stay_on_a_run_whose_first_record_is_restored(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot, SQLiteStore(memory_file) as agent:
        for number in (10, 11, 12):
            await agent.archive_interactions([f"int-00{number}"], "stale")
        await agent.archive_patterns(["pat-2"], "manual")
        await press(pilot, "8", "o", "j", "space", "k")
        await agent.restore_interactions(["int-0010"])
        await look(pilot)
        line = next(line for line in lines(pilot)[3:] if "stale" in line)
        assert line.startswith("\u25b8\u25cf")
        assert "2 interactions" in line
        assert "1 selected" in lines(pilot)[1]


async def test_what_of_a_run_will_be_refused_is_said_before_it_is_asked(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.add_interaction({"interaction_id": "int-0004", "content": "another"})
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "8", "o", "j", "r")
        assert "This will be refused: interaction int-0004 is live" in screen(pilot)


async def test_one_follows_a_record_from_its_change_and_comes_back(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "3", "a", "7", "8", "enter")
        assert "[Records]" in screen(pilot)
        await press(pilot, "enter")
        assert "[4 Archive]" in lines(pilot)[0]
        await press(pilot, "backspace")
        assert "[8 History]" in lines(pilot)[0]


async def test_of_very_many_records_of_a_change_it_is_said_how_many_are_not_listed(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        ids = await store.add_interactions({"content": f"turn {number}"} for number in range(305))
        await store.archive_interactions(ids[:302], "bulk", "pat-7")
    async with browse(memory_file, start="history", size=(140, 40)) as pilot:
        await press(pilot, "v", "v", "v", "tab", "G")
        assert "and 2 more" in screen(pilot)
        await press(pilot, "enter")
        assert "[8 History]" in screen(pilot)
        await press(pilot, "escape", "j", "tab", "G")
        assert "and 5 more" in screen(pilot)
        await press(pilot, "escape", "o")
        while "[Records]" not in screen(pilot):
            await press(pilot, "v")
        await press(pilot, "tab", "G")
        assert "and 2 more" in screen(pilot)


async def test_an_empty_history_says_what_will_stand_there(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "empty.db"
    async with SQLiteStore(path):
        pass
    async with browse(path) as pilot:
        await press(pilot, "8", "b")
        assert "No changes yet" in screen(pilot)
        assert "There is no change here" in toasts(pilot)
        await press(pilot, "o", "r")
        assert "Nothing was archived yet" in screen(pilot)
        assert "There is no run here" in toasts(pilot)


async def test_changes_are_narrowed_by_person_deed_and_time(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file, actor="mara") as store:
        await store.update_pattern_confidence("pat-3", 0.9)
        await store.archive_patterns(["pat-4"], "wrong")
    async with browse(memory_file) as pilot:
        await press(pilot, "8", "f", "=mara", "enter")
        assert "who:mara \u00d7" in lines(pilot)[1]
        assert "2 of 9" in lines(pilot)[1]
        await press(pilot, "f", "=did:arch", "enter")
        assert "1 of 9" in lines(pilot)[1]
        assert "archived pattern pat-4" in lines(pilot)[3]
        await press(pilot, "f", "=before:2026-01-01", "enter")
        assert "No change here matches the filter" in screen(pilot)
        await press(pilot, "escape", "f", "=after:1h", "enter")
        assert "9 of 9" in lines(pilot)[1]
        await press(pilot, "o")
        assert "runs of archiving" in lines(pilot)[1]
        await press(pilot, "f", "=wrong", "enter")
        assert "after:1h" in lines(pilot)[1]
        assert "2 patterns" in lines(pilot)[3]
        # A change has no reason: that is let go of with the runs, the time is not.
        bar = pilot.app.screen.query_one(HistoryPane).query_one(Bar)
        await pilot.click(bar, offset=(lines(pilot)[1].index("runs of"), 0))
        await settled(pilot)
        assert "after:1h" in lines(pilot)[1]
        assert "9 of 9" in lines(pilot)[1]


def test_runs_match_by_reason_and_by_when_they_ended() -> None:
    def run(reason: str, minutes: int | None) -> ArchiveRun:
        last = UNREADABLE if minutes is None else minutes * 60_000_000
        return ArchiveRun(reason, None, last, last, 1)

    runs = [run("wrong", 30), run("manual", 10), run("wrong", None)]
    after = Filter("after", "1970-01-01T00:30:00+00:00", "after:x")
    assert matching_runs(runs, []) == runs
    assert matching_runs(runs, [Filter("reason", "wrong", "reason:wrong")]) == [runs[0], runs[2]]
    assert matching_runs(runs, [after]) == [runs[0]]
    assert matching_runs(runs, [after._replace(field="before")]) == [runs[1]]
