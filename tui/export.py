"""Records as a file: JSON lines, which lose nothing, or a table for a spreadsheet.

The file appears whole or not at all: it is written beside its place, mode 0600, and put there when
it is complete. Nothing that stands there is written over unless that is asked for.

A JSON line is the public record after its `kind`, as `tui.json_lines` writes it. In a table, JSON
stands in cells as JSON, what is missing is empty, fields that the first records do not have stand
together in the column `other`, and a text that a spreadsheet would run (it begins with `=`, `+`,
`-`, `@`, a tab or a line break) gets an apostrophe in front, as OWASP advises on CSV injection.
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, NamedTuple

from storage import whole_files
from tui import secrets
from tui.json_lines import json_line
from tui.values import is_corrupt, is_list

if TYPE_CHECKING:
    from storage import Store

Format = Literal["jsonl", "csv"]
Records = AsyncIterator[Sequence[Mapping[str, Any]]]

AT_ONCE: Final = 500
"""Records that are read and written in one step."""

_RUN: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_REST: Final = "other"
_DATABASE: Final = b"SQLite format 3\0"
_BESIDE_DATABASE: Final = ("-wal", "-shm", "-journal")


class ExportError(Exception):
    """Nothing was exported: a sentence that says why, and what to do."""


class PlaceTakenError(ExportError):
    """Something stands in the place of the export, which is to be written over or not."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} exists already.")


class Exported(NamedTuple):
    """What was exported.

    Attributes:
        records: How many there are.
        size: Bytes of the file.
    """

    records: int
    size: int


def format_of(path: Path) -> Format:
    """Tell from the end of a name what the file is to be: a table, or JSON lines."""
    return "csv" if path.suffix.lower() == ".csv" else "jsonl"


def check_place(path: Path, *, over: bool) -> None:
    """Refuse a place where no export can be written, before anything is read.

    Raises:
        ExportError: It is taken (and `over` is False), a folder, a device, a database, or in no
            folder.
    """
    if path.is_dir():
        raise ExportError(f"{path} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise ExportError(f"There is no folder {path.parent}; make it first, or name another.")
    if belongs_to_database(path):
        raise ExportError(f"{path} belongs to a database; choose another name.")
    if not path.exists():
        return
    if not path.is_file():
        # A device or a pipe would be waited for without end.
        raise ExportError(f"{path} is no ordinary file; choose another name.")
    if _is_database(path):
        raise ExportError(f"{path} is a database and is not written over; choose another name.")
    if not over:
        raise PlaceTakenError(path)


def belongs_to_database(path: Path) -> bool:
    """Say whether SQLite looks in a file of this name for what was written last to another."""
    return any(
        path.name.endswith(end) and _is_database(path.with_name(path.name.removesuffix(end)))
        for end in _BESIDE_DATABASE
    )


def _is_database(path: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):
        if path.is_file():
            with path.open("rb") as there:
                return there.read(len(_DATABASE)) == _DATABASE
    return False


async def read_records(store: Store, keys: Iterable[tuple[str, Any]]) -> Records:
    """Read the records of keys of lists, some hundreds at a time; what is gone is left out.

    Args:
        store: Where they are.
        keys: Kind of list and key of each, in the order of the file.
    """
    part: list[tuple[str, Any]] = []
    for each in keys:
        part.append((each[0], each[1]))
        if len(part) == AT_ONCE:
            yield await _read(store, part)
            part = []
    if part:
        yield await _read(store, part)


async def _read(store: Store, part: Sequence[tuple[str, Any]]) -> Sequence[Mapping[str, Any]]:
    found: dict[tuple[str, Any], Mapping[str, Any]] = {}
    for kind in dict.fromkeys(kind for kind, _ in part):
        own = [key for each, key in part if each == kind]
        for key, record in zip(own, await store.get_records(kind, own), strict=True):
            if record is not None:
                found[kind, key] = {"kind": kind, **record}
    return [found[each] for each in part if each in found]


async def export(
    records: Records,
    path: Path,
    *,
    form: Format,
    masked: bool = True,
    over: bool = False,
    progress: Callable[[int], None] = lambda _done: None,
) -> Exported:
    """Write records to a file. Cancelled or failed, it leaves nothing behind.

    Args:
        records: What is written, some at a time, as `read_records` gives them.
        path: Where to.
        form: What the file is to be.
        masked: Whether secrets are masked.
        over: Whether a file that stands there is replaced.
        progress: Told how many records are written.

    Raises:
        ExportError: The file could not be written.
        StorageError: The records could not be read.
    """
    async with whole_file(path, over=over) as file:
        count = await write_records(records, file, form=form, masked=masked, progress=progress)
        file.flush()
        size = file.tell()
    return Exported(count, size)


async def write_records(
    records: Records,
    file: IO[str],
    *,
    form: Format,
    masked: bool = True,
    progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Write records to a file that is open, and return how many there were.

    Args:
        records: What is written, some at a time, as `read_records` gives them.
        file: Where to; it takes half characters (`surrogateescape`) and leaves line ends alone.
        form: What the file is to be.
        masked: Whether secrets are masked.
        progress: Told how many records are written.

    Raises:
        OSError: The file could not be written.
        StorageError: The records could not be read.
    """
    write = _Table(file).write if form == "csv" else _Lines(file).write
    count = 0
    async for part in records:
        await asyncio.to_thread(write, part, masked)
        count += len(part)
        progress(count)
    return count


@asynccontextmanager
async def whole_file(path: Path, *, over: bool) -> AsyncIterator[IO[str]]:
    """Write a file that appears whole at the end, or not at all.

    Args:
        path: Where.
        over: Whether a file that stands there is replaced.

    Raises:
        ExportError: The file could not be written.
    """
    check_place(path, over=over)
    beside: Path | None = None
    try:
        await asyncio.to_thread(whole_files.clear, path.parent)
        descriptor, beside = whole_files.begin(path)
        with os.fdopen(
            descriptor, "w", encoding="utf-8", errors="surrogateescape", newline=""
        ) as file:
            yield file
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        _put(beside, path, over=over)
    except OSError as error:
        raise ExportError(
            f"{path} could not be written ({error.strerror}); nothing was left behind."
        ) from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _put(beside: Path, path: Path, *, over: bool) -> None:
    try:
        whole_files.put(beside, path, over=over)
    except FileExistsError as error:
        raise PlaceTakenError(path) from error


class _Lines:
    """Writes records as JSON, a line each."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, records: Sequence[Mapping[str, Any]], masked: bool) -> None:
        """Write some more records."""
        self._file.writelines(f"{_line(record, masked)}\n" for record in records)


class _Table:
    """Writes records as rows of a table, whose columns are those of the first ones."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file)
        self._columns: list[str] = []

    def write(self, records: Sequence[Mapping[str, Any]], masked: bool) -> None:
        """Write some more records."""
        if masked:
            records = [_masked(record) for record in records]
        if not self._columns and records:
            self._columns = list(dict.fromkeys(name for record in records for name in record))
            self._writer.writerow([_cell(name) for name in (*self._columns, _REST)])
        known = frozenset(self._columns)
        for record in records:
            rest = {name: value for name, value in record.items() if name not in known}
            cells = [_cell(record.get(name)) for name in self._columns]
            self._writer.writerow([*cells, _cell(rest) if rest else ""])


def _line(record: Mapping[str, Any], masked: bool) -> str:
    line = json_line(record)
    return json_line(secrets.masked(record)) if masked and _may_hold(line) else line


def _masked(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(secrets.masked(record)) if _may_hold(json_line(record)) else record


def _may_hold(line: str) -> bool:
    # What JSON cannot say stands there as base64, which shows nothing.
    return "$memglass" in line or secrets.may_hold_secrets(line)


def _cell(value: Any) -> str | int | float:
    """Spell a value for a cell; numbers stay numbers, whatever sign they have."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if is_corrupt(value):
        value = value.raw
    if isinstance(value, bytes):
        text = value.decode("utf-8", "surrogateescape")
    elif isinstance(value, Mapping) or is_list(value) or isinstance(value, bool):
        text = json_line(value)
    else:
        text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_RUN) else text
