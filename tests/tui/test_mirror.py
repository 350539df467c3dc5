"""Mirrors: what is no memory is followed, never written, and stands under its own name."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from storage import SQLiteStore, UnknownSourceError
from tests.storage.importers import sessions
from tests.storage.importers.conftest import SAMPLES
from tests.tui.conftest import fill, lines, press, screen, toasts
from tests.tui.shell_runs import invoke
from tests.tui.waiting import settled
from tui.app import MemglassApp
from tui.config import Config
from tui.memory import Memory
from tui.mirror_wording import mirror_parts, progress_of
from tui.mirroring import Mirroring
from tui.mirrors import Mirror, mirror_of, place_of
from tui.screens.browser import BrowserScreen

MANY = 4_000
"""More than one transaction takes over, where these are as small as `_small_steps` has them."""

WRITER = SAMPLES.parents[1] / "storage" / "importers" / "session_writer.py"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return sessions.make(tmp_path / "agent.db", ["I prefer tabs", "noted"])


@pytest.fixture
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.importers.part_sync._MOST_ITEMS", 1000)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def opened(source: Path) -> Mirroring:
    mirror = mirror_of(source)
    assert mirror is not None
    return Mirroring(mirror, asyncio.Lock())


async def contents(source: Path) -> list[str]:
    """What stands in the mirror of a source, the oldest first."""
    async with SQLiteStore(place_of(source), read_only=True) as store:
        return [each["content"] for each in (await store.get_recent_interactions(2 * MANY))[::-1]]


@asynccontextmanager
async def browse(
    source: Path,
    *,
    size: tuple[int, int] = (80, 24),
    read_only: bool = False,
    config: Config | None = None,
) -> AsyncIterator[Pilot[None]]:
    """Open the program on what a file is, as the command line does."""
    memory = Memory(source, read_only=read_only, why_read_only="it is read-only here.")
    memory.mirrors(mirror_of(source))
    app = MemglassApp(memory, config=config, start="interactions")
    async with app.run_test(size=size, notifications=True) as pilot:
        await settled(pilot)
        yield pilot
    assert app.faults == []


async def look(pilot: Pilot[None]) -> None:
    """Do now what the program does each second."""
    await settled(pilot)
    browser = pilot.app.screen_stack[0]
    assert isinstance(browser, BrowserScreen)
    assert browser._mirror is not None
    browser._mirror.look()
    await settled(pilot)


# What is opened how.


async def test_a_memory_is_opened_in_place_and_a_mark_or_nothing_at_all_too(tmp_path: Path) -> None:
    await fill(tmp_path / "memory.db")
    (tmp_path / "empty.db").touch()
    for name in ("memory.db", "empty.db", "missing.db"):
        assert mirror_of(tmp_path / name) is None
    shutil.copy(SAMPLES.parent / "bicamrl-2.db", tmp_path / "bicamrl.db")
    assert mirror_of(tmp_path / "bicamrl.db") is None


def test_a_mirror_is_kept_by_where_its_source_really_is(source: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(source)
    other = tmp_path / "other" / source.name
    assert place_of(tmp_path / "link") == place_of(source) != place_of(other)
    assert place_of(other).name.startswith("agent.db-")
    assert len(place_of(tmp_path / ("\u6f22" * 80)).name.encode()) < 200


def test_a_folder_of_transcripts_is_one_source_and_one_of_other_files_is_none(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "notes.txt").write_text("nothing known")
    with pytest.raises(UnknownSourceError, match=r"1 file\..*What can be imported: MCP"):
        mirror_of(folder)
    shutil.copy(SAMPLES / "claude-code.jsonl", folder)
    mirror = mirror_of(folder)
    assert mirror is not None
    assert mirror.title == "Claude Code transcripts"


# Following.


async def test_it_is_private_takes_over_what_is_new_and_leaves_the_source_alone(
    source: Path,
) -> None:
    mirroring = opened(source)
    before = digest(source)
    await mirroring.open()
    assert await mirroring.sync()
    assert digest(source) == before
    assert not await mirroring.sync()
    sessions.say(source, "and spaces in YAML")
    assert await mirroring.sync()
    await mirroring.close()
    assert await contents(source) == ["I prefer tabs", "noted", "and spaces in YAML"]
    assert stat.S_IMODE(mirroring.mirror.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(mirroring.mirror.file.parent.stat().st_mode) == 0o700


async def test_two_programs_that_follow_one_source_take_nothing_over_twice(source: Path) -> None:
    sessions.say(source, *(f"turn {number}" for number in range(2500)))
    both = opened(source), opened(source)
    for each in both:
        await each.open()
    for round_ in range(3):
        await asyncio.gather(*(each.sync() for each in both))
        sessions.say(source, f"round {round_}")
    for each in both:
        await each.sync()
        assert each.state == "current"
        await each.close()
    assert sorted(await contents(source)) == sorted(
        ["I prefer tabs", "noted", *(f"turn {n}" for n in range(2500))]
        + [f"round {n}" for n in range(3)]
    )


@pytest.mark.usefixtures("_small_steps")
async def test_it_stops_where_a_person_wants_it_and_goes_on_from_there(source: Path) -> None:
    sessions.say(source, *(f"turn {number}" for number in range(MANY)))
    mirroring = opened(source)
    stops: list[bool] = []
    mirroring.when_told = lambda: stops.append(mirroring.stop())
    await mirroring.open()
    await mirroring.sync()
    assert "F5 goes on" in progress_of(mirroring)
    assert any(stops)
    here = len(await contents(source))
    assert 0 < here < MANY + 2
    assert not await mirroring.sync()

    mirroring.when_told = lambda: None
    mirroring.resume()
    await mirroring.sync()
    await mirroring.close()
    assert mirroring.state == "current"
    assert len(await contents(source)) == MANY + 2


@pytest.mark.usefixtures("_small_steps")
async def test_a_person_who_changes_something_does_not_wait_for_the_source(source: Path) -> None:
    sessions.say(source, *(f"turn {number}" for number in range(MANY)))
    mirroring = opened(source)
    taken: list[asyncio.Task[int]] = []

    async def change() -> int:
        async with mirroring._lock, SQLiteStore(mirroring.mirror.file) as person:
            here = len(await person.get_recent_interactions(2 * MANY))
            await person.archive_interactions(["openai:s:1"], "wrong")
            return here

    def begin() -> None:
        if not taken:
            taken.append(asyncio.create_task(change()))

    mirroring.when_told = begin
    await mirroring.open()
    await mirroring.sync()
    await mirroring.close()
    assert taken[0].result() < MANY + 2
    assert len(await contents(source)) == MANY + 1


# On screen.


async def test_it_says_what_it_mirrors_and_shows_what_another_process_writes(source: Path) -> None:
    before = digest(source)
    async with browse(source) as pilot:
        assert "agent.db  live" in lines(pilot)[0]
        assert "(OpenAI Agents SDK)" in lines(pilot)[1]
        assert "changes stay here  up to date" in lines(pilot)[1]
        assert "I prefer tabs" in screen(pilot)
        assert digest(source) == before
        writing = [sys.executable, str(WRITER), str(source), "wal", "3"]
        done = await asyncio.to_thread(
            subprocess.run, writing, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == "0"
        await look(pilot)
        assert "live 2" in screen(pilot)
        await press(pilot, "g", "a", "4")
        assert "live 2" not in "".join(lines(pilot)[3:12])
    assert "live 2" not in await contents(source)


async def test_a_folder_that_another_process_adds_to_is_followed(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(SAMPLES / "claude-code.jsonl", folder)
    mirroring = opened(folder)
    await mirroring.open()
    assert await mirroring.sync()
    line = json.dumps({
        "type": "user", "uuid": "u-live", "sessionId": "live",
        "timestamp": "2099-01-01T00:00:00.000Z",
        "message": {"role": "user", "content": "written in two parts"},
    })  # fmt: skip
    for part in (line[:50], line[50:] + "\n"):
        append = f"open({str(folder / 'new.jsonl')!r}, 'a').write({part!r})"
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", append], check=True)
        await mirroring.sync()
    await mirroring.close()
    assert (await contents(folder))[-1] == "written in two parts"


async def test_a_source_that_goes_is_told_and_its_mirror_stays(source: Path) -> None:
    async with browse(source) as pilot:
        source.rename(source.with_name("gone"))
        await look(pilot)
        assert "source gone since" in lines(pilot)[1]
        assert "cannot be reached" in toasts(pilot)
        assert "I prefer tabs" in screen(pilot)
    async with browse(source) as pilot:
        assert "read-only" in lines(pilot)[0]
        assert "source gone since" in lines(pilot)[1]
        assert "I prefer tabs" in screen(pilot)
        await press(pilot, "a")
        assert "is not there any more" in toasts(pilot)


async def test_read_only_it_follows_all_the_same(source: Path) -> None:
    async with browse(source, read_only=True) as pilot:
        assert "read-only" in lines(pilot)[0]
        sessions.say(source, "and spaces in YAML")
        await look(pilot)
        assert "and spaces in YAML" in screen(pilot)
        await press(pilot, "a")
        assert "it is read-only here" in toasts(pilot)


@pytest.mark.parametrize("width", [40, 80, 140, 250])
def test_the_line_fits_whatever_the_width_and_the_name(width: int) -> None:
    mirroring = Mirroring(
        Mirror(Path("/somewhere/" + "long" * 60), Path("x"), "OpenAI Agents SDK sessions"),
        asyncio.Lock(),
    )
    mirroring.state = "current"
    left, right = mirror_parts(mirroring, width)
    told = "".join(part.text for part in [*left, *right])
    assert "mirror of" in told
    assert "changes stay" in told
    assert "up to date" in told
    assert len(told) <= max(width, 56)
    assert ("OpenAI Agents SDK" in told) == (width >= 80)


# In a shell.


def test_commands_read_and_change_the_mirror_and_name_the_source(
    source: Path, at_home: None
) -> None:
    before = digest(source)
    found = invoke("search", source, "tabs", "--json")
    assert found.exit_code == 0
    assert "openai:s:1" in found.stdout
    assert (
        f"{source} (OpenAI Agents SDK sessions) is read through its mirror: 2 new" in found.stderr
    )
    done = invoke("archive", source, "--reason", "wrong", "openai:s:1")
    assert done.exit_code == 0
    assert "changes stay in this mirror" in done.stderr
    assert f"memglass undo {source}" in done.stderr
    assert "mirrors" not in done.stderr.replace("this mirror", "")
    assert invoke("mark", source, "now").exit_code == 0
    assert invoke("log", f"{source}@now", "--json").exit_code == 0
    assert digest(source) == before
    source.unlink()
    gone = invoke("search", source, "noted", "--json")
    assert gone.exit_code == 0
    assert "is not there any more; this is its mirror as it was at" in gone.stderr


def test_what_is_of_no_format_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("only words " * 100)
    done = invoke("search", path, "words")
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert (
        "neither a SQLite database nor a file of JSON lines. What can be imported:" in done.stderr
    )
    assert not place_of(path).exists()
