"""What stands in an index, and how it is written. Its tables are declared in `index_opening.py`."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from storage import driver, rows, vector_store
from storage.inspection import identity_of
from storage.rows import fetch
from storage.search.documents import KINDS, TABLES, Document
from storage.search.sketches import PLANES, bits_of, turned
from storage.search.spelling import indexed
from storage.view import ROWS_PER_STATEMENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

log = logging.getLogger("storage")

Place = tuple[int, int]
"""Where a row stands: the place of its table in `documents.TABLES`, and its rowid."""

BLOCK: Final = np.dtype(
    [
        ("slot", "<i4"), ("kind", "u1"), ("session", "<u4"), ("author", "<u2"), ("label", "<u2"),
        ("reason", "<u2"), ("second", "<i4"), ("signs", "<u8", (PLANES,)),
    ]
)  # fmt: skip
"""What a search holds in memory of one document: names as hashes, authors by their numbers."""

ASKS: Final = 0x80
"""The bit of a kind that says that the text holds a question."""

# Not the mark of a URL or of code.
_QUESTION: Final = re.compile(r"""[?\uff1f\u061f]["'\u201d\u2019)]*(?:\s|$)""")
MOST_AUTHORS: Final = 65_535
NAME_BITS: Final = 0xFFFF
"""How much of the hash of a label or a reason is held."""
_SECOND: Final = 1_000_000
_LAST_SECOND: Final = 2**31 - 1


class IndexFile:
    """The writing side of an index.

    Args:
        path: The file.
        connection: Its connection; everything runs in that one's thread.
        identity: What `identity_of()` said of the file before it was opened.

    Attributes:
        has_vectors: Whether sqlite-vec is there.
    """

    def __init__(
        self, path: Path, connection: driver.Connection, identity: tuple[int, int] | None
    ) -> None:
        self.path = path
        self.connection = connection
        self.has_vectors = vector_store.load(connection)
        self._identity = identity
        self._known_authors: dict[str, int] = {}

    @property
    def is_current(self) -> bool:
        """Whether the path still leads to this file: somebody may have deleted or replaced it."""
        return self._identity is not None and identity_of(self.path) == self._identity

    @property
    def size(self) -> int:
        """Its bytes on disk, journal included."""
        total = 0
        for suffix in ("", "-wal"):
            with suppress(FileNotFoundError):
                total += Path(f"{self.path}{suffix}").stat().st_size
        return total

    def meta(self, key: str, default: str = "") -> str:
        """Return what the index says of itself."""
        found = fetch(self.connection, "SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else default

    def number(self, key: str) -> int:
        """Return a number that the index says of itself, 0 if it does not."""
        return int(self.meta(key, "0"))

    def shrink(self) -> None:
        """Give back the memory that its pages take."""
        fetch(self.connection, "PRAGMA shrink_memory")

    def close(self) -> None:
        """Close it."""
        self.connection.close()

    @contextmanager
    def change(self, generation: int | None = None) -> Iterator[None]:
        """Write as one transaction.

        Args:
            generation: What `generation` was when that what is written was read.

        Raises:
            OvertakenError: Another process has written since.
        """
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            now = self._generation(generation)
            if self.has_vectors:
                vector_store.check(self.connection)
            yield
            self.write_meta({"generation": now + 1})
            self.connection.execute("COMMIT")
        except BaseException:
            # What is taken back may have given some of them their numbers.
            self._known_authors.clear()
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    def _generation(self, expected: int | None) -> int:
        now = self.number("generation")
        if expected not in (None, now):
            raise OvertakenError
        return now

    def write_meta(self, values: Mapping[str, object]) -> None:
        """Set what the index says of itself."""
        self.connection.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [(key, str(value)) for key, value in values.items()],
        )

    def digests(self, table: int, above: int, up_to: int) -> dict[int, bytes]:
        """Return the digests of the indexed rows of a table, by rowid, within (above, up_to]."""
        found = fetch(
            self.connection,
            "SELECT number, digest FROM docs WHERE source = ? AND number > ? AND number <= ?",
            (table, above, up_to),
        )
        return {place(table, number)[1]: digest for number, digest in found}

    def digests_at(self, places: Iterable[Place]) -> dict[Place, bytes]:
        """Return the digests of the indexed rows at some places."""
        found: dict[Place, bytes] = {}
        for table, numbers in by_table(places).items():
            for part in _parts(numbers):
                each = fetch(
                    self.connection,
                    "SELECT number, digest FROM docs"
                    f" WHERE source = ? AND number IN ({_marks(part)})",
                    [table, *part],
                )
                found.update((place(table, number), digest) for number, digest in each)
        return found

    def count_rows(self) -> int:
        """Return of how many rows it holds something."""
        counting = "SELECT count(*) FROM (SELECT DISTINCT source, number FROM docs)"
        return int(fetch(self.connection, counting)[0][0])

    def unembedded(self, limit: int) -> list[Place]:
        """Return where some rows stand that still have no vector."""
        found = fetch(
            self.connection,
            "SELECT DISTINCT source, number FROM unembedded JOIN docs USING (slot) LIMIT ?",
            (limit,),
        )
        return [place(*each) for each in found]

    def places_of(self, record_ids: Sequence[str]) -> list[Place]:
        """Return where those rows stand that are indexed under these public ids."""
        marks, values = rows.listed(record_ids)
        found = fetch(
            self.connection,
            f"SELECT DISTINCT source, number FROM docs WHERE record_id IN ({marks})",
            values,
        )
        return [place(*each) for each in found]

    def forget(self, table: int, numbers: Iterable[int]) -> None:
        """Take rows of the database out of the index; one that is not in it is no error."""
        wanted = list(numbers)
        if not wanted or not self._has_any(table, min(wanted), max(wanted)):
            return
        found: list[int] = []
        for part in _parts(wanted):
            sql = f"SELECT slot FROM docs WHERE source = ? AND number IN ({_marks(part)})"
            found += [slot for (slot,) in fetch(self.connection, sql, [table, *part])]
        if not found:
            return
        each = [(slot,) for slot in found]
        self.connection.executemany("DELETE FROM docs WHERE slot = ?", each)
        self.connection.executemany("DELETE FROM words WHERE rowid = ?", each)
        self.connection.executemany("DELETE FROM unembedded WHERE slot = ?", each)
        self.connection.executemany("INSERT INTO removed (slot) VALUES (?)", each)
        if self.has_vectors and vector_store.dimension_of(self.connection):
            vector_store.remove(self.connection, found)

    def _has_any(self, table: int, first: int, last: int) -> bool:
        sql = "SELECT 1 FROM docs WHERE source = ? AND number BETWEEN ? AND ? LIMIT 1"
        return bool(fetch(self.connection, sql, (table, first, last)))

    def put(self, documents: Sequence[Document], vectors: NDArray[np.float32] | None) -> None:
        """Add documents of rows that are not in the index.

        Args:
            documents: What to add.
            vectors: float32 of shape [len(documents), dimension]; None leaves them to be embedded.
        """
        if not documents:
            return
        first = self.number("slots")
        slots = range(first, first + len(documents))
        self.write_meta({"slots": slots.stop})
        rows.insert(
            self.connection,
            "docs",
            ("slot", "source", "number", "part", "record_id", "digest"),
            [
                (slot, *document.source, document.record_id, document.digest)
                for slot, document in zip(slots, documents, strict=True)
            ],
            parameters=rows.MANY_PARAMETERS,
        )
        rows.insert(
            self.connection,
            "words",
            ("rowid", "text", "more"),
            [
                (slot, indexed(d.text), indexed(d.more))
                for slot, d in zip(slots, documents, strict=True)
            ],
            parameters=rows.MANY_PARAMETERS,
        )
        signs = self._put_vectors(slots, vectors)
        block = self._block(slots, documents, signs)
        self.connection.execute("INSERT INTO blocks (data) VALUES (?)", (block.tobytes(),))

    def _put_vectors(
        self, slots: Sequence[int], vectors: NDArray[np.float32] | None
    ) -> NDArray[np.uint64]:
        if vectors is None or not self.has_vectors:
            rows.insert(self.connection, "unembedded", ("slot",), [(slot,) for slot in slots])
            return np.zeros((len(slots), PLANES), np.uint64)
        dimension = vector_store.dimension_of(self.connection)
        if not dimension:
            dimension = vectors.shape[1]
            vector_store.create(self.connection, dimension)
        held = np.flatnonzero(vectors.any(axis=1))
        vector_store.put(self.connection, [slots[at] for at in held.tolist()], vectors[held])
        return bits_of(turned(vectors))

    def _block(
        self, slots: Sequence[int], documents: Sequence[Document], signs: NDArray[np.uint64]
    ) -> NDArray[np.void]:
        block = np.zeros(len(documents), BLOCK)
        block["slot"] = slots
        block["kind"] = [
            KINDS.index(document.kind) | (ASKS if _asks(document.text) else 0)
            for document in documents
        ]
        block["session"] = [name_hash(document.session_id) for document in documents]
        block["author"] = self._authors([document.author for document in documents])
        block["label"] = [name_hash(document.label) & NAME_BITS for document in documents]
        block["reason"] = [name_hash(document.reason) & NAME_BITS for document in documents]
        block["second"] = [second_of(document.moment) for document in documents]
        block["signs"] = signs
        return block

    def _authors(self, names: Sequence[str]) -> list[int]:
        """Return the numbers of authors, new ones for those that have none; 0 is nobody."""
        for name in sorted({*names} - self._known_authors.keys()):
            if name and rows.is_plain((name,)):
                self.connection.execute(
                    "INSERT OR IGNORE INTO authors SELECT count(*) + 1, ? FROM authors"
                    f" HAVING count(*) < {MOST_AUTHORS}",
                    (name,),
                )
                sql = "SELECT number FROM authors WHERE name = ?"
                found = fetch(self.connection, sql, (name,))
                self._known_authors.update((name, number) for (number,) in found)
        return [self._known_authors.get(name, 0) for name in names]


def place(table: int, number: int) -> Place:
    """Return where an index says that a row stands.

    Raises:
        TypeError: The index is damaged: no row can stand there.
    """
    are_numbers = table.__class__ is int and number.__class__ is int
    if not are_numbers or not 0 <= table < len(TABLES):
        raise TypeError("no place of a row")
    return table, number


def by_table(places: Iterable[Place]) -> dict[int, list[int]]:
    """Return the rowids of some places by their tables."""
    found: dict[int, list[int]] = {}
    for table, number in places:
        found.setdefault(table, []).append(number)
    return found


def selections(places: Iterable[Place]) -> Iterator[tuple[int, str, Sequence[int]]]:
    """Yield what selects the rows at some places: their table, the SQL, and its values."""
    for table, numbers in by_table(places).items():
        for part in _parts(numbers):
            yield table, f"rowid IN ({_marks(part)})", part


class OvertakenError(Exception):
    """Another process has written to the index meanwhile: read again what is to be written."""


def second_of(moment: int) -> int:
    """Return the second of a moment in microseconds, from 1901 to 2038; what is beyond is cut.

    It is enough to order turns, of which those of one second stand as they came.
    """
    return max(-_LAST_SECOND, min(moment // _SECOND, _LAST_SECOND))


def _asks(text: str) -> bool:
    # Most texts hold no mark at all, which is seen faster.
    has_mark = "?" in text or not text.isascii()
    return has_mark and _QUESTION.search(text) is not None


@lru_cache(maxsize=8192)
def name_hash(name: str) -> int:
    """Return 32 bits for a name; 0 for none.

    Names that share them are told apart when a hit is checked against its record.
    """
    return zlib.crc32(name.encode("utf-8", "surrogatepass")) if name else 0


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), ROWS_PER_STATEMENT):
        yield values[start : start + ROWS_PER_STATEMENT]


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
