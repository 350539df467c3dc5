"""The same file in other terminal programs: when their frame stands, and what they hold then.

They are measured where an environment has them; what cannot be started is said, not left out.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks._bench import Figure
from benchmarks._terminal import Terminal

_RUNS: Final = 5


class Rival(NamedTuple):
    """Another program.

    Attributes:
        name: Its command.
        arguments: What follows the command; `{}` is the file.
        keys: What to press once its frame stands, so that it shows rows.
        frame: A pattern of its first frame.
        rows: A pattern of rows on screen.
    """

    name: str
    arguments: Sequence[str]
    frame: str
    rows: str
    keys: bytes = b""


_ROWS: Final = r"turn \d{7}"
RIVALS: Final = (
    Rival("sqlit", ("sqlite", "{}"), r"\x1b\[\d+;\d+H", _ROWS),
    Rival("harlequin", ("-a", "sqlite", "{}"), r"\x1b\[\d+;\d+H", _ROWS),
    Rival("vd", ("{}", "+:interactions::"), r"\x1b\[\d+;\d+H", _ROWS),
    Rival("litecli", ("{}",), r"> ", _ROWS, b"select * from interactions limit 20;\r"),
)


def rivals(folder: Path, memory: Path) -> list[Figure]:
    """Measure every program that the folder has."""
    return [figure for rival in RIVALS for figure in _measure(rival, folder, memory)]


def _measure(rival: Rival, folder: Path, memory: Path) -> list[Figure]:
    program = folder / rival.name
    if not program.exists():
        return [Figure(f"({rival.name})", "is not in that folder")]
    argv = [str(program), *(each.format(memory) for each in rival.arguments)]
    frames, held = [], 0.0
    for _ in range(_RUNS):
        with Terminal(argv) as terminal:
            try:
                frames.append(terminal.seconds_until(rival.frame))
            except TimeoutError as error:
                return [Figure(f"({rival.name})", f"shows no frame: {error}"[:120])]
            written = terminal.settle()
            if rival.keys:
                written += terminal.press(rival.keys)[0] + terminal.settle()
            held = terminal.resident_mib()
    shows = "with rows" if b"turn 0" in written else "without rows"
    told = f"frame after {statistics.median(frames) * 1e3:.0f} ms, {shows}, {held:.0f} MiB"
    return [Figure(f"({rival.name})", told)]
