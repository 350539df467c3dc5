# ruff: noqa: INP001 - a script, run by `make screenshots`
"""Draw the pictures of this folder anew, from the demo memory and the program itself.

Size, theme, zone and year are fixed, and the demo is made from a fixed seed, so that a picture
changes only when the program or the demo does; a test says so. Run by `make screenshots`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import foreign

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tui.memory import Memory

FOLDER = Path(__file__).resolve().parent
WIDE, SMALL, HUGE, LARGE = (120, 36), (80, 24), (250, 70), (140, 40)
YEAR = 2026


class Picture(NamedTuple):
    """One picture.

    Attributes:
        name: Its file, without the ending.
        keys: Keys to press from the start, which is in the overview.
        typed: What to type after them.
        record_id: Record to put the cursor on after them; empty for none.
        size: Columns and rows.
        theme: The end of the name of one of our themes.
        then: Keys to press with the cursor there.
        is_mirror: Whether it is of the mirror of another agent's memory, and not of the demo.
    """

    name: str
    keys: Sequence[str] = ()
    record_id: str = ""
    size: tuple[int, int] = WIDE
    theme: str = "dark"
    typed: str = ""
    then: Sequence[str] = ()
    is_mirror: bool = False


_BURIED = ["4", "f", *"working", "enter"]

# Those of one size and theme are drawn in one program, in this order: what each shows must not
# depend on the one before.
PICTURES = (
    Picture("overview"),
    Picture("search", ["slash"], typed="deploy without approval on a friday", then=["enter"]),
    Picture("interactions", ["2"], "int-2382"),
    Picture("hostile", ["2"], "int-0500"),
    Picture("help", ["3", "question_mark"]),
    Picture("patterns", ["3"], "pat-no-approval"),
    Picture("merge", ["3"], "pat-prefers-tabs", then=["M"]),
    Picture("why", ["3"], "pat-no-approval", then=["w"]),
    Picture("world-model", ["5", *["left_square_bracket"] * 6]),
    Picture("runs", ["8", "o", "down"]),
    Picture("health", ["7", "down"]),
    Picture("overview-80x24", size=SMALL),
    Picture("search-80x24", ["slash"], size=SMALL, typed="orders-db kind:entity", then=["enter"]),
    Picture("interactions-80x24", ["2"], "int-2382", SMALL),
    Picture("restore-80x24", _BURIED, "int-0388", SMALL, then=["r"]),
    Picture("world-model-80x24", ["5"], size=SMALL),
    Picture("repair-80x24", ["7", "down"], size=SMALL, then=["R"]),
    Picture("overview-250x70", size=HUGE, theme="light"),
    Picture("archive", _BURIED, "int-0388", theme="light"),
    Picture("world-model-light", ["5", "S"], theme="light"),
    Picture("interactions-contrast", ["2"], "int-2382", theme="contrast"),
    Picture("mirror", ["3"], foreign.WRONG, LARGE, then=["equals_sign"], is_mirror=True),
)


def sittings(*names: str) -> list[list[Picture]]:
    """Sort pictures by what can be drawn in one program; all if none is named."""
    found: dict[tuple[Any, str, bool], list[Picture]] = {}
    for picture in PICTURES:
        if not names or picture.name in names:
            alike = (picture.size, picture.theme, picture.is_mirror)
            found.setdefault(alike, []).append(picture)
    return list(found.values())


async def draw(memory_file: Path, pictures: Sequence[Picture]) -> dict[str, str]:
    """Draw pictures of one size and theme, of a first visit to a memory; gives an SVG by name."""
    from tui.app import MemglassApp
    from tui.config import Config
    from tui.memory import Memory
    from tui.picture import picture_of

    os.environ["MEMGLASS_STATE"] = str(memory_file.parent / pictures[0].name)
    memory = mirror() if pictures[0].is_mirror else Memory(memory_file)
    app = MemglassApp(memory, config=Config(looks_every=3600.0), start="overview")
    made = {}
    async with app.run_test(size=pictures[0].size, notifications=True) as pilot:
        app.theme = f"memglass-{pictures[0].theme}"
        await settle(pilot)
        # Some leads are found by the index: how far it is must not be a matter of chance.
        await memory.follow()
        app.get_default_screen().index_is(await memory.store.wait_for_index())
        await settle(pilot)
        if pictures[0].is_mirror:
            await foreign.correct(memory.store)
            app.get_default_screen().look()
            await settle(pilot)
        for picture in pictures:
            await set_up(pilot, picture)
            # What is said for a few seconds says nothing about the program.
            app.clear_notifications()
            await settle(pilot)
            made[picture.name] = picture_of(app, f"memglass {memory.named.name}")
            while len(app.screen_stack) > 1:
                await press(pilot, ["escape"])
    return made


def mirror() -> Memory:
    """Give the mirror of another agent's memory."""
    from tui.memory import Memory
    from tui.mirrors import mirror_of

    # In the folder that one is in, because each time it has another name.
    source = Path(foreign.NAME)
    foreign.make(source)
    memory = Memory(source)
    memory.mirrors(mirror_of(source))
    return memory


async def set_up(pilot: Pilot[Any], picture: Picture) -> None:
    """Bring on screen what a picture shows."""
    await press(pilot, picture.keys)
    if picture.typed:
        await pilot.press(*picture.typed)
        await settle(pilot)
    if picture.record_id:
        await go_to(pilot, picture.record_id)
    await press(pilot, picture.then)


async def go_to(pilot: Pilot[Any], record_id: str) -> None:
    """Put the cursor of the pane on a record.

    Raises:
        LookupError: The list does not hold it.
    """
    from tui.sources import summaries
    from tui.widgets.line_table import LineTable

    table = next(each for each in pilot.app.query(LineTable) if each.has_focus)
    store = pilot.app.get_default_screen().memory.store
    # How far the list is scrolled must not depend on the picture before.
    table.cursor = 0
    for start in range(0, len(table.keys), 1000):
        rows = await summaries(store, table.keys[start : start + 1000])
        for offset, row in enumerate(rows):
            if row and record_id in (row.get("interaction_id"), row.get("record_id")):
                table.cursor = start + offset
                await settle(pilot)
                return
    raise LookupError(f"{record_id} is not in the list.")


async def press(pilot: Pilot[Any], keys: Sequence[str]) -> None:
    """Press keys, each when the one before has done its work."""
    for key in keys:
        await pilot.press(key)
        await settle(pilot)


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until everything that was asked for is on screen."""
    from textual.worker import WorkerCancelled

    for _ in range(3):
        await pilot.pause()
        while not all(worker.is_finished for worker in pilot.app.workers):
            with contextlib.suppress(WorkerCancelled):
                await pilot.app.workers.wait_for_complete()
    await pilot.pause()


@contextlib.contextmanager
def stage() -> Iterator[Path]:
    """Give the demo memory, in its own time and with nothing remembered of earlier visits."""
    from tui import moments
    from tui.demo import create_demo

    # The demo happens two hours east of Greenwich; POSIX counts the other way round.
    settings = {"TZ": "<+02>-2"}
    own = ("MEMGLASS_STATE", "XDG_DATA_HOME")
    before = {name: os.environ.get(name) for name in (*settings, *own)}
    year, moments.THIS_YEAR = moments.THIS_YEAR, YEAR
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        os.environ.update(settings, **dict.fromkeys(own, folder))
        time.tzset()
        moments.local.cache_clear()
        memory_file = Path(folder) / "memory.db"
        try:
            asyncio.run(create_demo(memory_file))
            yield memory_file
        finally:
            moments.THIS_YEAR = year
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
            time.tzset()
            moments.local.cache_clear()


def main() -> None:
    """Draw all pictures, or those that are named."""
    with stage() as memory_file:
        for pictures in sittings(*sys.argv[1:]):
            for name, svg in asyncio.run(draw(memory_file, pictures)).items():
                (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
                sys.stdout.write(f"{name}.svg\n")


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parent))
    main()
