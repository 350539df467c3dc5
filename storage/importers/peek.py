"""A first look at a file: the tables of a database, or its first lines. Bounded, and read-only."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from storage import driver
from storage.errors import CorruptDatabaseError, FileError, StoreBusyError
from storage.importers.salvage import Grammar, records_in
from storage.importers.sqlite_file import SqliteFile, is_sqlite
from storage.inspection import format_of

FIRST_BYTES: Final = 256 * 1024
_FIRST_FILES: Final = 2000
_SHOWN: Final = 12
_ANY_OBJECT: Final = Grammar(re.compile(rb"(?!)"), lambda value: isinstance(value, dict))


@dataclass(slots=True)
class Look:
    """What a first look at a file shows.

    Attributes:
        path: The file or folder.
        is_counted: Whether it is to be told how much is in it, for which a database is read whole.
        is_folder: Whether it is a folder.
        size: Bytes of the file.
        tables: The columns of each table of a SQLite database, in lower case; empty otherwise.
        lines: The first whole lines of any other file.
    """

    path: Path
    is_counted: bool = True
    is_folder: bool = False
    size: int = 0
    tables: dict[str, frozenset[str]] = field(default_factory=dict)
    lines: list[bytes] = field(default_factory=list)
    is_database: bool = False

    @property
    def is_native(self) -> bool:
        """Whether it is a memory that needs no import."""
        return format_of(self.tables) in ("memglass", "bicamrl")

    def records(self, grammar: Grammar) -> Iterator[Any]:
        """Yield the records of a format that the first lines hold, out of damaged lines too."""
        for raw in self.lines:
            yield from records_in(raw.strip(), grammar)

    def has(self, table: str, *columns: str) -> bool:
        """Say whether there is a table with all of these columns."""
        return {*columns} <= self.tables.get(table, frozenset())

    def count(self, sql: str) -> int | None:
        """Return the number that a query gives; None where nobody asks or damage forbids."""
        if not self.is_counted:
            return None
        try:
            with SqliteFile(self.path) as file:
                return int(file.page(sql)[0][0])
        except (driver.Error, StoreBusyError, CorruptDatabaseError):
            return None

    def files(self) -> Iterator[Path]:
        """Yield the regular files of a folder and of those in it, by name; links are left out."""
        return islice(files_in(self.path), _FIRST_FILES)

    def counted(self) -> str:
        """Say how many files a folder has."""
        count = sum(1 for _ in self.files())
        more = "or more " if count == _FIRST_FILES else ""
        return f"{count:,} {more}file{'' if count == 1 else 's'}"

    def described(self) -> str:
        """Say in a sentence what was found."""
        if self.is_folder:
            return f"is a folder with {self.counted()}."
        if self.is_database:
            return _told_tables(self.tables)
        if not self.size:
            return "is empty."
        return self._told_lines()

    def _told_lines(self) -> str:
        for first in self.records(_ANY_OBJECT):
            keys = ", ".join(_shown(key) for key in islice(first, _SHOWN))
            return f"holds JSON lines with the keys {keys}, which no known agent writes."
        return "is neither a SQLite database nor a file of JSON lines."


def _shown(name: str) -> str:
    return name if name.isidentifier() and len(name) <= 40 else ascii(name[:40])


def _told_tables(tables: dict[str, frozenset[str]]) -> str:
    if not tables:
        return "is a SQLite database without tables."
    names = ", ".join(_shown(name) for name in islice(sorted(tables), _SHOWN))
    more = f" and {len(tables) - _SHOWN:,} more" if len(tables) > _SHOWN else ""
    return f"is a SQLite database with the tables {names}{more}, which no known agent writes."


def look_at(path: Path, *, is_counted: bool = True) -> Look:
    """Take a first look at `path`.

    Args:
        path: A file or folder.
        is_counted: Whether it is to be told how much is in it.

    Raises:
        FileError: It is missing, neither a file nor a folder, or cannot be read.
        CorruptDatabaseError: It is a database that is too damaged to be opened.
    """
    try:
        there = path.stat()
    except OSError as error:
        raise FileError(f"{path} cannot be reached: {error.strerror}.") from error
    except ValueError as error:
        raise FileError(f"{str(path)!r} cannot be the name of a file: {error}.") from error
    if stat.S_ISDIR(there.st_mode):
        return Look(path, is_counted, is_folder=True)
    if not stat.S_ISREG(there.st_mode):
        # Opening a pipe would wait for whoever writes to it.
        raise FileError(f"{path} is not a regular file.")
    try:
        if is_sqlite(path):
            return _look_into(path, there.st_size, is_counted)
        return Look(path, is_counted, size=there.st_size, lines=_first_lines(path))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error


def _look_into(path: Path, size: int, is_counted: bool) -> Look:
    try:
        with SqliteFile(path) as file:
            return Look(path, is_counted, size=size, tables=file.tables(), is_database=True)
    except driver.Error as error:
        raise driver.translate(error, path) from error


def _first_lines(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        head = file.read(FIRST_BYTES)
    lines = head.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if len(head) == FIRST_BYTES and len(lines) > 1:
        # Cut off by us, not by anybody else.
        lines.pop()
    return [line for line in lines if line.strip()]


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the regular files of a folder and of the folders in it, in the order of their names."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from files_in(Path(entry.path))
        elif entry.is_file(follow_symlinks=False):
            yield Path(entry.path)
