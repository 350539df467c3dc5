"""The session of a turn, read as a conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore
from tests.tui.asking import indexed
from tests.tui.conftest import Browse, interaction, lines, press, screen
from tests.tui.waiting import settled
from tui.panes.talk import SHOWN, turn_lines
from tui.widgets.talk_view import TalkView


async def made(path: Path, *turns: dict[str, Any]) -> Path:
    async with SQLiteStore(path) as store:
        await store.add_interactions(list(turns))
    return path


def turn(number: int, **fields: Any) -> dict[str, Any]:
    return interaction(number, **{"session_id": "s", **fields})


def row(**fields: Any) -> dict[str, Any]:
    known = {"timestamp": "2026-03-01T09:00:00Z", "role": "user", "action": "edit"}
    return {**known, "file_path": None, "excerpt": "said", **fields}


def test_a_turn_has_time_role_and_action_above_what_it_says() -> None:
    heading, said, below = turn_lines(row())
    assert heading.endswith("09:00  user  edit")
    assert said.text == "said"
    assert not below.text


def test_a_long_turn_is_cut_and_says_how_to_read_on() -> None:
    _, said, below = turn_lines(row(excerpt="x" * (SHOWN + 1)))
    assert said.text == "x" * SHOWN
    assert "Enter" in str(below.text)


def test_a_role_with_line_breaks_makes_no_second_heading() -> None:
    heading, _, _ = turn_lines(row(role="user\n\u25b8 03-01 09:01  agent"))
    assert "\n" not in heading


def test_a_turn_that_is_gone_says_so() -> None:
    assert turn_lines(None)[1].text == "no longer here"


async def test_a_session_reads_oldest_first_with_its_turn_marked_and_enter_follows(
    tmp_path: Path, browse: Browse
) -> None:
    said = "word " * 60
    path = await made(
        tmp_path / "memory.db",
        turn(1, content=said),
        turn(2, content="\x1b[2J\u202ehostile [b]markup[/b]\nsecond"),
        turn(3),
        turn(4, session_id="other", content="elsewhere"),
    )
    async with browse(path, size=(100, 40)) as pilot:
        await press(pilot, "j", "v", "tab", "z")
        shown = screen(pilot)
        assert "[Talk]" in shown
        assert "elsewhere" not in shown
        assert shown.count("word") == 60
        assert "\x1b" not in shown
        assert "[b]markup[/b]" in shown
        headings = [line.strip() for line in lines(pilot) if "03-01 09:" in line]
        assert [each.lstrip("\u25b8 ")[6:11] for each in headings] == ["09:01", "09:02", "09:03"]
        assert [each.startswith("\u25b8") for each in headings] == [False, False, True]
        assert headings[2].endswith("\u25c2 in the list")
        await press(pilot, "k", "k", "enter")
        assert "int-0001" in screen(pilot)
        await press(pilot, "backspace")
        assert "int-0003" in screen(pilot)


async def test_wherever_one_goes_one_turn_alone_has_the_cursor(
    tmp_path: Path, browse: Browse
) -> None:
    path = await made(tmp_path / "memory.db", *(turn(number) for number in range(400)))
    async with browse(path, size=(100, 30)) as pilot:
        await press(pilot, "v", "tab", "z")
        view = pilot.app.query_one(TalkView)
        for keys in ("k", "kkj", "g", "jj", "G", "k", "gG"):
            # Also where turns are still on their way that the key before has asked for.
            for key in keys:
                await pilot.press(key)
            await settled(pilot)
            signed = [line.text for line in view._lines if str(line.text).startswith("\u25b8")]
            assert len(signed) == 1
            assert f"turn {view.cursor} " in screen(pilot)


@pytest.mark.parametrize("session", [None, ""])
async def test_a_turn_without_a_session_says_so(
    tmp_path: Path, browse: Browse, session: str | None
) -> None:
    path = await made(tmp_path / "memory.db", turn(1, session_id=session))
    async with browse(path) as pilot:
        await press(pilot, "v", "tab", "j", "enter", "G")
        assert "This turn names no session" in screen(pilot)


async def test_of_a_long_session_only_what_is_near_is_read(
    tmp_path: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await made(tmp_path / "memory.db", *(turn(number) for number in range(10_000)))
    async with browse(path, size=(100, 30)) as pilot:
        read: list[int] = []
        fetch = SQLiteStore.get_summaries

        async def counted(self: SQLiteStore, kind: str, keys: Any, **options: Any) -> Any:
            wanted = list(keys)
            read.append(len(wanted) if options else 0)
            return await fetch(self, kind, wanted, **options)

        monkeypatch.setattr(SQLiteStore, "get_summaries", counted)
        await press(pilot, "v", "tab", "z")
        view = pilot.app.query_one(TalkView)
        assert "turn 9999" in screen(pilot)
        await press(pilot, "g")
        assert "turn 0 " in screen(pilot)
        await press(pilot, *["pagedown"] * 12)
        at = view.cursor
        assert at > 2 * 40
        await press(pilot, *"jjjj")
        assert view.cursor >= at + 2
        at = view.cursor
        assert f"turn {at} " in screen(pilot)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert f"turn {at} " in screen(pilot)
        await press(pilot, "G")
        assert "turn 9999" in screen(pilot)
        assert max(read) <= 2 * (40 + 40) + 1
        assert sum(read) < 2000


async def test_a_new_turn_moves_nothing(tmp_path: Path, browse: Browse) -> None:
    path = await made(tmp_path / "memory.db", *(turn(number) for number in range(60)))
    async with browse(path, size=(100, 30)) as pilot:
        await press(pilot, "v", "tab", "z", "g", "j")
        before = [line[:-1] for line in lines(pilot)[2:-1]]
        async with SQLiteStore(path) as agent:
            await agent.add_interactions([turn(100)])
        pilot.app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert [line[:-1] for line in lines(pilot)[2:-1]] == before
        await press(pilot, "G")
        assert "turn 100" in screen(pilot)


async def test_archived_turns_stand_in_the_conversation_and_lead_to_the_archive(
    tmp_path: Path, browse: Browse
) -> None:
    path = await made(tmp_path / "memory.db", *(turn(number) for number in range(1, 5)))
    async with SQLiteStore(path) as store:
        await store.archive_interactions(["int-0002"], "consolidated_to_working")
    async with browse(path, size=(110, 40)) as pilot:
        await press(pilot, "v", "tab", "z")
        headings = [line.strip() for line in lines(pilot) if "03-01 09:" in line]
        assert [each.lstrip("\u25b8 ")[6:11] for each in headings] == [
            f"09:0{number}" for number in range(1, 5)
        ]
        assert "(archived as consolidated_to_working)" in headings[1]
        assert "turn 2" in screen(pilot)
        await press(pilot, "g", "j", "enter")
        assert "[4 Archive]" in lines(pilot)[0]
        await press(pilot, "v")
        assert "09:02  user  deploy" in screen(pilot)
        assert "turn 4" in screen(pilot)


async def test_a_pattern_and_an_answer_show_the_conversation_that_they_come_from(
    tmp_path: Path, browse: Browse
) -> None:
    path = await made(tmp_path / "memory.db", *(turn(number) for number in range(1, 5)))
    async with SQLiteStore(path) as store:
        await store.add_patterns(
            [
                {"name": "p", "pattern_type": "t", "confidence": 0.9, "metadata": metadata}
                for metadata in ({"source_interactions": ["gone", "int-0002", "int-0004"]}, {})
            ]
        )
    async with browse(path, size=(110, 40)) as pilot:
        await press(pilot, "3", "v", "tab", "z")
        marked = [line for line in lines(pilot) if line.rstrip().endswith("\u25c2 evidence")]
        assert ["09:02" in marked[0], "09:04" in marked[1]] == [True, True]
        assert "\u25b8" in marked[0]
        await press(pilot, "z", "escape", "j")
        assert "Nothing is left of the turns" in screen(pilot)
        await indexed(pilot)
        await press(pilot, "slash", "=session:s turn", "enter", "v")
        assert "[Talk]" in screen(pilot)
        assert "\u25c2 in" in screen(pilot)
