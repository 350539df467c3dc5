"""A memory that has answers, and how to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from storage import SQLiteStore
from tests.tui.conftest import START, Browse, lines, press
from tests.tui.waiting import settled
from tui.app import MemglassApp
from tui.panes.search import SearchPane
from tui.screens.browser import BrowserScreen
from tui.widgets.line_input import Question
from tui.widgets.row_painter import GUTTER

TURNS = (
    ("int-1", "user", "The parser tests fail again on Windows."),
    ("int-2", "agent", "I mended the parser; its tests are green."),
    ("int-3", "user", "Sure, just ship it, what could go wrong."),
    ("int-4", "agent", "Deploying the ledger to production now."),
    ("int-5", "user", "Lunch was excellent today."),
    ("int-6", "user", "Never deploy on a Friday without my approval."),
)


async def fill(path: Path) -> None:
    """Make a memory with something of every kind in it."""
    async with SQLiteStore(path) as store:
        for number, (record_id, role, content) in enumerate(TURNS):
            await store.add_interaction(
                {
                    "interaction_id": record_id,
                    "timestamp": START + timedelta(minutes=number),
                    "session_id": "s-1" if number < 4 else "s-2",
                    "action": "message",
                    "role": role,
                    "content": content,
                }
            )
        await store.add_pattern(learned("pat-1", "Deploys need no approval", "workflow"))
        await store.add_pattern(learned("pat-2", "Prefers tabs", "preference"))
        await store.add_pattern(learned("pat-3", "Deploys happen at night", "workflow"))
        await store.archive_patterns(["pat-3"], "wrong")
        await store.add_world_model_state(
            {
                "domain": "infra",
                "entities": [
                    {"id": "orders-db", "type": "database", "properties": {"engine": "postgres"}},
                    {"id": "web1", "type": "machine", "properties": {"role": "deploy target"}},
                ],
                "relations": [],
                "confidence": 0.8,
            }
        )


def learned(record_id: str, name: str, pattern_type: str) -> dict[str, Any]:
    """A pattern."""
    return {
        "id": record_id,
        "name": name,
        "description": name,
        "pattern_type": pattern_type,
        "confidence": 0.8,
    }


@asynccontextmanager
async def asking(
    path: Path, browse: Browse, question: str = "", **options: Any
) -> AsyncIterator[Pilot[None]]:
    """Open the search on a memory whose index is complete, and ask something."""
    async with browse(path, **options) as pilot:
        await indexed(pilot)
        await press(pilot, "6")
        await indexed(pilot)
        if question:
            await ask(pilot, question)
        yield pilot


async def indexed(pilot: Pilot[None]) -> None:
    """Wait until the index holds everything, and the program knows."""
    app = pilot.app
    assert isinstance(app, MemglassApp)
    await app.memory.searching.wait_for_index()
    await look(pilot)


async def look(pilot: Pilot[None]) -> None:
    """Do now what the program does each second."""
    browser = pilot.app.screen_stack[0]
    assert isinstance(browser, BrowserScreen)
    await settled(pilot)
    browser.look()
    await settled(pilot)


async def ask(pilot: Pilot[None], question: str) -> None:
    """Type a question, in the place of the one before."""
    if not isinstance(pilot.app.focused, Question):
        await press(pilot, "slash")
    await pilot.press("end", "ctrl+u", *question)
    await settled(pilot)


def pane(pilot: Pilot[None]) -> SearchPane:
    """The search."""
    return pilot.app.query_one(SearchPane)


def found(pilot: Pilot[None]) -> list[str]:
    """The ids that were found, best first; of entities their keys."""
    hits = pane(pilot)._hits
    return [hits[key].entity or hits[key].record_id for key in hits.keys]


def rows(pilot: Pilot[None]) -> list[str]:
    """The lines of the answers on screen, without what marks them."""
    table = pane(pilot).table.region
    shown = lines(pilot)[table.y + 1 : table.bottom]
    return [line[table.x + GUTTER : table.right] for line in shown]
