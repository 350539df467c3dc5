"""The same file in other programs: when their frame stands, what they hold, what keys cost.

They are measured where an environment has them; what cannot be started is said, not left out. Most
show no rows before they are asked for some, and then as many as they are asked for, not all.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks._bench import Figure
from benchmarks._terminal import Terminal

_RUNS: Final = 5
_IDLE: Final = 0.1
_PAGES: Final = 20
# Bytes: some programs write only the figures that differ, but those of a whole page.
_A_PAGE: Final = 200
_PAGE_DOWN: Final = b"\x1b[6~"
_ASK: Final = b"select interaction_id, content from interactions limit 2000;"
_ROWS: Final = re.compile(rb"(?:int-|turn )\d{7}")


class Rival(NamedTuple):
    """Another program.

    Attributes:
        name: Its command.
        arguments: What follows the command; `{}` is the file.
        frame: A pattern of its first frame.
        keys: What to press once its frame stands, each when the one before is done, so that it
            shows rows.
        end: The key that goes to the last row; empty where there is no list to move in.
    """

    name: str
    arguments: Sequence[str]
    frame: str
    keys: Sequence[bytes]
    end: bytes = b""


_PLACED: Final = r"\x1b\[\d+;\d+H"
RIVALS: Final = (
    Rival(
        *("sqlit", ("connect", "sqlite", "--file-path", "{}"), _PLACED),
        *((b"q", b"i", _ASK, b"\x1b", b"\r", b"r"), b"G"),
    ),
    Rival("harlequin", ("-a", "sqlite", "{}"), _PLACED, (_ASK, b"\n"), b"\x1b[1;5F"),
    Rival("vd", ("{}",), _PLACED, (b"/^interactions\r", b"\r"), b"G"),
    Rival("litecli", ("{}",), r"\.db>", (_ASK, b"\r")),
)


def rivals(folder: Path, memory: Path) -> list[Figure]:
    """Measure every program that the folder has."""
    return [figure for rival in RIVALS for figure in _measure(rival, folder, memory)]


def _measure(rival: Rival, folder: Path, memory: Path) -> list[Figure]:
    program = folder / rival.name
    if not program.exists():
        return [Figure(f"({rival.name})", "is not in that folder")]
    argv = [str(program), *(each.format(memory) for each in rival.arguments)]
    frames = []
    with tempfile.TemporaryDirectory() as home:
        # What a person configured would be another program.
        settings = {"HOME": home, "XDG_CONFIG_HOME": home, "XDG_CACHE_HOME": home}
        for run in range(_RUNS):
            with Terminal(argv, settings) as terminal:
                try:
                    frames.append(terminal.seconds_until(rival.frame))
                except TimeoutError as error:
                    return [Figure(f"({rival.name})", f"shows no frame: {error}"[:120])]
                if run == _RUNS - 1:
                    held = _held(terminal, rival)
    return [
        Figure(f"({rival.name})", f"frame after {statistics.median(frames) * 1e3:.0f} ms; {held}")
    ]


def _held(terminal: Terminal, rival: Rival) -> str:
    """Tell what it holds with its frame alone and with rows, and what keys cost then."""
    written = terminal.settle()
    before = terminal.resident_mib()
    shown = "with rows at once" if _ROWS.search(written) else f"without rows, {before:.0f} MiB"
    written = b"".join(terminal.press(keys)[0] + terminal.settle() for keys in rival.keys)
    if not _ROWS.search(written):
        return f"{shown}; shows none when asked"
    _let_load(terminal)
    told = f"{shown}; with rows {terminal.resident_mib():.0f} MiB"
    if not rival.end:
        return told
    pages = [_cost(terminal, _PAGE_DOWN) for _ in range(_PAGES)]
    if sum(moved for _, moved in pages) < _PAGES // 2:
        return f"{told}; pages cannot be turned there"
    page = statistics.median(cost for cost, _ in pages)
    return (
        f"{told}; page down {page:.1f} ms, jump to the end {_cost(terminal, rival.end)[0]:.1f} ms"
    )


def _let_load(terminal: Terminal) -> None:
    """Wait until it has read what it goes on reading in the background, or for two minutes."""
    for _ in range(120):
        before = terminal.processor_seconds()
        terminal.settle(quiet=1.0, most=1.0)
        if terminal.processor_seconds() - before < _IDLE:
            return


def _cost(terminal: Terminal, key: bytes) -> tuple[float, bool]:
    """Press a key; return milliseconds of processor time, and whether a page was drawn."""
    before = terminal.processor_seconds()
    written, _ = terminal.press(key)
    return (terminal.processor_seconds() - before) * 1e3, len(written) > _A_PAGE
