"""What a file is, found out without writing to it."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from storage import driver
from storage.connection import ReadOnlyFile
from storage.errors import CorruptDatabaseError, FileError, NotADatabaseError
from storage.migration import file_version
from storage.rows import quote
from storage.schema import SCHEMA_VERSION, plan
from storage.view import Layout

Format = Literal["memglass", "bicamrl", "empty", "other"]

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What a file is.

    Attributes:
        path: The file.
        format: `memglass`, `bicamrl` (opens in place), `empty`, or `other` (a SQLite database
            that holds no agent's memory that we know).
        generation: Of bicamrl's schema: 0, 1 or 2; None for other formats.
        version: Version of memglass's schema in the file; 0 if memglass never wrote to it.
        newer: Whether a newer memglass made it, so that it opens read-only.
        migration: What a migration would do, a sentence each; empty where none is needed.
        journal_mode: `wal`, `delete`, …
        size: Bytes of the file.
        tables: Rows by table.
    """

    path: Path
    format: Format
    generation: int | None = None
    version: int = 0
    newer: bool = False
    migration: tuple[str, ...] = ()
    journal_mode: str = "delete"
    size: int = 0
    tables: dict[str, int] = field(default_factory=dict)


def check_file(path: Path, *, read_only: bool) -> None:
    """Refuse what cannot be a database, before SQLite touches it.

    Raises:
        FileError: It is missing, a folder, a device, not readable, or not writable.
        NotADatabaseError: It holds something else.
        CorruptDatabaseError: It is cut off.
    """
    if not path.exists():
        _check_missing(path, read_only=read_only)
        return
    if path.is_dir():
        raise FileError(f"{path} is a folder; name a database file in it.")
    if not path.is_file():
        raise FileError(f"{path} is not a regular file.")
    if not os.access(path, os.R_OK):
        raise FileError(f"{path} cannot be read; change its permissions or become its owner.")
    if not read_only and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        raise FileError(f"{path} or its folder cannot be written; open it read-only.")
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    _check_header(path, header)


def inspect_file(path: str | os.PathLike[str]) -> FileInfo:
    """Say what `path` is, without writing to it.

    Raises:
        FileError: It is missing, a folder, not readable, no database, or cut off.
        SchemaError: A table has one of our names and is something else.
    """
    path = Path(path)
    check_file(path, read_only=True)
    size = path.stat().st_size
    if size == 0:
        return FileInfo(path, "empty")
    file = ReadOnlyFile(path)
    try:
        connection = driver.connect(file.uri, busy_ms=5000)
        try:
            driver.prepare_reader(connection)
            return _describe(connection, path, size)
        finally:
            connection.close()
    except driver.Error as error:
        raise driver.translate(error, path) from error
    finally:
        file.close()


def _check_missing(path: Path, *, read_only: bool) -> None:
    if path.is_symlink():
        raise FileError(f"{path} is a link to a file that does not exist.")
    if read_only:
        raise FileError(f"{path} does not exist.")
    if not path.parent.is_dir():
        raise FileError(f"{path} cannot be made: its folder {path.parent} does not exist.")


def _check_header(path: Path, header: bytes) -> None:
    if not header:
        return
    if not header.startswith(_MAGIC):
        raise NotADatabaseError(f"{path} is not a SQLite database, or it is encrypted.")
    if len(header) < _HEADER_BYTES:
        raise CorruptDatabaseError(f"{path} is cut off within its first {_HEADER_BYTES} bytes.")
    # https://sqlite.org/fileformat2.html, 1.3: page size, change counter, pages, valid-for.
    page_size = struct.unpack_from(">H", header, 16)[0]
    page_size = 65536 if page_size == 1 else page_size
    changes, pages = struct.unpack_from(">II", header, 24)
    valid_for = struct.unpack_from(">I", header, 92)[0]
    wal = Path(f"{path}-wal")
    if changes != valid_for or (wal.exists() and wal.stat().st_size > 0):
        return  # The header does not know the size, or the rest may still be in the -wal.
    there = path.stat().st_size
    if there < pages * page_size:
        raise CorruptDatabaseError(
            f"{path} is cut off: {there:,} of {pages * page_size:,} bytes are there;"
            " look for a backup or a complete copy."
        )


def _describe(connection: driver.Connection, path: Path, size: int) -> FileInfo:
    layout = Layout(connection)
    version = file_version(connection, layout)
    newer = version > SCHEMA_VERSION
    kind, generation = _recognise(layout)
    steps = () if newer or kind == "empty" else plan(connection, layout)
    return FileInfo(
        path=path,
        format=kind,
        generation=generation,
        version=version,
        newer=newer,
        migration=tuple(step.sentence for step in steps),
        journal_mode=str(connection.execute("PRAGMA journal_mode").fetchone()[0]),
        size=size,
        tables={
            name: int(connection.execute(f"SELECT count(*) FROM {quote(name)}").fetchone()[0])
            for name in layout.names()
        },
    )


def _recognise(layout: Layout) -> tuple[Format, int | None]:
    if not layout.names():
        return "empty", None
    if "memglass_journal" in layout:
        return "memglass", None
    if "complete_interactions" in layout:
        return "bicamrl", 2
    interactions = layout.get("interactions")
    if interactions is not None:
        return "bicamrl", 1 if interactions.has("interaction_id") else 0
    if "world_model_states" in layout and "archived_patterns" in layout:
        return "bicamrl", 2
    if "patterns" in layout and "archived_patterns" in layout:
        return "bicamrl", 1
    return "other", None
