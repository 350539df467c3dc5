# ruff: noqa: INP001 - a script, run by `make screenshots`
"""Draw the pictures of this folder anew, from the demo memory and the program itself.

Size, theme, zone and year are fixed, and the demo is made from a fixed seed, so that a picture
changes only when the program or the demo does. Run by `make screenshots`.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from textual.pilot import Pilot

FOLDER = Path(__file__).resolve().parent
WIDE, SMALL = (120, 36), (80, 24)
YEAR = 2026


class Picture(NamedTuple):
    """One picture.

    Attributes:
        name: Its file, without the ending.
        keys: Keys to press from the start.
        typed: What to type after them; the index is complete then.
        record_id: Record to put the cursor on after them; empty for none.
        size: Columns and rows.
        is_light: Whether it shows the light theme.
        then: Keys to press with the cursor there.
    """

    name: str
    keys: Sequence[str]
    record_id: str = ""
    size: tuple[int, int] = WIDE
    is_light: bool = False
    typed: str = ""
    then: Sequence[str] = ()


PICTURES = (
    Picture("interactions", ["2"], "int-2382"),
    Picture("patterns", ["3"], "pat-no-approval"),
    Picture("archive", ["4", "f", *"working", "enter"], "int-0388", is_light=True),
    Picture("world-model", ["5", "f", *"infra", "enter", *"jjjjjj"]),
    Picture("search", ["slash"], typed="deploy without approval on a friday", then=["enter"]),
    Picture("restore-80x24", ["4", "f", *"working", "enter"], "int-0388", SMALL, then=["r"]),
    Picture("interactions-80x24", ["2"], "int-2382", SMALL),
    Picture("search-80x24", ["slash"], size=SMALL, typed="orders-db kind:entity", then=["enter"]),
)


async def draw(memory_file: Path, picture: Picture) -> None:
    """Draw one picture of a memory."""
    from tui.app import MemglassApp
    from tui.memory import Memory
    from tui.theme import LIGHT

    memory = Memory(memory_file)
    app = MemglassApp(memory, start="interactions")
    async with app.run_test(size=picture.size, notifications=True) as pilot:
        await settle(pilot)
        if picture.is_light:
            app.theme = LIGHT.name
        await press(pilot, picture.keys)
        if picture.typed:
            await memory.store.wait_for_index()
            await press(pilot, picture.typed)
            browser = app.get_default_screen()
            browser.index_is(await memory.store.index_status())
            await settle(pilot)
        if picture.record_id:
            await go_to(pilot, memory.store, picture.record_id)
        await press(pilot, picture.then)
        svg = app.export_screenshot(title=f"memglass {memory_file.name}")
    (FOLDER / f"{picture.name}.svg").write_text(svg, encoding="utf-8")


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
    for _ in range(3):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def main() -> None:
    """Make the demo memory and draw all pictures."""
    from tui import moments
    from tui.demo import create_demo

    moments.THIS_YEAR = YEAR
    with tempfile.TemporaryDirectory() as folder:
        memory_file = Path(folder) / "memory.db"
        await create_demo(memory_file)
        for picture in PICTURES:
            await draw(memory_file, picture)
            sys.stdout.write(f"{picture.name}.svg\n")


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parent))
    # The demo happens two hours east of Greenwich; POSIX counts the other way round.
    os.environ["TZ"] = "<+02>-2"
    time.tzset()
    asyncio.run(main())
