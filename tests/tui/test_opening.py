"""Opening a file: older forms are asked about, what is no memory is said in a sentence."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.tui.conftest import Browse, lines, press, screen, toasts
from tests.tui.waiting import settled

OLD = """
CREATE TABLE interactions (id INTEGER PRIMARY KEY, interaction_id TEXT UNIQUE, timestamp TEXT,
  session_id TEXT, action TEXT, file_path TEXT, details TEXT, embeddings BLOB);
CREATE TABLE patterns (id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT,
  pattern_type TEXT NOT NULL, sequence TEXT NOT NULL, frequency INTEGER, confidence REAL,
  last_seen TEXT, created_at TEXT NOT NULL, metadata TEXT);
CREATE TABLE archived_patterns (id INTEGER PRIMARY KEY AUTOINCREMENT, original_id TEXT,
  pattern_name TEXT, pattern_type TEXT, data TEXT NOT NULL, archived_at TEXT NOT NULL,
  archive_reason TEXT, promoted_to TEXT);
INSERT INTO interactions
  VALUES (1, 'old-1', '2025-07-04T12:00:00', 's', 'edit', 'a.py', '{}', NULL);
"""


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    """A memory of bicamrl, generation 1."""
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as raw:
        raw.executescript(OLD)
    raw.close()
    return path


def backups(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}.backup-*"))


async def test_an_older_file_is_asked_about_before_anything_is_written(
    old_file: Path, browse: Browse
) -> None:
    before = old_file.read_bytes()
    async with browse(old_file) as pilot:
        assert "This memory has an older form" in screen(pilot)
        assert "old.db.backup-" in screen(pilot)
        assert "create table" in screen(pilot).lower()
        assert old_file.read_bytes() == before
        assert not backups(old_file)


@pytest.mark.parametrize("key", ["r", "escape"])
async def test_without_consent_it_opens_read_only_and_unchanged(
    old_file: Path, browse: Browse, key: str
) -> None:
    before = old_file.read_bytes()
    async with browse(old_file) as pilot:
        await press(pilot, key)
        assert "read-only" in lines(pilot)[0]
        assert "a.py" in lines(pilot)[3]
        await press(pilot, "a")
        assert "Nothing can be changed" in toasts(pilot)
    assert old_file.read_bytes() == before
    assert not backups(old_file)


async def test_with_consent_it_is_backed_up_and_brought_up_to_date(
    old_file: Path, browse: Browse
) -> None:
    async with browse(old_file) as pilot:
        await press(pilot, "m")
        assert "live" in lines(pilot)[0]
        assert backups(old_file)[0].name in toasts(pilot)
        await press(pilot, "a", "4", "u")
        assert "a.py" in lines(pilot)[3]
    assert len(backups(old_file)) == 1


async def test_the_question_can_be_left_without_opening(old_file: Path, browse: Browse) -> None:
    before = old_file.read_bytes()
    async with browse(old_file) as pilot:
        await pilot.press("q")
        await pilot.pause()
    assert pilot.app.return_code == 0
    assert old_file.read_bytes() == before


async def test_an_older_file_opens_read_only_without_a_question(
    old_file: Path, browse: Browse
) -> None:
    async with browse(old_file, read_only=True) as pilot:
        assert "older form" not in screen(pilot)
        assert "a.py" in lines(pilot)[3]


async def test_a_database_of_something_else_ends_with_a_sentence(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "music.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE albums (title TEXT)")
    raw.close()
    before = path.read_bytes()
    async with browse(path) as pilot:
        pass
    assert pilot.app.return_code == 2
    assert "holds no agent's memory" in pilot.app.failure  # type: ignore[attr-defined]
    assert path.read_bytes() == before


async def test_a_file_that_is_no_database_ends_with_a_sentence(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("x" * 200)
    async with browse(path) as pilot:
        pass
    assert pilot.app.return_code == 2
    assert "is not a SQLite database" in pilot.app.failure  # type: ignore[attr-defined]


async def test_a_long_file_name_is_shortened_in_the_middle(
    memory_file: Path, browse: Browse
) -> None:
    path = memory_file.rename(memory_file.with_name(f"{'long-' * 20}end.db"))
    async with browse(path) as pilot:
        assert "…" in lines(pilot)[0]
        assert "end.db  live ●" in lines(pilot)[0]
        await pilot.resize_terminal(230, 24)
        await settled(pilot)
        assert path.name in lines(pilot)[0]
