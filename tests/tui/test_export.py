"""Exports are whole or not there, lose nothing as JSON, and run nothing in a spreadsheet."""

from __future__ import annotations

import asyncio
import base64
import csv
import json
import os
import re
import stat
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import CorruptJSON, SQLiteStore
from storage.whole_files import begin
from tests.tui.conftest import Browse, press, screen, toasts
from tui.export import (
    Exported,
    ExportError,
    _cell,
    check_place,
    export,
    format_of,
    read_records,
)
from tui.panes.files import free_place
from tui.widgets.problem import Problem

GITHUB = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


async def parts(*batches: Sequence[dict[str, Any]]) -> AsyncIterator[Sequence[dict[str, Any]]]:
    for batch in batches:
        yield batch


async def test_every_record_of_a_list_is_a_line_with_all_that_it_holds(
    memory_file: Path, tmp_path: Path
) -> None:
    path = tmp_path / "out.jsonl"
    async with SQLiteStore(memory_file) as store:
        kinds = ("interaction", "archived_pattern", "snapshot")
        keys = [(kind, key) for kind in kinds for key in await store.list_keys(kind)]
        done = await export(read_records(store, [*keys, ("pattern", (0, 999))]), path, form="jsonl")
        want = [await store.get_records(kind, [key]) for kind, key in keys]
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert done == Exported(len(keys), path.stat().st_size)
    assert [line.pop("kind") for line in lines] == [kind for kind, _ in keys]
    assert lines == [record[0] for record in want]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_json_lines_hold_what_json_cannot_say(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    record = {"raw": b"\xff", "text": "\udcff", "bad": CorruptJSON(b"{", "ends", 1), "big": 10**400}
    await export(parts([record]), path, form="jsonl")
    read = json.loads(path.read_text())
    assert read["raw"] == {"$memglass": "blob", "base64": "/w=="}
    assert read["bad"]["raw"] == "{"
    assert read["big"] == 10**400


async def test_an_archived_record_shows_no_secret_in_its_bytes(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        await store.add_interaction({"interaction_id": "i", "content": f"\udcff use {GITHUB}"})
        await store.archive_interactions(["i"], "manual")
        keys = [
            ("archived_interaction", key) for key in await store.list_keys("archived_interaction")
        ]
        for form in ("jsonl", "csv"):
            path = tmp_path / f"out.{form}"
            await export(read_records(store, keys), path, form=form)
            held = re.findall(r'"base64"+: "+([A-Za-z0-9+/=]+)"', path.read_text())
            assert [base64.b64decode(each) for each in held] == [
                b"\xff use [masked GitHub token]"
            ] * 2


async def test_a_table_has_the_columns_of_the_first_records_and_the_rest_together(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out.csv"
    first = {"a": 'x, "y"\nz', "n": -1.5, "none": None}
    second = {"a": "=cmd|' /C calc'!A0", "n": 2, "more": {"b": [True]}}
    await export(parts([first], [second]), path, form="csv")
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["a", "n", "none", "other"],
        ['x, "y"\nz', "-1.5", "", ""],
        ["'=cmd|' /C calc'!A0", "2", "", '{"more": {"b": [true]}}'],
    ]


@given(st.text() | st.binary() | st.lists(st.text()) | st.none() | st.booleans())
def test_no_cell_of_a_table_begins_with_what_a_spreadsheet_runs(value: Any) -> None:
    assert not str(_cell(value)).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


async def test_secrets_are_masked_unless_that_is_asked_for_otherwise(tmp_path: Path) -> None:
    record = {"content": f"use {GITHUB}", "details": {"password": "hunter2"}}
    for form, masked in (("jsonl", True), ("csv", True), ("jsonl", False)):
        path = tmp_path / f"{form}{masked}"
        await export(parts([record]), path, form=form, masked=masked)  # type: ignore[arg-type]
        assert (GITHUB in path.read_text()) is not masked
        assert ("hunter2" in path.read_text()) is not masked


async def test_what_stands_there_is_not_written_over_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("mine")
    with pytest.raises(ExportError, match="exists already"):
        await export(parts([{"a": 1}]), path, form="jsonl")
    assert path.read_text() == "mine"
    await export(parts([{"a": 1}]), path, form="jsonl", over=True)
    assert json.loads(path.read_text()) == {"a": 1}


async def test_a_file_that_came_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"

    async def slow() -> AsyncIterator[Sequence[dict[str, Any]]]:
        path.write_text("theirs")
        yield [{"a": 1}]

    with pytest.raises(ExportError, match="exists already"):
        await export(slow(), path, form="jsonl")
    assert path.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [path]


async def test_a_database_is_never_written_over(memory_file: Path) -> None:
    with pytest.raises(ExportError, match="is a database"):
        check_place(memory_file, over=True)


@pytest.mark.parametrize("end", ["-wal", "-shm", "-journal"])
def test_what_belongs_to_a_database_is_never_written_over(memory_file: Path, end: str) -> None:
    with pytest.raises(ExportError, match="belongs to a database"):
        check_place(Path(f"{memory_file}{end}"), over=True)
    check_place(memory_file.with_name(f"notes{end}"), over=False)


def test_places_where_nothing_can_be_written_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is a folder"):
        check_place(tmp_path, over=True)
    with pytest.raises(ExportError, match="no folder"):
        check_place(tmp_path / "nowhere" / "out.csv", over=False)


def test_where_the_current_folder_is_gone_the_home_is_proposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "x.svg").touch()
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    assert free_place("x", ".svg") == tmp_path / "gone" / "x.svg"
    (tmp_path / "gone").rmdir()
    assert free_place("x", ".svg") == tmp_path / "x-2.svg"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_pipe_that_nobody_writes_to_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with os.fdopen(os.open(tmp_path / "pipe", os.O_RDWR), "wb", buffering=0) as held:
        # Were it read after all, the test is not to hang by that.
        held.write(b"x" * 16)
        with pytest.raises(ExportError, match="no ordinary file"):
            check_place(tmp_path / "pipe", over=True)


async def test_the_home_of_nobody_can_be_typed_and_is_refused(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "x")
        await pilot.press("end", "ctrl+u", *"~nobody-at-all/x.csv")
        await press(pilot, "enter")
        assert "There is no folder ~nobody-at-all" in screen(pilot)
        assert "a table (CSV)" in screen(pilot)


async def test_a_failure_and_a_cancellation_leave_nothing_behind(tmp_path: Path) -> None:
    async def failing() -> AsyncIterator[Sequence[dict[str, Any]]]:
        yield [{"a": 1}]
        raise OSError(28, "No space left on device")

    with pytest.raises(ExportError, match="No space left on device"):
        await export(failing(), tmp_path / "out.jsonl", form="jsonl")

    reached = asyncio.Event()

    async def endless() -> AsyncIterator[Sequence[dict[str, Any]]]:
        yield [{"a": 1}]
        reached.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(export(endless(), tmp_path / "out.jsonl", form="jsonl"))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(tmp_path.iterdir()) == []


async def test_what_a_killed_export_left_goes_with_another_one_a_day_later(tmp_path: Path) -> None:
    descriptor, left = begin(tmp_path / "a.jsonl")
    os.close(descriptor)
    os.utime(left, (0, 0))
    await export(parts([{"a": 1}]), tmp_path / "b.jsonl", form="jsonl")
    assert [*tmp_path.iterdir()] == [tmp_path / "b.jsonl"]


def test_the_name_tells_the_format() -> None:
    assert format_of(Path("a.CSV")) == "csv"
    assert format_of(Path("a.jsonl")) == format_of(Path("a")) == "jsonl"


async def test_a_list_is_exported_by_keys_and_nothing_is_written_over_silently(
    memory_file: Path, tmp_path: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "memory-interactions.jsonl"
    async with browse(memory_file, size=(120, 30)) as pilot:
        await press(pilot, "x")
        assert "Export 28 interactions (all that the list shows)" in screen(pilot)
        assert "secrets masked" in screen(pilot)
        await press(pilot, "enter")
        assert "Exported 28 records (secrets masked)" in toasts(pilot)
        assert len(path.read_text().splitlines()) == 28
        await press(pilot, "space", "space", "x")
        assert "Export 2 interactions (selected)" in screen(pilot)
        await press(pilot, "ctrl+u", f"={path}", "enter")
        assert "Enter once more writes over it" in screen(pilot)
        await press(pilot, "ctrl+t", "enter")
        assert "Exported 2 records (secrets as they are)" in toasts(pilot)
        assert len(path.read_text().splitlines()) == 2
        await press(pilot, "x", "ctrl+u", "=memory.db", "enter", "enter")
        assert "is a database and is not written over" in screen(pilot)


async def test_whether_secrets_are_masked_is_said_in_however_few_columns(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(44, 24)) as pilot:
        await press(pilot, "x")
        assert "secrets masked" in screen(pilot)
        await press(pilot, "ctrl+t")
        assert "SECRETS AS THEY ARE" in screen(pilot)


@pytest.mark.parametrize("key", ["x", "e"])
async def test_a_dialog_to_type_in_leaves_to_the_list_what_it_does_not_need(
    key: str, memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(80, 40)) as pilot:
        await press(pilot, key)
        assert pilot.app.screen.query_one(".dialog").size.height < 20
        assert pilot.app.screen.query_one(Problem).size.height == 2


async def test_an_export_under_way_is_stopped_by_its_own_key(
    tmp_path: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = tmp_path / "memory.db"
    async with SQLiteStore(memory) as store:
        await store.add_interactions({"content": f"turn {n}"} for n in range(20_000))
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.chdir(out)
    async with browse(memory) as pilot:
        await press(pilot, "x")
        await pilot.press("enter")
        # A pause of the pilot may take longer than the export.
        while not list(out.iterdir()):  # noqa: ASYNC110 - another thread makes the file
            await asyncio.sleep(0.002)
        await press(pilot, "x")
        assert "stopped; nothing of it was left behind" in toasts(pilot)
    assert list(out.iterdir()) == []
