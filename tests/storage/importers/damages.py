"""Damage as it occurs in the wild, done to sources at random; what was spared is known."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_RUNS: Final = (1, 7, 512, 4096)
_PATH: Final = b"/home/ada/payments/main.go"


@dataclass
class Segment:
    """A part of a file of JSON lines.

    Attributes:
        raw: Its bytes.
        end: What stands behind it.
        is_whole: Whether it is a record that nothing was done to.
    """

    raw: bytes
    end: bytes = b"\n"
    is_whole: bool = True


@dataclass
class Lines:
    """A damaged file of JSON lines."""

    segments: list[Segment]
    head: bytes = b""
    cut: int | None = None
    done: list[str] = field(default_factory=list)

    def raw(self) -> bytes:
        """Return all of its bytes."""
        whole = self.head + b"".join(each.raw + each.end for each in self.segments)
        return whole[: self.cut]

    def spared(self) -> list[bytes]:
        """Return the records that nothing was done to."""
        found, at = [], len(self.head)
        for each in self.segments:
            end = at + len(each.raw)
            if each.is_whole and (self.cut is None or end <= self.cut):
                found.append(each.raw)
            at = end + len(each.end)
        return found


def damaged_lines(lines: list[bytes], chance: random.Random) -> Lines:
    """Do one to four kinds of damage to a file of these lines."""
    file = Lines([Segment(line) for line in lines])
    for damage in chance.choices(list(_LINES), k=chance.randint(1, 4)):
        damage(file, chance)
        file.done.append(damage.__name__)
    return file


def _some(file: Lines, chance: random.Random) -> tuple[int, Segment]:
    at = chance.randrange(len(file.segments))
    return at, file.segments[at]


def _inside(raw: bytes, chance: random.Random) -> int:
    return chance.randrange(1, len(raw)) if len(raw) > 1 else 0


def _torn(file: Lines, chance: random.Random) -> None:
    """Cut a line off, the next one behind it on the same line."""
    _, line = _some(file, chance)
    line.raw = line.raw[: _inside(line.raw, chance)]
    line.end, line.is_whole = b"", False


def _spliced(file: Lines, chance: random.Random) -> None:
    """Run the beginning of one line into the end of the next."""
    at, line = _some(file, chance)
    line.raw = line.raw[: _inside(line.raw, chance)]
    line.is_whole = False
    if at + 1 < len(file.segments):
        other = file.segments[at + 1]
        line.end = b""
        other.raw, other.is_whole = other.raw[_inside(other.raw, chance) :], False


def _joined(file: Lines, chance: random.Random) -> None:
    _some(file, chance)[1].end = chance.choice((b"", b" ", b"\r\n", b"\n\n", b"\t"))


def _nul_run(file: Lines, chance: random.Random) -> None:
    run = b"\0" * chance.choice(_RUNS)
    at, line = _some(file, chance)
    if chance.random() < 0.5:
        file.segments.insert(at, Segment(run, chance.choice((b"", b"\n")), is_whole=False))
    else:
        middle = _inside(line.raw, chance)
        line.raw = line.raw[:middle] + run + line.raw[middle:]
        line.is_whole = False


def _surrogate(file: Lines, chance: random.Random) -> None:
    _, line = _some(file, chance)
    quotes = [at for at, byte in enumerate(line.raw) if byte == ord('"')]
    if quotes:
        at = chance.choice(quotes) + 1
        line.raw = line.raw[:at] + b"\\ud83d" + line.raw[at:]
        line.is_whole = False


def _bare_path(file: Lines, chance: random.Random) -> None:
    """Put a path where a value was expected."""
    _, line = _some(file, chance)
    starts = [at for at, byte in enumerate(line.raw) if byte in b"[" or byte == ord(":")]
    at = chance.choice(starts) if starts and chance.random() < 0.8 else 0
    end = line.raw.find(b"]", at) + 1 or len(line.raw)
    line.raw = line.raw[:at] + _PATH + (line.raw[end:] if at else b"")
    line.is_whole = False


def _flipped(file: Lines, chance: random.Random) -> None:
    _, line = _some(file, chance)
    raw = bytearray(line.raw)
    for _ in range(chance.randint(1, 4)):
        if raw:
            raw[chance.randrange(len(raw))] = chance.randrange(256)
    line.raw, line.is_whole = bytes(raw), False


def _cut_off(file: Lines, chance: random.Random) -> None:
    least = len(file.head) + 1
    file.cut = chance.randrange(least, max(least + 1, len(file.raw())))


def _rubbish(file: Lines, chance: random.Random) -> None:
    at, _ = _some(file, chance)
    raw = bytes(chance.choices(range(256), k=chance.randint(1, 300)))
    file.segments.insert(at, Segment(raw, is_whole=False))


def _marked(file: Lines, _: random.Random) -> None:
    file.head = b"\xef\xbb\xbf"


_LINES: Final[tuple[Callable[[Lines, random.Random], None], ...]] = (
    *(_torn, _spliced, _joined, _nul_run, _surrogate, _bare_path, _flipped, _cut_off),
    *(_rubbish, _marked),
)


# Databases.


def damaged_cell(cell: str, chance: random.Random) -> Any:
    """Return what may stand in a cell instead of its JSON."""
    raw = cell.encode()
    file = damaged_lines([raw], chance)
    odd: tuple[Any, ...] = (file.raw(), file.raw().decode("latin-1"), None, 7, 1.5, "", b"")
    return chance.choices(odd, weights=(8, 4, 1, 1, 1, 1, 1))[0]


def damage_cells(path: Path, table: str, column: str, chance: random.Random) -> None:
    """Damage some cells of a table of which `id` is the key."""
    with closing(sqlite3.connect(path)) as raw:
        rows = raw.execute(f"SELECT id, {column} FROM {table}").fetchall()
        for number, cell in chance.sample(rows, k=chance.randint(1, min(5, len(rows)))):
            value = damaged_cell(cell, chance)
            # Bytes as text, as a program does that never looks at them.
            mark = "CAST(? AS TEXT)" if chance.random() < 0.7 and isinstance(value, bytes) else "?"
            raw.execute(f"UPDATE {table} SET {column} = {mark} WHERE id = ?", (value, number))
        raw.commit()


def damage_any_cell(path: Path, chance: random.Random) -> tuple[str, set[str]]:
    """Damage one cell of a database.

    Returns:
        Which, and the texts of its row, by which records that tell of it are known.
    """
    with closing(sqlite3.connect(path)) as raw:
        raw.text_factory = bytes
        names = [each.decode() for (each,) in raw.execute(_TABLES)]
        # Full-text indexes follow by triggers, and have no part in it.
        for (trigger,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            raw.execute(f'DROP TRIGGER "{trigger.decode()}"')
        filled = [name for name in names if raw.execute(f"SELECT 1 FROM {name}").fetchone()]
        table = chance.choice(filled)
        columns = [row[1].decode() for row in raw.execute(f"PRAGMA table_info({table})")]
        numbers = [number for (number,) in raw.execute(f"SELECT rowid FROM {table}")]
        number, column = chance.choice(numbers), chance.choice(columns)
        row = raw.execute(f"SELECT * FROM {table} WHERE rowid = ?", (number,)).fetchone()
        cell = row[columns.index(column)]
        sound = cell if isinstance(cell, bytes) and cell else str(cell).encode()
        value = damaged_cell(sound.decode("latin-1"), chance)
        mark = "CAST(? AS TEXT)" if chance.random() < 0.5 and isinstance(value, bytes) else "?"
        try:
            raw.execute(f'UPDATE {table} SET "{column}" = {mark} WHERE rowid = ?', (value, number))
            raw.commit()
        except sqlite3.IntegrityError:
            # A column that has to have a value, or one of its own, keeps what it has.
            raw.rollback()
        texts = {str(number), *(each.decode("latin-1") for each in row if isinstance(each, bytes))}
        return f"{table}.{column} of row {number}", {each for each in texts if each}


_TABLES: Final = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    " AND name NOT LIKE '%fts%' AND name NOT LIKE '%search%' AND name NOT LIKE '%migrations%'"
)


def damage_pages(path: Path, target: Path, chance: random.Random) -> None:
    """Make a copy of a database in which pages are damaged, all but the first."""
    shutil.copyfile(path, target)
    raw = bytearray(target.read_bytes())
    size = int.from_bytes(raw[16:18]) or 65536
    pages = len(raw) // size
    for _ in range(chance.randint(1, 3)):
        start = size * chance.randrange(1, pages)
        kind = chance.randrange(4)
        if kind == 0:
            raw[start : start + size] = bytes(size)
        elif kind == 1:
            raw[start : start + size] = bytes(chance.choices(range(256), k=size))
        elif kind == 2:
            other = size * chance.randrange(1, pages)
            raw[start : start + size] = raw[other : other + size]
        else:
            for _ in range(chance.randint(1, 30)):
                raw[start + chance.randrange(size)] = chance.randrange(256)
    target.write_bytes(raw)
