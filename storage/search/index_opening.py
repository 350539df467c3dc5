"""The index as a file: a cache that can be deleted at any time and is made again.

Its tables: `docs` says which row of the database each slot stands for, `words` is the full text,
`vectors` and `halves` hold what the texts mean (`vector_store.py`), `blocks` and `removed` are logs
from which a search fills its arrays (`arrays.py`), `unembedded` lists what still has no vector.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import platformdirs

from storage import driver, vector_store
from storage.connection import beside
from storage.errors import IndexUnavailableError
from storage.inspection import identity_of
from storage.rows import fetch
from storage.search import full_text
from storage.search.index_file import BLOCK, IndexFile
from storage.search.results import KEPT_ELSEWHERE

log = logging.getLogger("storage")

_PAGE_BYTES: Final = 8192
_CACHE_KIB: Final = 16 * 1024
_BUSY_MS: Final = 5000
# Some may fail because others make, replace or delete the index at this moment.
_ATTEMPTS: Final = 10
_REPLACED: Final = 20
_JOURNALS: Final = ("-wal", "-shm", "-journal")
_IN_USE: Final = "a program that is running keeps another one"
_NO_INDEX: Final = "holds what is no index, and is left alone"
_LEAST_BYTES: Final = 512
_ENDING: Final = ".index"
"""Of the names that are given to an index here, so that one which cannot be read is known by it."""
_TABLES: Final = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID",
    (
        "CREATE TABLE docs (slot INTEGER PRIMARY KEY, source INTEGER, number INTEGER, part TEXT,"
        " record_id TEXT, digest BLOB)"
    ),
    "CREATE INDEX docs_source ON docs (source, number)",
    "CREATE INDEX docs_record ON docs (record_id)",
    "CREATE TABLE authors (number INTEGER PRIMARY KEY, name TEXT UNIQUE)",
    "CREATE TABLE blocks (id INTEGER PRIMARY KEY, data BLOB)",
    "CREATE TABLE removed (id INTEGER PRIMARY KEY, slot INTEGER)",
    "CREATE TABLE unembedded (slot INTEGER PRIMARY KEY)",
    *full_text.DECLARED,
)
_RECIPE: Final = 11
"""Goes up when the same database gets another index in tables of the same form."""

VERSION: Final = f"{_RECIPE}.{zlib.crc32(repr((_TABLES, BLOCK.descr)).encode()):08x}"
"""An index of another version is made anew."""

_EXPECTED: Final = frozenset(
    {"meta", "docs", "authors", "blocks", "removed", "unembedded", "words"}
    | {f"words_{shadow}" for shadow in ("data", "idx", "docsize", "config")}
)

# Stands in the file's header, so that an index is told from a database of somebody else.
_APPLICATION: Final = 0x6D676978
# https://sqlite.org/fileformat2.html#the_database_header
_HEADER_BYTES: Final = 100
_NUMBER_AT: Final = slice(68, 72)


ALONE: Final = threading.RLock()
"""Held while an index is opened, made or deleted.

The locks by which SQLite knows that somebody else uses a `-shm` do not count within a process: a
connection whose file was deleted before its first read would empty that of the next index, on
which another one dies of SIGBUS.
"""


def open_first(
    places: Iterable[Path],
    identity: str,
    embedder: str,
    say: Callable[[str], None],
    dimension: int = 0,
    memory: str = "",
) -> IndexFile:
    """Open the index at the first place where that is possible; make it anew where it is no good.

    Args:
        places: Where it may lie, the best first; no more of them are asked for than are needed.
        identity: Of the database that it belongs to.
        embedder: The name of what makes its vectors; empty where nothing does.
        say: Takes a sentence about what is not as it should be.
        dimension: How long its vectors are; 0 where that is not known yet.
        memory: The path of the database, in ASCII.

    Raises:
        OSError: There is no such place.
    """
    why: dict[Path, str] = {}
    for place in places:
        for _ in range(_ATTEMPTS):
            try:
                with ALONE:
                    index = _open(place, identity, embedder, dimension, memory)
            except _InUseError as error:
                why[place] = str(error)
                break
            except (OSError, driver.Error) as error:
                log.info("no index at %s: %s", place, error)
                why[place] = getattr(error, "strerror", None) or str(error).rstrip(".")
                continue
            best = next(iter(why), place)
            if place != best:
                of_whom = f", where {why[best]}" if why[best] == _IN_USE else ""
                say(f"{KEPT_ELSEWHERE} {best}{of_whom}, so it is kept at {place}.")
            return index
    best, reason = next(iter(why.items()))
    raise OSError(f"{best} cannot hold it ({reason}); name another place.")


def _open(path: Path, identity: str, embedder: str, dimension: int, memory: str) -> IndexFile:
    _check_place(path)
    if path.exists() and (found := _found(path, identity, embedder, dimension, memory)):
        return found
    log.info("index %s is made anew", path)
    delete(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    index = _connected(path)
    try:
        index.connection.execute("BEGIN IMMEDIATE")
        index.connection.execute(f"PRAGMA application_id={_APPLICATION}")
        for statement in _TABLES:
            index.connection.execute(statement)
        declared = _declared(index.connection)
        told = {"version": VERSION, "database": identity, "memory": memory, "embedder": embedder}
        index.write_meta({**told, "declared": declared})
        index.connection.execute("COMMIT")
    except BaseException:
        index.close()
        raise
    return index


def _check_place(path: Path) -> None:
    """Refuse a place where making an index would delete what is none.

    Raises:
        FileExistsError: It is none for an index.
    """
    if path.name.endswith(_JOURNALS):
        raise FileExistsError(f"{path} is the name of a journal of SQLite")
    if path.exists() and not path.is_file():
        raise FileExistsError(f"{path} is not a regular file")
    if path.suffix != _ENDING and path.exists() and 0 < path.stat().st_size < _LEAST_BYTES:
        # SQLite takes so little for nothing.
        raise FileExistsError(f"{path} {_NO_INDEX}")


def _found(
    path: Path, identity: str, embedder: str, dimension: int, memory: str
) -> IndexFile | None:
    """Return the index that is there, or None where it is damaged, or of no use.

    Raises:
        FileExistsError: It is something else, or may have been, and is not to be deleted.
        _InUseError: It is of no use here, but of use to whoever has it open.
    """
    try:
        index = _connected(path)
    except (UnicodeDecodeError, driver.DatabaseError) as error:
        # Of a damaged schema not even the error can be told.
        if driver.is_busy(error):
            raise
        if not _was_ours(path):
            raise FileExistsError(f"{path} {_NO_INDEX}") from error
        return None
    try:
        if _fits(index, identity, embedder, dimension, memory):
            return index
    except driver.DatabaseError as error:
        if driver.is_busy(error):
            index.close()
            raise
    except BaseException:
        index.close()
        raise
    index.close()
    return None


def _was_ours(path: Path) -> bool:
    """Say whether what cannot be read has the name or the header of an index, or is empty."""
    if path.suffix == _ENDING:
        return True
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
    return not header or header[_NUMBER_AT] == _APPLICATION.to_bytes(4, "big")


def _fits(index: IndexFile, identity: str, embedder: str, dimension: int, memory: str) -> bool:
    """Say whether an index is whole and of use.

    Raises:
        _InUseError: It is whole, but of use only to whoever has it open.
    """
    is_same = index.meta("database") == identity
    if not is_same and index.meta("memory", memory) == memory:
        # Another database was put in the place of the one that it is of.
        return False
    is_of_this = is_same and index.meta("version") == VERSION
    if is_of_this and not _is_whole(index):
        return False
    if is_of_this and _has_vectors_of(index, embedder, dimension):
        return True
    if _is_in_use(index):
        raise _InUseError
    return False


def _is_whole(index: IndexFile) -> bool:
    """Say whether an index of this version has all that it needs."""
    names = {name for (name,) in fetch(index.connection, "SELECT name FROM sqlite_schema")}
    if not names >= _EXPECTED or not vector_store.is_sound(index.connection):
        return False
    # An index of before it was noted is taken as it is.
    return index.meta("declared") in ("", _declared(index.connection))


def _has_vectors_of(index: IndexFile, embedder: str, dimension: int) -> bool:
    """Say whether the vectors of an index are of an embedder, and note that if it had none."""
    if embedder and not index.meta("embedder"):
        index.write_meta({"embedder": embedder})
    if embedder and index.meta("embedder") != embedder:
        return False
    return not dimension or vector_store.dimension_of(index.connection) in (0, dimension)


def _is_in_use(index: IndexFile) -> bool:
    """Say whether somebody else has an index open: only who is alone may leave the WAL mode."""
    index.connection.execute("PRAGMA busy_timeout=0")
    try:
        [(mode,)] = fetch(index.connection, "PRAGMA journal_mode=DELETE")
    except driver.Error as error:
        if driver.is_busy(error):
            return True
        raise
    return bool(mode != "delete")


def _declared(connection: driver.Connection) -> str:
    """Return a digest of how the tables are declared, but for those of vectors, which come later.

    A single damaged byte can declare what SQLite still takes, such as a key that is none any more,
    with which the full text loses all that it holds and says nothing.
    """
    found = fetch(connection, "SELECT tbl_name, name, CAST(sql AS BLOB) FROM sqlite_schema")
    ours = sorted(repr(tuple(row)) for row in found if row[0] in _EXPECTED)
    return f"{zlib.crc32(repr(ours).encode()):08x}"


def _connected(path: Path) -> IndexFile:
    for _ in range(_REPLACED):
        identity = identity_of(path)
        index = IndexFile(path, _connection(path), identity)
        if index.is_current:
            return index
        # What was opened may be neither the file before nor that after.
        index.close()
    raise FileNotFoundError(f"{path} is replaced again and again.")


def _connection(path: Path) -> driver.Connection:
    connection = driver.connect(f"{path.absolute().as_uri()}?mode=rw", busy_ms=_BUSY_MS)
    try:
        _check_ours(path, connection)
        connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute("PRAGMA journal_mode=WAL")
        # What is lost with the power is found missing, and indexed again.
        connection.execute("PRAGMA synchronous=NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_ours(path: Path, connection: driver.Connection) -> None:
    """Refuse a database that holds what no index does: it must be neither changed nor deleted."""
    [(number,)] = fetch(connection, "PRAGMA application_id")
    names = {name for (name,) in fetch(connection, "SELECT name FROM sqlite_schema")}
    # What has all of our tables is an index of which the number was damaged.
    if names and number != _APPLICATION and not names >= _EXPECTED:
        raise FileExistsError(f"{path} is the database of another program.")


def delete(path: Path) -> None:
    """Delete an index with its journals."""
    with ALONE:
        for suffix in (*_JOURNALS, ""):
            Path(f"{path}{suffix}").unlink(missing_ok=True)


class _InUseError(Exception):
    """A running program keeps an index there that is of no use here, and would make it anew too."""

    def __init__(self) -> None:
        super().__init__(_IN_USE)


class Places:
    """Where the index of a database may lie, the best place first.

    Args:
        database: The database.
        only: The one place; None for the first of four that can be had.

    Attributes:
        embedder: The name of what makes the vectors, after which the third is called.
    """

    def __init__(self, database: Path, only: Path | None) -> None:
        self._database = database
        self._only = only
        self.embedder = ""
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __iter__(self) -> Iterator[Path]:
        """Yield each; only who asks for the last makes a folder that lasts until `close()`."""
        if self._only is not None:
            yield self._only
            return
        path = self._database
        yield Path(f"{path}{_ENDING}")
        cache = platformdirs.user_cache_path("memglass")
        name = f"{path.name}-{zlib.crc32(os.fsencode(path.absolute())):08x}"
        yield cache / f"{name}{_ENDING}"
        yield cache / f"{name}-{zlib.crc32(self.embedder.encode()):08x}{_ENDING}"
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="memglass-")
        yield Path(self._folder.name) / f"{name}{_ENDING}"

    def close(self) -> None:
        """Delete what was made."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def owner(database: Path, opened: tuple[int, int] | None) -> str:
    """Return what an index says of the database that it belongs to.

    Args:
        database: The database.
        opened: What `identity_of()` said of it when it was opened.

    Raises:
        IndexUnavailableError: Another one stands there now, and the index there is that one's.
    """
    if opened is None or identity_of(database) != opened:
        raise IndexUnavailableError(
            f"{database} was replaced or deleted while it was open: open it again."
        )
    return ":".join(map(str, opened))


def stamp_of(database: Path) -> str:
    """Return what changes whenever somebody writes to the database file or its journal."""
    parts = []
    for suffix in ("", "-wal"):
        with suppress(OSError):
            found = beside(database, suffix).stat()
            if found.st_size:
                parts.append(f"{found.st_mtime_ns}:{found.st_size}")
    return " ".join(parts)
