"""What was changed in a mirror and differs from its source: looked for, marked and explained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from storage import Divergence, SQLiteStore
from tests.storage.importers import sessions
from tests.storage.importers.conftest import SAMPLES
from tests.tui.conftest import fill, lines, press, screen, toasts
from tests.tui.shell_runs import invoke
from tests.tui.test_mirror import browse, look, opened
from tests.tui.waiting import settled
from tui.config import Config
from tui.memory import Memory
from tui.mirroring import Mirroring
from tui.mirrors import place_of
from tui.screens.browser import BrowserScreen
from tui.screens.diverged import DivergedScreen
from tui.screens.lost import begin_reopen

SELDOM = Config(looks_every=1000.0)
"""So that whatever is seen, was looked for where the test says so."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return sessions.make(tmp_path / "agent.db", ["I prefer tabs", "noted"])


async def test_what_was_changed_here_is_marked_and_explained(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied: list[str] = []

    async def copy(text: str, _through_terminal: object, *, in_browser: bool) -> str:
        assert not in_browser
        copied.append(text)
        return "somewhere"

    monkeypatch.setattr("tui.clipboard.copy", copy)
    async with browse(source, size=(100, 30)) as pilot:
        await press(pilot, "equals_sign")
        assert "Nothing here was changed by hand" in toasts(pilot)
        await press(pilot, "a", "4", "4")
        await look(pilot)
        shown = screen(pilot)
        assert "≠ 1" in lines(pilot)[1]
        assert any(line.startswith("▸ ≠") for line in lines(pilot))
        assert "≠ archived here as" in shown
        assert "still has it" in shown
        await press(pilot, "equals_sign")
        shown = screen(pilot)
        assert "is only read: this changes nothing there" in shown
        assert "from agents import SQLiteSession" in shown
        assert "items.remove({" in shown
        await press(pilot, "y")
        assert copied[0].startswith("from agents import SQLiteSession")
        await press(pilot, "2", "equals_sign", "enter")
        assert "4 Archive]" in lines(pilot)[0]
        assert "items.remove({" in screen(pilot)
        await press(pilot, "escape", "u")
        await look(pilot)
        assert "≠" not in screen(pilot)


async def test_what_differs_is_a_lead_a_line_in_health_and_a_filter(source: Path) -> None:
    sessions.say(source, "a third turn")
    async with browse(source, size=(120, 40)) as pilot:
        async with SQLiteStore(place_of(source), actor="person") as other:
            await other.update_interaction("openai:s:1", content="I prefer spaces")
            await other.archive_interactions(["openai:s:2"], "wrong")
        pilot.app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        await press(pilot, "f", "=differs")
        assert "differs:source  1 record, changed here" in screen(pilot)
        await press(pilot, "enter")
        assert "differs:source" in lines(pilot)[2]
        assert "1 of 2" in lines(pilot)[2]
        await press(pilot, "4", "f", "=differs", "enter")
        assert "1 of 1" in lines(pilot)[2]
        await press(pilot, "7")
        assert "\u2260 2 differ from the source" in lines(pilot)[2]
        await press(pilot, "1")
        assert "2 records differ from their source" in lines(pilot)[4]
        await press(pilot, "enter")
        assert "4 Archive]" in lines(pilot)[0]
        await press(pilot, "equals_sign")
        assert "is only read: this changes nothing there" in screen(pilot)


async def test_a_world_model_that_was_changed_here_is_filtered_by_its_domain(
    tmp_path: Path,
) -> None:
    source = Path(shutil.copy(SAMPLES / "mcp-memory.jsonl", tmp_path))
    mirroring = opened(source)
    await mirroring.open()
    assert await mirroring.sync(follows=False)
    await mirroring.close()
    async with SQLiteStore(mirroring.mirror.file, actor="person") as store:
        for domain in ("memory", "own"):
            await store.add_world_model_state({"domain": domain, "entities": [{"name": "mine"}]})
    async with browse(source, size=(120, 40)) as pilot:
        await press(pilot, "5", "f", "=differs", "enter")
        assert "differs:source" in lines(pilot)[2]
        assert "1 of 2" in lines(pilot)[2]


async def test_where_many_differ_the_one_chosen_has_a_sign_and_the_title_says_how_many_are_listed(
    source: Path,
) -> None:
    many = [
        Divergence("interaction", f"openai:s:{number}", source, "openai", f"s:{number}", "edited")
        for number in range(1001)
    ]
    async with browse(source, size=(80, 24)) as pilot:
        for shown, title in (
            (many[:2], "≠ 2 records changed here"),
            (many, "≠ the first 1,000 of 1,001 changed here, other than in the source"),
        ):
            pilot.app.push_screen(DivergedScreen(shown))
            await settled(pilot)
            assert title in screen(pilot)
            await press(pilot, "down")
            [chosen] = [line for line in lines(pilot) if "▸" in line and "openai" in line]
            assert "openai:s:1 " in chosen
            await press(pilot, "escape")


async def test_what_another_program_changes_in_a_mirror_is_looked_at_once_and_marked(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.mirror_watch.EVERY", 1000.0)
    looks: list[str] = []
    look_for_file = Memory.look_for_file

    async def counted(memory: Memory) -> str:
        looks.append(lost := await look_for_file(memory))
        return lost

    async with browse(source, size=(100, 30), config=SELDOM) as pilot:
        browser = pilot.app.screen
        assert isinstance(browser, BrowserScreen)
        async with SQLiteStore(place_of(source), actor="person") as other:
            await other.update_interaction("openai:s:1", content="I prefer spaces")
        monkeypatch.setattr(Memory, "look_for_file", counted)
        browser.look()
        await settled(pilot)
        assert "I prefer spaces" in screen(pilot)
        assert "≠ 1" in lines(pilot)[1]
        assert looks == [""]


async def test_what_differs_from_the_source_is_looked_for_once_at_each_opening(
    source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.screens.mirror_watch.EVERY", 1000.0)
    async with browse(source) as pilot:
        await press(pilot, "a", "4")
    looks: list[int] = []
    look_for_diverged = Mirroring.look_for_diverged

    async def counted(mirroring: Mirroring) -> None:
        await look_for_diverged(mirroring)
        looks.append(len(mirroring.diverged))

    monkeypatch.setattr(Mirroring, "look_for_diverged", counted)
    async with browse(source, config=SELDOM) as pilot:
        browser = pilot.app.screen
        assert isinstance(browser, BrowserScreen)
        assert "≠ 1" in lines(pilot)[1]
        assert looks == [1]
        begin_reopen(browser)
        await settled(pilot)
        assert "≠ 1" in lines(pilot)[1]
        assert looks == [1, 1]


async def test_in_a_memory_itself_there_is_no_source_to_ask(tmp_path: Path) -> None:
    await fill(tmp_path / "memory.db")
    async with browse(tmp_path / "memory.db") as pilot:
        await press(pilot, "equals_sign")
        assert "no mirror" in toasts(pilot)
        assert "mirror of" not in screen(pilot)


def test_a_shell_prints_how_to_change_the_source(source: Path, at_home: None) -> None:
    assert invoke("diverged", source).exit_code == 1
    assert invoke("archive", source, "--reason", "wrong", "openai:s:1").exit_code == 0
    told = invoke("diverged", source)
    assert told.exit_code == 0
    assert f"session = SQLiteSession('s', '{source}')" in told.stdout.splitlines()
    [line] = invoke("diverged", source, "--json").stdout.splitlines()
    assert json.loads(line)["how"] == "archived"
    assert "items.remove" in json.loads(line)["code"]
    assert invoke("diverged", source, "openai:s:2").exit_code == 1
    link = invoke("show", f"{source}#interaction:openai:s:2")
    assert link.exit_code == 0
    assert "noted" in link.stdout
