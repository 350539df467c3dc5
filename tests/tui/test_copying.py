"""Copying records and findings: exactly what the record holds, and never a secret by default."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import CorruptJSON, SQLiteStore
from tests.tui.conftest import Browse, lines, press, screen, toasts
from tui.config import Config
from tui.copying import copyables, link_to
from tui.findings import finding
from tui.memory import Memory
from tui.text import hide_secrets

GITHUB = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture(autouse=True)
def no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the terminal asked, as over ssh: there the program keeps what it sent."""
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSH_TTY", "/dev/pts/1")
    monkeypatch.setenv("TERM", "xterm")


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    hide_secrets(False)


def test_what_can_be_copied_is_what_the_record_holds() -> None:
    record = {
        "content": "esc\x1b two\nlines",
        "details": {"a": [1.5, "\u00e9"]},
        "metadata": CorruptJSON(b"{\xff", "ends", 1),
        "role": None,
    }
    found = {each.name: each.text for each in copyables(record, {"id": 1}, ("x", "memglass x"))}
    assert found["text"] == found["field content"] == "esc\x1b two\nlines"
    assert json.loads(found["field details"]) == record["details"]
    assert found["field metadata"] == "{\udcff"
    assert json.loads(found["row, as it is stored"]) == {"id": 1}
    assert "field role" not in found
    assert json.loads(found["JSON"])["content"] == record["content"]


def test_the_view_that_is_shown_is_copied_first() -> None:
    for view, first in (("fields", "text"), ("json", "JSON"), ("raw", "row, as it is stored")):
        assert copyables({"name": "n"}, {}, ("x", "y"), view)[0].name == first


def test_a_link_can_be_pasted_into_a_shell() -> None:
    assert link_to(Path("a b.db"), "archived_pattern", "p'1") == (
        "memglass 'a b.db#pattern:p'\"'\"'1'"
    )


async def test_the_text_of_a_record_is_copied_with_two_keys(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "y")
        assert "Copy of int-0029" in screen(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == "turn 29"
        assert "Copied text (7 characters) sent to the terminal on your side" in toasts(pilot)
        await press(pilot, "y", "2")
        assert json.loads(pilot.app.clipboard)["interaction_id"] == "int-0029"
        await press(pilot, "y", "4")
        assert pilot.app.clipboard == "int-0029"


async def test_all_that_is_selected_is_copied_a_line_each(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "space", "space", "y", "1")
        rows = [json.loads(line) for line in pilot.app.clipboard.splitlines()]
        assert [row["content"] for row in rows] == ["turn 29", "turn 28"]
        await press(pilot, "y", "2")
        assert pilot.app.clipboard == "int-0029\nint-0028\n"


async def test_a_copy_is_exact_unless_secrets_are_masked_on_screen(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.update_interaction("int-0029", content=f"use {GITHUB}")
    async with browse(memory_file, size=(120, 24), config=Config(mask_secrets=True)) as pilot:
        assert "use [masked GitHub token]" in screen(pilot)
        assert GITHUB[:12] not in screen(pilot)
        await press(pilot, "y")
        assert "secrets are masked" in screen(pilot)
        await press(pilot, "y")
        assert pilot.app.clipboard == "use [masked GitHub token]"
        hide_secrets(False)
        await press(pilot, "y", "y")
        assert pilot.app.clipboard == f"use {GITHUB}"


async def test_a_finding_holds_record_evidence_note_and_link(memory_file: Path) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.update_interaction("int-0001", content=f"```\n# {GITHUB}")
        await store.update_pattern(
            "pat-7", metadata={"source_interactions": ["int-0001", "gone", "int-0003"]}
        )
        await store.add_notes("pattern", ["pat-7"], add_tags=["odd"], text="said in *jest*")
    memory = Memory(memory_file)
    await memory.open()
    try:
        [key] = await memory.store.list_keys("pattern", tag="odd")
        text = await finding(memory, "pattern", key)
        assert text.startswith("# Pattern pat-7\n")
        assert f"memglass {memory_file}#pattern:pat-7" in text.replace("'", "")
        assert "`#odd`" in text
        assert "> said in \\*jest\\*" in text
        assert "- int-0001  " in text
        assert "- gone: neither live nor archived any more" in text
        assert "archived as consolidated_to_working" in text
        assert GITHUB not in text
        assert "[masked GitHub token]" in text.replace("\\", "")
        # Its metadata names three, the archive one more that became it.
        assert "## What it was made from (4 records)" in text
        assert "- int-0004  " in text
        assert GITHUB in (await finding(memory, "pattern", key, masked=False)).replace("\\", "")
        snapshot = (await memory.store.list_keys("snapshot"))[0]
        text = await finding(memory, "snapshot", snapshot)
        assert "## What changed in it" in text
        assert "mysql \u2192 postgres" in text
    finally:
        await memory.close()


async def test_a_snapshot_is_told_against_the_one_before_it_of_the_same_session(
    tmp_path: Path,
) -> None:
    file = tmp_path / "sessions.db"
    async with SQLiteStore(file) as store:
        for session, engine in (("a", "mysql"), ("b", "oracle"), ("a", "postgres")):
            await store.add_world_model_state(
                {"domain": "infra", "session_id": session, "entities": {"db": {"engine": engine}}}
            )
    memory = Memory(file)
    await memory.open()
    try:
        newest = (await memory.store.list_keys("snapshot"))[0]
        text = await finding(memory, "snapshot", newest)
        assert "mysql \u2192 postgres" in text
        assert "oracle" not in text
    finally:
        await memory.close()


async def test_each_thing_to_copy_takes_a_line_and_ends_in_an_ellipsis_where_it_is_cut(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(80, 24)) as pilot:
        await press(pilot, "3", "y")
        shown = lines(pilot)
        first = next(at for at, line in enumerate(shown) if "\u25b81 text" in line)
        for line, name in zip(
            shown[first + 1 :], ("2 JSON", "3 row, as it is stored"), strict=False
        ):
            assert name in line
            assert "\u2026  \u2502" in line


async def test_a_finding_is_copied_with_one_key(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "Y")
        assert pilot.app.clipboard.startswith("# Interaction int-0029\n")
        assert "Copied a finding, secrets masked" in toasts(pilot)
        await press(pilot, "4", "G", "Y")
        assert pilot.app.clipboard.startswith("# Archived interaction int-0003\n")


async def test_no_finding_is_written_of_what_is_gone(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        async with SQLiteStore(memory_file) as agent:
            await agent.archive_interactions(["int-0029"], "wrong")
        await press(pilot, "Y")
        assert toasts(pilot) == "! It is no longer there."
        assert pilot.app.clipboard == ""
