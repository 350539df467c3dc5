"""While an agent writes: its rows appear, and nothing moves under the person's hands."""

from __future__ import annotations

from pathlib import Path

from storage import SQLiteStore
from tests.storage.stored import outside
from tests.tui.asking import look
from tests.tui.conftest import Browse, interaction, lines, press, screen, toasts
from tui.config import Config
from tui.panes.patterns import PatternsPane
from tui.screens.browser import BrowserScreen


async def test_new_rows_appear_and_the_cursor_stays_on_its_record(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await look(pilot)
        async with SQLiteStore(memory_file) as agent:
            await agent.add_interactions([interaction(number) for number in (100, 101)])
        await look(pilot)
        shown = lines(pilot)
        assert "turn 101" in shown[3]
        assert "30" in shown[1]
        assert shown[5].startswith("▸")
        assert "turn 29" in shown[5]


async def test_a_change_that_comes_while_one_looks_is_marked_in_history_until_it_is_left(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "8")
        before = lines(pilot)[3]
        assert before.startswith("\u25b8  ")
        async with SQLiteStore(memory_file, actor="kestrel") as agent:
            await agent.add_interactions([interaction(number) for number in (100, 101)])
        await look(pilot)
        assert lines(pilot)[3].startswith(" + ")
        assert "kestrel" in lines(pilot)[3]
        assert lines(pilot)[4][:60] == before[:60]
        await press(pilot, "2", "8")
        assert " + " not in lines(pilot)[3][:3]


async def test_another_pane_is_read_anew_when_it_is_visited(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "2")
        await look(pilot)
        async with SQLiteStore(memory_file) as agent:
            await agent.archive_patterns(["pat-2"], "promoted_to_semantic")
        await look(pilot)
        await press(pilot, "4")
        assert "promoted_to_semantic" in screen(pilot)


async def test_a_row_that_somebody_changed_is_shown_as_it_is(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await look(pilot)
        async with SQLiteStore(memory_file) as agent:
            await agent.update_interaction("int-0029", content="rewritten")
        await look(pilot)
        assert "rewritten" in lines(pilot)[3]
        assert "rewritten" in "".join(lines(pilot)[12:])


async def test_the_program_looks_by_itself_as_often_as_is_configured(
    memory_file: Path, browse: Browse
) -> None:
    assert Config().looks_every == 1.0
    async with browse(memory_file, config=Config(looks_every=0.1)) as pilot:
        async with SQLiteStore(memory_file) as agent:
            await agent.update_interaction("int-0029", content="rewritten")
        for _ in range(100):
            await pilot.pause(0.05)
            if "rewritten" in screen(pilot):
                break
        assert "rewritten" in screen(pilot)


async def test_when_nothing_changed_nothing_is_read(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await look(pilot)
        table = pilot.app.query_one("#interactions-table")
        keys = table.keys  # type: ignore[attr-defined]
        await look(pilot)
        assert table.keys is keys  # type: ignore[attr-defined]


async def test_what_is_written_before_the_first_look_is_seen(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        async with SQLiteStore(memory_file) as agent:
            await agent.add_interaction(interaction(200))
        await look(pilot)
        assert "turn 200" in lines(pilot)[3]


async def test_a_trouble_that_lasts_is_told_once(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        browser = pilot.app.screen_stack[0]
        assert isinstance(browser, BrowserScreen)
        await browser.memory.store.close()
        await look(pilot)
        assert "is not open" in toasts(pilot)
        pilot.app.clear_notifications()
        await look(pilot)
        assert not toasts(pilot)


async def test_new_and_changed_rows_have_a_sign_until_the_pane_is_left(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await look(pilot)
        async with SQLiteStore(memory_file) as agent:
            await agent.add_interaction(interaction(100))
            await agent.update_interaction("int-0029", content="rewritten")
        await look(pilot)
        rows = lines(pilot)[3:6]
        assert [row[:3] for row in rows] == [" + ", "▸~ ", "   "]
        await press(pilot, "3", "2")
        assert [row[:3] for row in lines(pilot)[3:6]] == ["   ", "▸  ", "   "]


async def test_f_keeps_the_cursor_on_the_newest_until_it_is_moved(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "j", "F")
        assert "following" in lines(pilot)[1]
        for number in (100, 101):
            async with SQLiteStore(memory_file) as agent:
                await agent.add_interaction(interaction(number))
            await look(pilot)
            assert f"turn {number}" in lines(pilot)[3]
            assert lines(pilot)[3].startswith("▸")
        await press(pilot, "j")
        assert "following" not in lines(pilot)[1]


async def test_f_stays_with_the_newest_in_another_order_and_under_a_filter(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "F", "s")
        assert "following  oldest first" in lines(pilot)[1]
        assert any(line.startswith("▸") and "turn 29" in line for line in lines(pilot))
        await press(pilot, "f", "=action:edit", "enter")
        assert "following" in lines(pilot)[1]
        assert any(line.startswith("▸") and "turn 27" in line for line in lines(pilot))


async def test_f_does_not_keep_one_from_a_record_that_a_link_leads_to(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "F", "f", "=action:edit", "enter", "3", "w", "enter")
        assert "[2 Int" in lines(pilot)[0]
        assert any(line.startswith("▸") and "turn 1 " in line for line in lines(pilot))
        assert "following" not in lines(pilot)[1]


async def test_f_keeps_the_cursor_on_what_was_archived_last_of_either_kind(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "F")
        async with SQLiteStore(memory_file) as agent:
            await agent.archive_patterns(["pat-2"], "wrong")
        await look(pilot)
        [row] = [line for line in lines(pilot) if line.startswith("\u25b8")]
        assert "pattern" in row
        for number in (7, 8):
            async with SQLiteStore(memory_file) as agent:
                await agent.archive_interactions([f"int-000{number}"], "wrong")
            await look(pilot)
            [row] = [line for line in lines(pilot) if line.startswith("\u25b8")]
            assert f"turn {number}" in row
        await press(pilot, "s", "F")
        [row] = [line for line in lines(pilot) if line.startswith("\u25b8")]
        assert "turn 8" in row


async def test_a_file_that_was_replaced_is_told_and_nothing_is_written_to_the_old_one(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        other = memory_file.with_name("other.db")
        async with SQLiteStore(other) as agent:
            await agent.add_interaction(interaction(7, content="from the other file"))
        memory_file.rename(memory_file.with_name("moved.db"))
        await look(pilot)
        assert "was deleted or moved while it was open" in screen(pilot)
        await press(pilot, "k")
        assert "file lost" in lines(pilot)[0]
        assert "turn 29" in screen(pilot)
        await press(pilot, "a")
        assert "Nothing can be changed" in toasts(pilot)
        await press(pilot, "f5")
        assert "put it back and try again" in screen(pilot)
        await press(pilot, "k")
        other.rename(memory_file)
        await press(pilot, "f5")
        assert "from the other file" in screen(pilot)
        assert "live" in lines(pilot)[0]


async def test_another_file_in_its_place_is_opened_when_that_is_wanted(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        other = memory_file.with_name("other.db")
        async with SQLiteStore(other) as agent:
            await agent.add_interaction(interaction(7, content="from the other file"))
        other.replace(memory_file)
        await look(pilot)
        assert "was replaced by another one" in screen(pilot)
        await press(pilot, "enter")
        assert "from the other file" in screen(pilot)


async def test_what_an_agent_writes_into_other_rows_stays_under_the_cursor_and_selected(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        # Of six one is selected, two are a range up to the cursor, and one below is none of it.
        await press(pilot, "space", "V", "j")
        await look(pilot)
        before = lines(pilot)[1:]
        detail = pilot.app.query_one(PatternsPane).detail.query_one("#record-text")
        detail.scroll_to(y=2, animate=False)
        with outside(memory_file) as agent:
            agent.execute("INSERT OR REPLACE INTO patterns SELECT * FROM patterns")
        await look(pilot)
        after = lines(pilot)[1:]
        assert [line[:3] for line in after[1:8]] == [line[:3] for line in before[1:8]]
        assert "3 selected" in after[0]
        assert detail.scroll_offset.y == 2


async def test_a_record_that_is_written_anew_into_another_row_is_changed_and_not_new(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        await look(pilot)
        with outside(memory_file) as agent:
            agent.execute("INSERT OR REPLACE INTO patterns SELECT * FROM patterns WHERE id='pat-3'")
            agent.execute(
                "INSERT OR REPLACE INTO patterns (id, name, pattern_type, sequence, confidence)"
                " VALUES ('pat-5', 'Written anew', 'preference', '[]', .5)"
            )
        await look(pilot)
        shown = lines(pilot)[3:6]
        assert [line[1] for line in shown if "Written anew" in line] == ["~"]
        assert [line[1] for line in shown if "Pattern 3" in line] == [" "]


async def test_another_record_in_the_row_of_one_that_is_gone_is_not_selected_for_it(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="patterns") as pilot:
        await press(pilot, "space", "space")
        await look(pilot)
        assert "Pattern 7" in lines(pilot)[3]
        with outside(memory_file) as agent:
            agent.execute("DELETE FROM patterns WHERE id = 'pat-7'")
            agent.execute(
                "INSERT INTO patterns (id, name, pattern_type, sequence, confidence)"
                " VALUES ('pat-8', 'Another one', 'preference', '[]', .9)"
            )
        await look(pilot)
        assert "Another one" in lines(pilot)[3]
        assert "1 selected" in lines(pilot)[1]
        assert [line[1] for line in lines(pilot)[3:6]] == ["~", "\u25cf", " "]


async def test_a_pattern_that_comes_back_in_another_row_is_not_new(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "3")
        await look(pilot)
        async with SQLiteStore(memory_file) as agent:
            await agent.archive_patterns(["pat-2"], "manual")
            await look(pilot)
            assert "Pattern 2" not in screen(pilot)
            await agent.add_pattern({"id": "pat-new", "name": "Lesson"})
            await agent.restore_patterns(["pat-2"])
        await look(pilot)
        signs = {
            name: line[1]
            for line in lines(pilot)[3:12]
            for name in ("Pattern 2", "Lesson")
            if name in line
        }
        assert signs == {"Pattern 2": " ", "Lesson": "+"}
