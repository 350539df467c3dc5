"""The reading side of an index: it keeps its arrays up to date and runs the rankings."""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from storage import driver, vector_store
from storage.rows import fetch
from storage.search import ranking
from storage.search.arrays import Arrays
from storage.search.documents import KINDS, Source
from storage.search.index_file import ASKS, BLOCK, place
from storage.search.index_opening import ALONE
from storage.search.meaning import Meaning
from storage.search.query import Query
from storage.search.ranking import Corpus, Order, Ranked
from storage.search.spaceless import joined, pieces
from storage.search.spare_memory import give_back
from storage.search.spelling import composed, spelled_out, words_in
from storage.view import ROWS_PER_STATEMENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_CACHE_KIB: Final = 1024
_BUSY_MS: Final = 2000
_BLOCKS_AT_ONCE: Final = 10
# Whoever types finds most of what he has found again with every letter.
_MOST_RECENT: Final = 2000
_WORD: Final = re.compile(r"(?:\w|[^\0-\x7f\u200c])+")
# Roles that are ordinary words: a question that holds one does not ask for what it said.
_NO_NAMES: Final = frozenset({"system", "tool", "function", "agent", "developer"})


class Indexed(NamedTuple):
    """The row that a document of the index was made from.

    Attributes:
        source: Where it stands in the database.
        digest: Of the row that the index has read.
    """

    source: Source
    digest: bytes


Found = tuple[Ranked, Indexed]
"""What a ranking says of a document, and the row of that."""


def connect(path: Path) -> driver.Connection:
    """Open an index to read it."""
    with ALONE:
        connection = driver.connect(f"{path.absolute().as_uri()}?mode=ro", busy_ms=_BUSY_MS)
        try:
            driver.prepare_reader(connection)
            connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
            # Opens the log and the `-shm` that belong to this file.
            fetch(connection, "SELECT count(*) FROM sqlite_schema")
        except BaseException:
            connection.close()
            raise
        return connection


class Searcher:
    """Searches an index; everything runs in the thread of its connection.

    Args:
        connection: The connection of the index.
    """

    def __init__(self, connection: driver.Connection) -> None:
        self._connection = connection
        self._has_vectors = vector_store.load(connection)
        self._corpus = Corpus(connection, Arrays(), {})
        self._seen = {"blocks": 0, "removed": 0, "authors": 0}
        self._version = -1
        self._recent: dict[int, Indexed] = {}
        self.dimension = 0

    def rank(self, query: Query, vector: Floats | None, limit: int) -> list[Found]:
        """Return the best documents for a query, best first."""
        self.refresh()
        return self._found(ranking.rank(self._corpus, query, self._usable(vector), limit))

    def typeahead(self, query: Query, limit: int) -> list[Found]:
        """Return the newest documents that hold every term of a query."""
        self.refresh()
        return self._found(ranking.typeahead(self._corpus, query, limit))

    def similar(self, table: int, number: int, query: Query, limit: int) -> list[Found]:
        """Return what is nearest in meaning to a row; nothing where that has no vector."""
        self.refresh()
        own = [slot for (slot,) in self._slots(table, number)]
        vectors = self.vectors(own[:1])
        if not vectors:
            return []
        return self.nearest(next(iter(vectors.values())), query, limit, without=set(own))

    def nearest(
        self, vector: Floats, query: Query, limit: int, without: set[int] | None = None
    ) -> list[Found]:
        """Return the documents nearest to a vector, nearest first, by their vectors alone."""
        self.refresh()
        usable = self._usable(vector)
        if usable is None or not len(self._corpus.arrays):
            return []
        skipped = without or set()
        meaning = Meaning(self._connection, self._corpus.arrays, usable)
        slots, cosines = meaning.nearest(limit + len(skipped), self._corpus.allowed(query))
        return self._found(
            [
                (int(slot), Ranked(float(cosine), float(cosine), False, True, ()))
                for slot, cosine in zip(slots, cosines, strict=True)
                if slot not in skipped
            ][:limit]
        )

    def vectors(self, slots: list[int]) -> dict[int, Floats]:
        """Return the vectors of some slots, as far as there are."""
        if not self._has_vectors or not self.dimension:
            return {}
        return vector_store.read(self._connection, slots)

    def all_vectors(self, tables: Collection[int]) -> tuple[list[tuple[Source, bytes]], Floats]:
        """Return the documents of some tables that have vectors, and these.

        Returns:
            Where each stands with the digest of its row; and float32 of shape [n, dimension].
        """
        self.refresh()
        if not self._has_vectors or not self.dimension:
            return [], np.zeros((0, 0), np.float32)
        marks = ", ".join("?" * len(tables))
        held = {
            slot: (_source(*source), digest)
            for slot, *source, digest in fetch(
                self._connection,
                f"SELECT slot, source, number, part, digest FROM docs WHERE source IN ({marks})",
                list(tables),
            )
        }
        found: list[tuple[Source, bytes]] = []
        vectors = np.empty((len(held), self.dimension), np.float32)
        for slot, raw in vector_store.read_all(self._connection):
            if slot in held:
                vectors[len(found)] = np.frombuffer(raw, np.float32)
                found.append(held[slot])
        return found, vectors[: len(found)]

    def refresh(self) -> None:
        """Take in what the index has learned since."""
        version = int(fetch(self._connection, "PRAGMA data_version")[0][0])
        if version == self._version:
            return
        if self._has_vectors:
            vector_store.check(self._connection)
        if self._connection.in_transaction:
            # Who was cancelled has interrupted the end of the last time.
            self._connection.execute("ROLLBACK")
        # One reading transaction, so that blocks and removals are of the same moment.
        self._connection.execute("BEGIN")
        try:
            self._read_blocks()
            self._read_removed()
            self._read_authors()
            self.dimension = vector_store.dimension_of(self._connection)
            # Once: it takes longer the more there are.
            is_opening = self._version < 0
            held = fetch(self._connection, "SELECT count(*) FROM docs") if is_opening else []
        finally:
            self._connection.execute("COMMIT")
        if self._corpus.arrays.order():
            give_back()
        if held and held[0][0] != len(self._corpus.arrays):
            raise driver.DatabaseError("the logs of the index lack documents, or hold others")
        self._version = version
        self._recent.clear()

    def _read_blocks(self) -> None:
        slots, most = self._slots_used()
        self._corpus.arrays.expect(min(slots, most))
        while True:
            found = fetch(
                self._connection,
                f"SELECT id, data FROM blocks WHERE id > ? ORDER BY id LIMIT {_BLOCKS_AT_ONCE}",
                (self._seen["blocks"],),
            )
            if not found:
                return
            self._corpus.arrays.put(self._sound(b"".join(data for _, data in found), slots))
            self._seen["blocks"] = found[-1][0]

    def _slots_used(self) -> tuple[int, int]:
        """Return how many slots were given away, and up to which they hold something."""
        found = fetch(self._connection, "SELECT value FROM meta WHERE key = 'slots'")
        [(last,)] = fetch(self._connection, "SELECT COALESCE(max(slot), -1) FROM docs")
        return int(found[0][0]) if found else 0, last + 1

    def _sound(self, raw: bytes, slots: int) -> NDArray[np.void]:
        """Return the documents of blocks.

        Raises:
            DatabaseError: They cannot be what was written.
        """
        if len(raw) % BLOCK.itemsize == 0:
            block = np.frombuffer(raw, BLOCK)
            # Each slot is given away once, and none before those that were read already.
            is_new = np.diff(block["slot"], prepend=self._corpus.arrays.size - 1) > 0
            is_used = block["slot"] < slots
            has_kind = block["kind"] & ~np.uint8(ASKS) < len(KINDS)
            if (is_new & is_used & has_kind).all():
                return block
        raise driver.DatabaseError("the database disk image is malformed")

    def _read_removed(self) -> None:
        found = self._news("removed", "id, slot")
        self._corpus.arrays.remove([slot for _, slot in found])

    def _read_authors(self) -> None:
        for number, name in self._news("authors", "number, name", "number"):
            if name in _NO_NAMES:
                continue
            for word in _asked_as(name):
                self._corpus.authors.setdefault(word, array("H")).append(number)

    def _news(self, table: str, columns: str, key: str = "id") -> list[Any]:
        found = fetch(
            self._connection,
            f"SELECT {columns} FROM {table} WHERE {key} > ? ORDER BY {key}",
            (self._seen[table],),
        )
        if found:
            self._seen[table] = found[-1][0]
        return found

    def _slots(self, table: int, number: int) -> list[Any]:
        return fetch(
            self._connection,
            "SELECT slot FROM docs WHERE source = ? AND number = ? ORDER BY slot",
            (table, number),
        )

    def _usable(self, vector: Floats | None) -> Floats | None:
        """Return a vector if this index can compare it: another embedder's it cannot."""
        if vector is None or not self._has_vectors or len(vector) != self.dimension:
            return None
        return vector if vector.any() else None

    def _found(self, order: Order) -> list[Found]:
        recent = self._recent
        slots = [slot for slot, _ in order if slot not in recent]
        for start in range(0, len(slots), ROWS_PER_STATEMENT):
            part = slots[start : start + ROWS_PER_STATEMENT]
            sql = (
                "SELECT slot, source, number, part, digest FROM docs"
                f" WHERE slot IN ({', '.join('?' * len(part))})"
            )
            for slot, table, number, at, digest in fetch(self._connection, sql, part):
                recent[slot] = Indexed(_source(table, number, at), digest)
        found = [(ranked, recent[slot]) for slot, ranked in order if slot in recent]
        if len(recent) > _MOST_RECENT:
            recent.clear()
        return found


def _asked_as(name: str) -> Iterator[str]:
    """Yield how the words of a name stand in a question, if that asks for what was said by it."""
    for word in _WORD.findall(spelled_out(composed(name))):
        if word.isascii():
            yield word
        else:
            yield from map(joined, pieces([each[0] for each in words_in(word)]))


def _source(table: int, number: int, part: str) -> Source:
    """Return where a document stands.

    Raises:
        TypeError: The index is damaged: no document can stand there.
    """
    if part.__class__ is not str:
        raise TypeError("no part of a row")
    table, number = place(table, number)
    return Source(table, number, part)
