"""From record to record and back: lineage, the jump stack and its breadcrumbs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.tui.asking import look
from tests.tui.conftest import Browse, interaction, lines, pattern, press, screen, toasts
from tests.tui.test_sides import pane
from tests.tui.waiting import settled
from tui.navigation import Stop, Trail
from tui.widgets.line_input import Question
from tui.widgets.pages import PageSource
from tui.widgets.record_view import RecordView


@pytest.fixture
async def chain(tmp_path: Path) -> Path:
    """int-0001 → working (archived) → lesson (live), and one source that is gone."""
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions([interaction(number) for number in range(4)])
        for name, sources in (
            ("working", {"source_interactions": ["int-0001", "int-0002", "int-9999"]}),
            ("lesson", {"source_patterns": ["working"]}),
        ):
            await store.add_pattern({**pattern(5), "id": name, "name": name, "metadata": sources})
        await store.archive_interactions(["int-0001"], "consolidated_to_working", "working")
        await store.archive_patterns(["working"], "promoted_to_semantic", "lesson")
    return path


def test_going_back_and_forward_is_like_in_a_browser() -> None:
    trail = Trail()
    a, b, c = (Stop("patterns", name) for name in "abc")
    assert trail.back(a) is None
    trail.leave(a)
    trail.leave(b)
    assert [stop.label for stop in trail.behind] == ["a", "b"]
    assert trail.back(c) == b
    assert trail.back(b) == a
    assert trail.forward(a) == b
    assert trail.back(b) == a
    trail.leave(a)
    assert not trail.has_ahead
    assert trail.forward(c) is None
    trail.leave(b)
    assert trail.back(c, steps=2) == a
    assert trail.forward(a) == b


async def test_one_key_shows_why_the_agent_believes_something(chain: Path, browse: Browse) -> None:
    async with browse(chain, size=(120, 30)) as pilot:
        await press(pilot, "3", "w")
        assert "[Lineage]" in screen(pilot)
        row = next(line for line in lines(pilot) if "from  " in line)
        assert "working" in row
        assert "archived" in row
        assert pilot.app.query_one("#record-links").has_focus


async def test_who_has_gone_on_to_type_a_question_is_not_called_back_to_the_evidence(
    chain: Path, browse: Browse
) -> None:
    async with browse(chain, size=(120, 30), start="patterns") as pilot:
        view = pilot.app.query_one(RecordView)
        subject = view._subject
        assert subject is not None
        assert subject.lineage is not None
        read, goes_on = subject.lineage.read, asyncio.Event()

        async def late() -> PageSource:
            await goes_on.wait()
            return await read()

        view.show(subject._replace(lineage=subject.lineage._replace(read=late)))
        await pilot.press("w")
        await pilot.press("slash")
        goes_on.set()
        await press(pilot, "=data")
        assert isinstance(pilot.app.focused, Question)
        # Nor is a wish that came to nothing kept for a later record.
        view.show(subject._replace(lineage=None))
        await press(pilot, "3", "w")
        view.show(subject)
        await settled(pilot)
        assert not pilot.app.query_one("#record-links").has_focus


async def test_evidence_is_followed_and_backspace_comes_back_to_the_very_record(
    chain: Path, browse: Browse
) -> None:
    async with browse(chain, size=(120, 30)) as pilot:
        await press(pilot, "3", "w", "enter")
        assert "[4 Archive]" in screen(pilot)
        assert "Patterns lesson" in lines(pilot)[1]
        await press(pilot, "w")
        shown = screen(pilot)
        assert "int-0001" in shown
        assert "archived" in shown
        assert "gone" in shown
        assert "became" in shown
        await press(pilot, "j", "enter")
        assert "[2 Interactions]" in screen(pilot)
        cursor = next(line for line in lines(pilot) if line.startswith("▸"))
        assert "turn 2" in cursor
        await press(pilot, "backspace")
        assert "[4 Archive]" in screen(pilot)
        assert next(line for line in lines(pilot) if line.startswith("▹")).count("working")
        # One comes back to the link, too.
        assert pilot.app.focused is pilot.app.query_one("#archive #record-links")
        await press(pilot, "backspace")
        assert "[3 Patterns]" in screen(pilot)
        assert "\u203a" not in lines(pilot)[1]
        await press(pilot, "alt+right", "alt+right")
        assert "turn 2" in next(line for line in lines(pilot) if line.startswith("▸"))


async def test_the_way_back_finds_a_record_again_or_says_what_became_of_it(
    chain: Path, browse: Browse
) -> None:
    async with browse(chain, size=(120, 30)) as pilot, SQLiteStore(chain) as other:
        for name in ("earlier", "later"):
            await other.add_pattern({**pattern(3), "id": name, "name": name, "confidence": 0.9})
        await look(pilot)
        await press(pilot, "3", "G", "w", "enter")
        assert lines(pilot)[1].startswith(" Patterns lesson ")
        # Back from the archive it has another row, and it is the same record.
        await other.archive_patterns(["lesson"], "wrong")
        await other.restore_patterns(["lesson"])
        await look(pilot)
        await press(pilot, "backspace", "tab")
        table = pane(pilot, "patterns").table
        assert (table.row_at(table.cursor) or {})["record_id"] == "lesson"
        await press(pilot, "w", "enter")
        await other.archive_patterns(["lesson"], "wrong")
        await look(pilot)
        await press(pilot, "backspace")
        assert "[3 Patterns]" in lines(pilot)[0]
        assert "Pattern lesson was archived meanwhile; it stands in Archive now." in toasts(pilot)


async def test_what_became_of_a_record_is_told_step_by_step(chain: Path, browse: Browse) -> None:
    async with browse(chain, size=(120, 30)) as pilot:
        await press(pilot, "4", "g", "j", "W")
        rows = [line for line in lines(pilot) if "became" in line or "↳ then" in line]
        assert "working" in rows[-2]
        assert "lesson" in rows[-1]
        assert "↳ then" in rows[-1]
        await press(pilot, "j", "enter")
        assert "[3 Patterns]" in screen(pilot)


async def test_what_is_gone_is_said_and_leads_nowhere(chain: Path, browse: Browse) -> None:
    async with browse(chain) as pilot:
        await press(pilot, "4", "g", "w", "j", "j", "enter")
        assert "There is no int-9999 any more" in toasts(pilot)
        assert "[4 Archive]" in screen(pilot)


async def test_a_record_without_lineage_says_so(chain: Path, browse: Browse) -> None:
    async with browse(chain) as pilot:
        await press(pilot, "w")
        assert "Nothing is recorded of what this was made from" in screen(pilot)


async def test_a_crumb_can_be_clicked(chain: Path, browse: Browse) -> None:
    async with browse(chain) as pilot:
        await press(pilot, "3", "w", "enter", "w", "j", "enter")
        await pilot.click("#crumbs", offset=(3, 0))
        await settled(pilot)
        assert "[3 Patterns]" in screen(pilot)


async def test_a_filter_that_a_link_let_go_of_is_there_again_on_the_way_back(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 30)) as pilot:
        await press(pilot, "4", "f", "=wrong", "enter", "W", "w")
        assert "reason:wrong \u00d7" in screen(pilot)
        # pat-1 was made from int-0001, which leads to pat-2, and that back into the archive.
        await press(pilot, "enter", "W", "enter", "w", "enter")
        await press(pilot, "backspace", "backspace", "backspace")
        assert "[4 Archive]" in screen(pilot)
        assert "reason:wrong \u00d7" in screen(pilot)


async def test_a_detail_that_takes_all_the_space_shows_the_evidence_there(
    chain: Path, browse: Browse
) -> None:
    async with browse(chain) as pilot:
        await press(pilot, "3", "z", "w")
        assert "from  " in screen(pilot)
        await press(pilot, "escape")
        assert pilot.app.query_one("#patterns-table").has_focus
