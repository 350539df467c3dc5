"""Memories that try to drive the terminal are only text, wherever they are shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual.pilot import Pilot

from storage import SQLiteStore
from tests.tui.conftest import Browse, lines, press, screen
from tests.tui.waiting import settled
from tui.widgets.text_view import TextView

HOSTILE = [
    "[/nope] [red]x",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b[2J\x1b[31m",
    "\x9b31m\x90\x9d",
    "\u202egnp.exe\u2066",
    "zero\u200bwidth\ufeff",
    "nul\x00nul",
    "emoji 👨‍👩‍👧 ❤️ 🇩🇪 日本語 ที่นี่",
    "Z" + "\u0301" * 40,
    "\r\r\noverwritten\x08\x08",
    "\U000e0041\U000e0042",
]
ALL = " ".join(HOSTILE)


def segments(pilot: Pilot[None]) -> Iterator[Segment]:
    for strip in pilot.app.screen._compositor.render_strips():
        yield from strip


def assert_only_text(pilot: Pilot[None]) -> None:
    screen(pilot)  # Says that every line is as wide as the screen.
    for segment in segments(pilot):
        assert not segment.control
        assert segment.text.isprintable(), ascii(segment.text)
        meta = segment.style.meta if segment.style is not None else {}
        assert "@click" not in meta
        assert segment.style is None or segment.style.link is None


async def make(path: Path, *texts: str) -> None:
    """Make a memory with each text in every field that can hold one."""
    async with SQLiteStore(path) as store:
        for number, text in enumerate(texts):
            put_away = f"{number} {text}"
            await store.add_interaction({**turn(text), "interaction_id": put_away})
            await store.add_pattern({**learned(text), "id": put_away})
            await store.archive_interactions([put_away], text, text)
            await store.archive_patterns([put_away], text)
            await store.add_interaction({**turn(text), "interaction_id": text})
            await store.add_pattern({**learned(text), "id": text})
            await store.add_world_model_state(
                {
                    "domain": text,
                    "entities": [{"id": text, "type": text, "properties": {text: text}}],
                    "relations": [{"source": text, "target": text, "type": text}],
                    "trigger_event": text,
                }
            )


def turn(text: str) -> dict[str, Any]:
    details = {text: text, "list": [text]}
    return {"content": text, "session_id": text, "action": text, "role": text, "details": details}


def learned(text: str) -> dict[str, Any]:
    return {"name": text, "description": text, "pattern_type": text, "sequence": [text]}


@pytest.mark.parametrize("pane", list("2345"))
async def test_hostile_text_is_only_text_in_every_pane(
    tmp_path: Path, browse: Browse, pane: str
) -> None:
    path = tmp_path / "memory.db"
    await make(path, *HOSTILE, ALL)
    async with browse(path, size=(80, 60)) as pilot:
        await press(pilot, pane)
        assert_only_text(pilot)
        for key in ("v", "v", "v", "v", "G", "v", "f", "enter", "?"):
            await press(pilot, key)
            assert_only_text(pilot)


async def test_hostile_text_is_only_text_in_dialogs_and_messages(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "memory.db"
    await make(path, *HOSTILE, ALL)
    async with browse(path, size=(80, 60)) as pilot:
        for key in ("4", "G", "r", "escape", "*", "r", "escape", "2", "a", "1", "u"):
            await press(pilot, key)
            assert_only_text(pilot)


@pytest.mark.parametrize("pane", list("2345"))
async def test_hostile_text_is_only_text_in_what_puts_records_in_order(
    tmp_path: Path, browse: Browse, pane: str
) -> None:
    path = tmp_path / "memory.db"
    await make(path, *HOSTILE, ALL)
    async with browse(path, size=(80, 40)) as pilot:
        await press(pilot, pane, "t", "=x", "enter")
        marked = ("space", "space", "M", "right", "tab", "escape", "y", "escape")
        for key in ("e", "tab", "escape", "c", "escape", "y", "escape", "t", "escape", *marked):
            await press(pilot, key)
            assert_only_text(pilot)


async def test_ten_megabytes_in_one_line_are_shown_in_parts(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interaction({"content": "x" * 10_000_000})
    async with browse(path) as pilot:
        assert_only_text(pilot)
        assert "m More" not in lines(pilot)[-1]
        await press(pilot, "v", "v", "v")
        assert_only_text(pilot)
        assert "m More" in lines(pilot)[-1]
        view = pilot.app.query_one("#record-text", TextView)
        height = view.virtual_size.height
        await press(pilot, "m")
        assert_only_text(pilot)
        assert view.virtual_size.height > 1.9 * height


async def test_text_that_is_not_utf8_is_shown_as_escapes(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "memory.db"
    await make(path, "plain")
    with sqlite3.connect(path) as raw:
        raw.execute(
            "UPDATE interactions SET content = CAST(X'6F6BFF1B' AS TEXT), details = X'FF00'"
        )
    raw.close()
    async with browse(path) as pilot:
        assert r"ok\xff␛" in screen(pilot)
        assert_only_text(pilot)
        await press(pilot, "v")
        assert_only_text(pilot)
        await press(pilot, "v")
        assert r"ok\xff␛" in screen(pilot)
        assert_only_text(pilot)


async def test_a_hostile_file_name_is_only_text(memory_file: Path, browse: Browse) -> None:
    path = memory_file.rename(memory_file.with_name("[red]\x1b[2J\u202e.db"))
    async with browse(path, size=(100, 24)) as pilot:
        assert r"[red]␛[2J\u202e.db" in screen(pilot)
        assert_only_text(pilot)


async def test_a_hostile_reason_comes_back_as_text(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "a", "tab", "=[/x]", "enter")
        assert_only_text(pilot)
        assert "[/x]" in screen(pilot)
        await settled(pilot)


async def test_a_click_on_markup_in_a_record_runs_nothing(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "memory.db"
    await make(path, "[@click=app.quit]press me[/]")
    async with browse(path) as pilot:
        for y in range(24):
            await pilot.click(offset=(35, y))
        await settled(pilot)
        assert pilot.app.is_running
