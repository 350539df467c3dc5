"""How fast the program is, in a pseudo-terminal, against a Textual program that shows nothing.

    python benchmarks/tui.py [--rows 1000000] [--runs 15] [--others FOLDER]

Start-up is a ratio of medians of one run, the two programs in turns. What a key costs is the
processor time of all threads, less what the same key costs a Textual program that turns pages of
lines that are drawn already, since Textual puts them on screen for both; in turns, too.
`--others` names the `bin` folder of an environment with sqlit-tui, harlequin, visidata or litecli,
whose figures then stand beside ours.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
# Beside this file is one that is called `storage` too.
sys.path[0] = str(ROOT)

from benchmarks._bench import Figure, table  # noqa: E402
from benchmarks._rivals import rivals  # noqa: E402
from benchmarks._terminal import Terminal  # noqa: E402

_NOTHING: Final = "from textual.app import App\nApp().run()\n"
_LINES: Final = """
from rich.segment import Segment
from textual.app import App
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

class Lines(ScrollView, can_focus=True):
    BINDINGS = [("G", "scroll_end"), ("g", "scroll_home")]
    def on_mount(self):
        self.virtual_size = Size(self.size.width, 1_000_000)
    def render_line(self, y):
        index = self.scroll_offset.y + y
        return Strip([Segment(f"look at the ledger, turn {index:07}, and mend it".ljust(99))], 99)
    def action_scroll_end(self):
        self.scroll_to(y=self.max_scroll_y, animate=False)
    def action_scroll_home(self):
        self.scroll_to(y=0, animate=False)
    def action_page_down(self):
        self.scroll_to(y=self.scroll_offset.y + self.size.height, animate=False)

class Program(App):
    def compose(self):
        yield Lines()
Program().run()
"""
# The first frame begins in the top left corner, and nothing goes there before.
_PAINTED: Final = "\x1b\\[1;1H"
_FIRST_ROW: Final = "the ledger, turn 0000001"
_PAGE_DOWN, _TO_THE_END, _TO_THE_START = b"\x1b[6~", b"G", b"g"
_START, _PAGE_MS, _END_MS, _MIB = 1.8, 5.0, 20.0, 120.0
_PAGES: Final = 60
_AT_ONCE: Final = 10
_JUMPS: Final = 15


def interactions(count: int) -> Iterator[dict[str, Any]]:
    """Make so many interactions, a minute apart; the newest is turn 1."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(count):
        yield {
            "interaction_id": f"int-{number:07}",
            "timestamp": start + timedelta(minutes=number),
            "session_id": f"s-{number // 50}",
            "action": ("edit_file", "run_tests", "deploy", "chat")[number % 4],
            "role": ("user", "agent")[number % 2],
            "content": f"look at the ledger, turn {count - number:07}, and mend what is broken",
            "details": {"tool": "pytest", "number": number, "arguments": ["-q", "-x"]},
        }


async def make(path: Path, count: int) -> None:
    """Make a memory with so many interactions, through the store."""
    from storage import SQLiteStore

    async with SQLiteStore(path) as store:
        await store.add_interactions(interactions(count))


def nothing() -> Terminal:
    """A Textual program that shows nothing."""
    return Terminal([sys.executable, "-c", _NOTHING])


def start_up(program: list[str], folder: Path, rows: int, runs: int) -> list[Figure]:
    """Compare the time until the panes that matter show what is in the memory.

    The programs run in turns, and the folder gets a configuration for each pane.
    """
    awaited = {"interactions": _FIRST_ROW, "overview": f"{rows:,} interactions"}
    settings = {pane: begin_with(pane, folder) for pane in awaited}
    for pane, text in awaited.items():
        with Terminal(program, settings[pane]) as ours:
            ours.seconds_until(text)  # compiles what is not compiled yet
    taken: dict[str, list[float]] = {name: [] for name in ("", *awaited)}
    for _ in range(runs):
        with nothing() as base:
            taken[""].append(base.seconds_until(_PAINTED))
        for pane, text in awaited.items():
            with Terminal(program, settings[pane]) as ours:
                taken[pane].append(ours.seconds_until(text))
    empty = statistics.median(taken.pop(""))
    return [_start(pane, statistics.median(times), empty) for pane, times in taken.items()]


def begin_with(pane: str, folder: Path) -> dict[str, str]:
    """Write a configuration that begins with a pane; return the environment that names it."""
    config = folder / f"{pane}.toml"
    config.write_text(f'start = "{pane}"\n', encoding="utf-8")
    return {"MEMGLASS_CONFIG": str(config), "MEMGLASS_STATE": str(folder)}


def _start(pane: str, shown: float, empty: float) -> Figure:
    told = f"{shown / empty:.2f} x a program that shows nothing ({shown * 1e3:.0f} ms"
    told += f" against {empty * 1e3:.0f} ms)"
    return Figure(f"(a) {pane} on screen", told, f"<= {_START}", shown / empty <= _START)


class Costs(NamedTuple):
    """What keys cost one program.

    Attributes:
        work: Milliseconds of processor time of each.
        waits: Milliseconds until it was quiet again.
    """

    work: list[float]
    waits: list[float]


def in_turns(base: Terminal, ours: Terminal, keys: list[bytes], rounds: int) -> tuple[Costs, Costs]:
    """Press the same keys in both programs, in turns; return what they cost the one and the other.

    What else the machine does comes and goes within seconds, and so reaches both.
    """
    costs = Costs([], []), Costs([], [])
    for _ in range(rounds):
        for terminal, (work, waits) in zip((base, ours), costs, strict=True):
            for key in keys:
                before = terminal.processor_seconds()
                _, waited = terminal.press(key)
                work.append((terminal.processor_seconds() - before) * 1e3)
                waits.append(waited * 1e3)
    return costs


def keys(program: list[str], folder: Path, rows: int) -> list[Figure]:
    """Measure what turning a page and jumping to the end cost, and what is resident then."""
    lines = Terminal([sys.executable, "-c", _LINES])
    with lines as base, Terminal(program, begin_with("interactions", folder)) as ours:
        base.settle()
        ours.seconds_until(_FIRST_ROW)
        ours.settle()
        pages = in_turns(base, ours, [_PAGE_DOWN] * _AT_ONCE, _PAGES // _AT_ONCE)
        figures = [_figure("(b) page down", *pages, _PAGE_MS), _shown(ours.press(_PAGE_DOWN)[0])]
        jumps = in_turns(base, ours, [_TO_THE_END, _TO_THE_START], _JUMPS)
        theirs, own = (Costs(each.work[::2], each.waits[::2]) for each in jumps)
        figures.append(_figure("(c) jump to the end", theirs, own, _END_MS))
        written, _ = ours.press(_TO_THE_END)
        last = f"turn {rows:07}".encode() in written
        figures.append(Figure("(c) the last row is on screen then", str(last), "True", last))
        held = ours.resident_mib()
    resident = Figure("(d) resident", f"{held:.0f} MiB", f"<= {_MIB:.0f} MiB", held <= _MIB)
    return [*figures, resident]


def _figure(name: str, base: Costs, ours: Costs, most: float) -> Figure:
    textuals = statistics.median(base.work)
    own = statistics.median(ours.work) - textuals
    told = f"{own:.1f} ms of our own work beside {textuals:.1f} of Textual's,"
    told += f" quiet after {statistics.median(ours.waits):.0f} ms"
    return Figure(f"{name}, median of {len(ours.work)}", told, f"< {most:.0f} ms", own < most)


def _shown(written: bytes) -> Figure:
    """Say whether the rows of a page follow one another: one that is stale would not."""
    found = sorted({int(number) for number in re.findall(rb"turn (\d{7})", written)})
    whole = bool(found) and found[-1] - found[0] == len(found) - 1
    return Figure("(b) rows of the page follow one another", str(whole), "True", whole)


def main() -> None:
    """Measure, and print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000, help="interactions in the memory")
    options.add_argument("--runs", type=int, default=15, help="starts of each program")
    options.add_argument("--others", type=Path, help="the bin folder that has other programs")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        memory = Path(folder) / "memory.db"
        asyncio.run(make(memory, chosen.rows))
        program = [sys.executable, "-m", "tui.cli", str(memory)]
        figures = start_up(program, Path(folder), chosen.rows, chosen.runs)
        figures += keys(program, Path(folder), chosen.rows)
        if chosen.others:
            figures += rivals(chosen.others, memory)
    print(f"{chosen.rows:,} interactions, {sys.platform}, Python {sys.version.split()[0]}\n")
    print(table(figures))


if __name__ == "__main__":
    main()
