"""Tags and notes, by keys: put on, seen in list and detail, filtered by, taken back."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key

from storage import SQLiteStore
from storage.notes import ID_IN_LIST
from tests.storage.stored import outside
from tests.tui.conftest import Browse, lines, press, screen, stored, toasts
from tests.tui.waiting import settled
from tui.sources import PUBLIC_ID
from tui.widgets.line_input import LineInput


def test_a_row_is_known_by_the_id_under_which_its_note_is_kept() -> None:
    assert PUBLIC_ID == ID_IN_LIST


async def test_a_tag_is_put_on_marked_records_seen_filtered_by_and_undone(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "space", "space", "t", "=odd, #sarcasm", "enter")
        assert "Tagged #odd #sarcasm 2 records. u undoes it." in toasts(pilot)
        assert lines(pilot)[3][2] == lines(pilot)[4][2] == "#"
        assert lines(pilot)[5][2] == " "
        await press(pilot, "g")
        assert "#odd  #sarcasm" in screen(pilot)
        await press(pilot, "f", "=tag:sar", "enter")
        assert "2 of 28" in lines(pilot)[1]
        await press(pilot, "escape", "u")
        assert "#" not in lines(pilot)[3]
    assert await stored(memory_file, lambda store: store.get_tags()) == {}


async def test_a_tag_that_all_have_is_taken_off(memory_file: Path, browse: Browse) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.add_notes("pattern", ["pat-7", "pat-6"], add_tags=["odd", "even"])
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "t")
        assert "#odd  2 records, take it off" in screen(pilot)
        await press(pilot, "=odd", "enter")
        assert "Untagged #odd 1 record." in toasts(pilot)
    assert await stored(memory_file, lambda store: store.get_tags()) == {"even": 2, "odd": 1}


async def test_a_tag_that_is_typed_in_full_is_taken_before_longer_ones(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.add_notes("pattern", ["pat-7", "pat-6"], add_tags=["oddity"])
        await store.add_notes("pattern", ["pat-6"], add_tags=["odd"])
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "t", "=odd", "enter")
        assert "Tagged #odd 1 record." in toasts(pilot)
        await press(pilot, "t", "=odd, oddity")
        assert "#odd #oddity  take them off" in screen(pilot)
    tags = await stored(memory_file, lambda store: store.get_tags())
    assert tags == {"odd": 2, "oddity": 2}


async def test_a_record_keeps_its_tag_in_the_archive(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "t", "=odd", "enter", "a", "4", "4", "f", "=tag:odd", "enter")
        assert "1 of 4" in lines(pilot)[1]
        assert "#odd" in screen(pilot)


async def test_no_note_is_written_on_a_record_that_is_gone_or_has_no_id(
    memory_file: Path, browse: Browse
) -> None:
    with outside(memory_file) as raw:
        raw.execute(
            "INSERT INTO archived_patterns (data, archived_at, archive_reason)"
            " VALUES ('{}', '9', '')"
        )
    async with browse(memory_file, start="archive") as pilot:
        await press(pilot, "f", "=kind:pat", "enter", "G", "c")
        assert "It has no id, by which a note would be known." in toasts(pilot)
        await press(pilot, "2", "c")
        with outside(memory_file) as raw:
            raw.execute("DELETE FROM interactions WHERE interaction_id = 'int-0029'")
        await press(pilot, "=said in jest", "enter")
        assert "Nothing was changed: the record is no longer there." in toasts(pilot)
    assert await stored(memory_file, lambda store: store.get_notes()) == []


async def test_a_filter_by_tag_counts_what_it_says(memory_file: Path, browse: Browse) -> None:
    async with SQLiteStore(memory_file) as store:
        snapshots = [str(key.rowid) for key in await store.list_keys("snapshot")]
        await store.add_notes("snapshot", snapshots, add_tags=["world"])
        (state,) = await store.get_active_world_models()
        await store.add_notes("world_model_state", [state["id"]], add_tags=["world"])
    async with browse(memory_file) as pilot:
        await press(pilot, "t", "=odd", "enter", "a", "4", "f", "=tag:")
        assert "tag:odd  1 record, live or archived" in screen(pilot)
        await press(pilot, "escape", "4", "f", "=tag:")
        assert "tag:odd  1 record, live or archived" in screen(pilot)
        # No world model is ever in this list.
        assert "tag:world" not in screen(pilot)
        await press(pilot, "escape", "5", "f", "=tag:")
        assert screen(pilot).count("tag:world") == 1
        assert "tag:world  4 records" in screen(pilot)


async def test_a_note_is_written_changed_and_taken_off(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "c", "=said in jest", "enter")
        assert "Noted on int-0029. u undoes it." in toasts(pilot)
        assert lines(pilot)[3][2] == "\u00b6"
        assert "said in jest" in screen(pilot)
        await press(pilot, "c", "=!", "enter", "c", "enter")
        assert "The note stays as it is." in toasts(pilot)
        [note] = await stored(memory_file, lambda store: store.get_notes("interaction"))
        assert note["text"] == "said in jest!"
        await press(pilot, "c", "ctrl+u", "enter")
        assert "Took the note off int-0029." in toasts(pilot)
        assert lines(pilot)[3][2] == " "


async def test_what_joins_signs_is_kept_as_it_was_typed_and_seen_where_it_stands(
    memory_file: Path, browse: Browse
) -> None:
    typed = "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u0645\u06cc\u200c\u0631\u0648\u062f"
    async with browse(memory_file) as pilot:
        await press(pilot, "3", "c")
        for sign in typed:
            # A pilot knows no character for some keys that a terminal sends.
            pilot.app.post_message(Key("any", sign))
            await settled(pilot)
        assert "\U0001f468\u00b7\U0001f469\u00b7\U0001f467" in screen(pilot)
        await press(pilot, "enter", "c")
        line = pilot.app.screen.query_one(LineInput)
        assert line.value == typed
        await press(pilot, "left")
        assert line.cursor_screen_offset.x - line.content_region.x == 14
        await pilot.click(line, offset=(1 + 8, 0))
        assert line.cursor_position == typed.index(" ")
        await press(pilot, "escape")
    [noted] = await stored(memory_file, lambda store: store.get_notes("pattern"))
    assert noted["text"] == typed


async def test_a_note_for_many_comes_behind_what_they_say(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.set_note("interaction", "int-0029", text="one\ntwo")
    async with browse(memory_file) as pilot:
        await press(pilot, "space", "space", "c", "=three", "enter")
        assert "Noted 2 records" in toasts(pilot)
        await press(pilot, "escape", "g", "c")
        assert "in your editor" in screen(pilot)
        await press(pilot, "escape")
    notes = await stored(memory_file, lambda store: store.get_notes("interaction"))
    assert {note["record_id"]: note["text"] for note in notes} == {
        "int-0029": "one\ntwo\nthree",
        "int-0028": "three",
    }


async def test_snapshots_patterns_and_what_was_found_can_be_tagged(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "5", "t", "=odd", "enter", "f", "=tag:odd", "enter")
        assert "tag:odd" in lines(pilot)[1]
        assert "1 of 1" in lines(pilot)[1]
        await press(pilot, "3", "t", "=odd", "enter", "f", "=tag:odd", "enter")
        assert "1 of 6" in lines(pilot)[1]


async def test_changes_and_runs_are_filtered_by_a_tag_of_what_they_are_about(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "8", "j", "j", "j", "t")
        assert "Tag 1 record" in screen(pilot)
        await press(pilot, "=odd", "enter", "g", "f", "=tag:odd", "enter")
        # Added, archived and tagged; Enter shows of what is tagged the record.
        assert "3 of 8" in lines(pilot)[1]
        await press(pilot, "enter")
        assert "#pat-1" in screen(pilot)
        await press(pilot, "escape", "o")
        assert "tag:odd \u00d7" in lines(pilot)[1]
        assert "1 of 2" in lines(pilot)[1]
        await press(pilot, "f", "=who:api", "enter")
        assert "2 of 8" in lines(pilot)[1]
        # What was filtered by before it had the tag comes when it has it.
        await press(pilot, "escape", "f", "=tag:later", "enter")
        assert "No change here matches" in screen(pilot)
        async with SQLiteStore(memory_file) as store:
            await store.add_notes("pattern", ["pat-3"], add_tags=["later"])
        pilot.app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "2 of 9" in lines(pilot)[1]


async def test_findings_are_filtered_by_a_tag_of_their_record_which_they_show(
    memory_file: Path, browse: Browse
) -> None:
    with outside(memory_file) as connection:
        connection.execute(
            "UPDATE interactions SET details = '{' WHERE interaction_id IN ('int-0005', 'int-0006')"
        )
        connection.execute(
            "UPDATE archived_interactions SET data = '{' WHERE interaction_id = 'int-0003'"
        )
    async with SQLiteStore(memory_file) as store:
        await store.add_notes("interaction", ["int-0003", "int-0006"], add_tags=["odd"])
    async with browse(memory_file) as pilot:
        await press(pilot, "7")
        assert [line[2] for line in lines(pilot)[4:7]] == [" ", "#", "#"]
        await press(pilot, "f", "=tag:odd", "enter")
        assert "2 of 3" in lines(pilot)[2]
        await press(pilot, "f", "=table:interactions", "enter")
        assert "1 of 3" in lines(pilot)[2]
        await press(pilot, "t", "=odd", "enter")
        assert "0 of 3" in lines(pilot)[2]
        await press(pilot, "u")
        assert "1 of 3" in lines(pilot)[2]


async def test_nothing_is_noted_where_nothing_may_be_changed(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, read_only=True) as pilot:
        await press(pilot, "t")
        assert "Nothing can be changed" in toasts(pilot)
        await press(pilot, "c")
        assert pilot.app.screen is pilot.app.screen_stack[0]
