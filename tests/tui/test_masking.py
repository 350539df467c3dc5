"""Secrets are masked on screen where that is wanted, and in pictures always."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.tui.conftest import Browse, press, screen, toasts
from tui.config import Config
from tui.text import beginning, hide_secrets, named_value, safe_text

GITHUB = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    hide_secrets(False)


@pytest.fixture
async def secretive(memory_file: Path) -> Path:
    async with SQLiteStore(memory_file) as store:
        await store.update_interaction(
            "int-0029", content=f"use {GITHUB}", details={"password": "hunter2", "port": 1}
        )
    return memory_file


def test_the_door_masks_only_when_it_is_told_to() -> None:
    assert safe_text(GITHUB) == GITHUB
    assert named_value("password", "hunter2") == "hunter2"
    hide_secrets(True)
    assert safe_text(GITHUB) == "[masked GitHub token]"
    assert named_value("password", "hunter2") == "[masked password]"
    assert named_value("role", "user") == "user"


def test_where_the_door_cuts_a_text_no_beginning_of_a_secret_is_left() -> None:
    hide_secrets(True)
    text = f"{'x ' * 10}{GITHUB}"
    for limit in range(24, len(text)):
        assert "a1B2" not in safe_text(text, limit)
        assert "a1B2" not in beginning(text, limit)
    assert "[masked" in safe_text(f"{'x ' * 140}{GITHUB}"[:300])


async def test_secrets_are_masked_and_shown_again_with_one_key(
    secretive: Path, browse: Browse
) -> None:
    async with browse(secretive, size=(120, 40)) as pilot:
        assert GITHUB[:20] in screen(pilot)
        await press(pilot, "v", "v")
        assert "hunter2" in screen(pilot)
        await press(pilot, "X")
        assert "are masked on screen and in what y copies" in toasts(pilot)
        assert "[masked GitHub token]" in screen(pilot)
        # Fields, session, JSON and raw; each in its turn.
        for _ in range(6):
            assert GITHUB[:8] not in screen(pilot)
            assert "hunter2" not in screen(pilot)
            await press(pilot, "v")
        await press(pilot, "X")
        assert GITHUB[:20] in screen(pilot)


async def test_a_person_can_configure_that_secrets_are_masked(
    secretive: Path, browse: Browse
) -> None:
    async with browse(secretive, config=Config(mask_secrets=True)) as pilot:
        assert GITHUB[:8] not in screen(pilot)


async def test_a_picture_holds_no_secret_though_the_screen_does(
    secretive: Path, browse: Browse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with browse(secretive, size=(120, 40)) as pilot:
        await press(pilot, "v", "v", "P")
        assert GITHUB[:20] in screen(pilot)
        assert "hunter2" in screen(pilot)
        assert "secrets masked" in toasts(pilot)
    path = tmp_path / "memglass-interactions.svg"
    picture = path.read_text()
    assert "masked" in picture
    assert GITHUB[:8] not in picture
    assert "hunter2" not in picture
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_picture_asks_no_other_machine_for_anything(
    memory_file: Path, browse: Browse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with browse(memory_file) as pilot:
        await press(pilot, "P")
    picture = (tmp_path / "memglass-interactions.svg").read_text()
    assert "font-family" in picture
    assert [each for each in re.findall(r"url\((.)", picture) if each != "#"] == []
    assert "href" not in picture
    assert "@import" not in picture


async def test_a_picture_of_the_overview_holds_no_secret_either(
    memory_file: Path, browse: Browse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with SQLiteStore(memory_file) as store:
        await store.update_pattern("pat-3", pattern_type=GITHUB, confidence=0.8)
    async with browse(memory_file, start="overview", size=(120, 60)) as pilot:
        assert GITHUB[:16] in screen(pilot)
        await press(pilot, "P")
        assert "secrets masked" in toasts(pilot)
        assert GITHUB[:16] in screen(pilot)
    picture = (tmp_path / "memglass-overview.svg").read_text()
    assert "[masked" in picture
    assert "Archive" in picture
    assert GITHUB[:8] not in picture
