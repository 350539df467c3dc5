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

if TYPE_CHECKING:
    from textual.pilot import Pilot

FOLDER = Path(__file__).resolve().parent
WIDE, SMALL, HUGE = (120, 36), (80, 24), (250, 70)
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
    """

    name: str
    keys: Sequence[str] = ()
    record_id: str = ""
    size: tuple[int, int] = WIDE
    theme: str = "dark"
    typed: str = ""
    then: Sequence[str] = ()


_BURIED = ["4", "f", *"working", "enter"]

PICTURES = (
    Picture("overview"),
    Picture("overview-80x24", size=SMALL),
    Picture("overview-250x70", size=HUGE, theme="light"),
    Picture("interactions", ["2"], "int-2382"),
    Picture("interactions-80x24", ["2"], "int-2382", SMALL),
    Picture("interactions-contrast", ["2"], "int-2382", theme="contrast"),
    Picture("hostile", ["2"], "int-0500"),
    Picture("patterns", ["3"], "pat-no-approval"),
    Picture("why", ["3"], "pat-no-approval", then=["w"]),
    Picture("merge", ["3"], "pat-prefers-tabs", then=["M"]),
    Picture("archive", _BURIED, "int-0388", theme="light"),
    Picture("restore-80x24", _BURIED, "int-0388", SMALL, then=["r"]),
    Picture("world-model", ["5", *["left_square_bracket"] * 6]),
    Picture("world-model-light", ["5", "S"], theme="light"),
    Picture("world-model-80x24", ["5"], size=SMALL),
    Picture("search", ["slash"], typed="deploy without approval on a friday", then=["enter"]),
    Picture("search-80x24", ["slash"], size=SMALL, typed="orders-db kind:entity", then=["enter"]),
    Picture("health", ["7", "down"]),
    Picture("repair-80x24", ["7", "down"], size=SMALL, then=["R"]),
    Picture("runs", ["8", "o", "down"]),
    Picture("help", ["3", "question_mark"]),
)


async def draw(memory_file: Path, picture: Picture) -> str:
    """Draw one picture of a memory; gives the SVG."""
    from tui.app import MemglassApp
    from tui.config import Config
    from tui.memory import Memory

    memory = Memory(memory_file)
    app = MemglassApp(memory, config=Config(looks_every=3600.0), start="overview")
    async with app.run_test(size=picture.size, notifications=True) as pilot:
        app.theme = f"memglass-{picture.theme}"
        await settle(pilot)
        # Some leads are found by the index: how far it is must not be a matter of chance.
        await memory.follow()
        app.get_default_screen().index_is(await memory.store.wait_for_index())
        await settle(pilot)
        await press(pilot, picture.keys)
        await press(pilot, picture.typed)
        if picture.record_id:
            await go_to(pilot, memory.store, picture.record_id)
        await press(pilot, picture.then)
        # What is said for a few seconds says nothing about the program.
        app.clear_notifications()
        await settle(pilot)
        return app.export_screenshot(title=f"memglass {memory_file.name}")


async def go_to(pilot: Pilot[Any], store: Any, record_id: str) -> None:
    """Put the cursor of the pane on a record.

    Raises:
        LookupError: The list does not hold it.
    """
    from tui.sources import summaries
    from tui.widgets.line_table import LineTable

    table = next(each for each in pilot.app.query(LineTable) if each.has_focus)
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
    """Give an empty folder, with the time of the demo and nothing remembered of earlier visits."""
    from tui import moments

    # The demo happens two hours east of Greenwich; POSIX counts the other way round.
    settings = {"TZ": "<+02>-2"}
    before = {name: os.environ.get(name) for name in (*settings, "MEMGLASS_STATE")}
    year, moments.THIS_YEAR = moments.THIS_YEAR, YEAR
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(settings, MEMGLASS_STATE=folder)
        time.tzset()
        try:
            yield Path(folder)
        finally:
            moments.THIS_YEAR = year
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value
            time.tzset()


async def drawn(folder: Path, *names: str) -> dict[str, str]:
    """Make the demo memory in a folder and draw pictures of it; all if none is named."""
    from tui.demo import create_demo

    memory_file = folder / "memory.db"
    await create_demo(memory_file)
    made = {}
    for picture in PICTURES:
        if not names or picture.name in names:
            # Each picture is of a first visit.
            os.environ["MEMGLASS_STATE"] = f"{folder}/{picture.name}"
            made[picture.name] = await draw(memory_file, picture)
    return made


def main() -> None:
    """Draw all pictures, or those that are named."""
    with stage() as folder:
        for name, svg in asyncio.run(drawn(folder, *sys.argv[1:])).items():
            (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
            sys.stdout.write(f"{name}.svg\n")


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parent))
    main()
