"""What is got ready once the program has settled: in time, and without harm when it is left."""

from __future__ import annotations

import asyncio
import gc
import inspect
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from textual.screen import Screen

import tui.screens
from tests.terminal import ROOT
from tests.tui.conftest import Browse, press, toasts
from tests.tui.waiting import settled
from tui import garbage, readiness
from tui.app import MemglassApp
from tui.garbage import Tidying, collect_rarely, put_off
from tui.memory import Memory
from tui.readiness import DIALOGS, get_ready


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.isenabled(), gc.get_threshold()
    yield
    assert (gc.isenabled(), gc.get_threshold()) == before


async def test_the_first_dialog_finds_its_style_sheet_read(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app._SETTLED_AFTER", 0.01)
    ready = asyncio.Event()

    async def when_settled(app: MemglassApp) -> None:
        await get_ready(app)
        ready.set()

    with put_off():
        async with browse(memory_file, when_settled=when_settled) as pilot:
            await ready.wait()
            assert gc.isenabled()
            await settled(pilot)

            def read_again() -> None:
                raise AssertionError

            monkeypatch.setattr(pilot.app.stylesheet, "reparse", read_again)
            await press(pilot, "f")
            assert len(pilot.app.screen_stack) == 2


def test_every_dialog_has_the_style_sheet_that_is_read_ahead() -> None:
    modules = [
        import_module(f"tui.screens.{each.name}") for each in iter_modules(tui.screens.__path__)
    ]
    found = {
        (Path(inspect.getfile(held)).parent / held.CSS_PATH).resolve()
        for module in modules
        for held in vars(module).values()
        if isinstance(held, type) and issubclass(held, Screen) and isinstance(held.CSS_PATH, str)
    }
    assert found == {DIALOGS}


async def test_a_program_that_is_left_meanwhile_imports_no_more(
    memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app._SETTLED_AFTER", 0.01)
    began, is_left, imported = threading.Event(), threading.Event(), list[str]()

    def slow(name: str) -> object:
        imported.append(name)
        began.set()
        is_left.wait()
        return import_module(name)

    monkeypatch.setattr(readiness, "import_module", slow)
    app = MemglassApp(Memory(memory_file), when_settled=get_ready)
    with put_off():
        async with app.run_test() as pilot:
            await asyncio.to_thread(began.wait)
            pilot.app.exit()
        is_left.set()
    # The thread ends with the loop that began it, which waits for it.
    await asyncio.get_running_loop().shutdown_default_executor()
    assert imported == ["tui.panes"]
    assert app.faults == []
    assert app.failure == ""


async def test_what_cannot_be_made_ready_is_told_and_garbage_is_collected_all_the_same(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.app._SETTLED_AFTER", 0.01)
    followed = asyncio.Event()

    async def follow(_memory: Memory, *, asked: bool) -> None:
        assert not asked
        followed.set()

    def no_such_file(_name: str) -> object:
        raise FileNotFoundError("no such module")

    monkeypatch.setattr(Memory, "follow", follow)
    monkeypatch.setattr(readiness, "import_module", no_such_file)
    with put_off():
        async with browse(memory_file, when_settled=get_ready) as pilot:
            await asyncio.wait_for(followed.wait(), 20)
            assert gc.isenabled()
            assert "That did not work: no such module" in toasts(pilot)


def test_all_modules_can_be_imported_from_a_thread_of_a_bare_process() -> None:
    code = (
        "import sys, threading\nfrom tui.readiness import import_all\n"
        "each = threading.Thread(target=import_all, args=[threading.Event()])\n"
        "each.start(); each.join()\n"
        "sys.exit('tui.screens.merge' not in sys.modules or 'tui.panes.health' not in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_garbage_waits_and_is_then_looked_for_as_before() -> None:
    before = gc.get_threshold()
    with put_off():
        assert not gc.isenabled()
        collect_rarely()
        assert gc.isenabled()
        assert gc.get_threshold() > before
    assert gc.get_threshold() == before


class Ring:
    """What only a collection can free."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_is_collected_once_in_each_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "_DUE", 0)
    with put_off():
        tidying = Tidying()
        first = weakref.ref(Ring())
        tidying.rest(100.0, 109.0)
        assert first() is not None
        tidying.rest(100.0, 110.0)
        assert first() is None
        second = weakref.ref(Ring())
        tidying.rest(100.0, 200.0)
        assert second() is not None
        tidying.rest(200.0, 210.0)
        assert second() is None


def test_a_rest_after_which_there_is_little_to_collect_is_left_alone() -> None:
    with put_off():
        gc.collect()
        ring = weakref.ref(Ring())
        Tidying().rest(100.0, 200.0)
        assert ring() is not None
