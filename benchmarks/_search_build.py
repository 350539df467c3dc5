"""Figures of building an index, against its parts measured alone, and what it takes on disk."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from benchmarks import _bench
from benchmarks._bench import Figure
from benchmarks._search import MIB, Cost, Memory, batches
from storage import driver, vector_store
from storage.embedders import WordLlamaEmbedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_WANTED: Final = 0.7


class Parts(NamedTuple):
    """What the parts of an index take, each alone."""

    words: Cost
    embedding: Cost
    vectors: Cost

    @property
    def together(self) -> Cost:
        """Their sum."""
        return self.words + self.embedding + self.vectors


async def building(memory: Memory, rounds: int) -> list[Figure]:
    """Compare building an index with its parts; the last one built is the one to be searched."""
    await memory.make()
    declared: dict[str, str] = {}
    built, parts = list[Cost](), list[Parts]()
    for number in range(rounds):
        _bench.remove(memory.index)
        built.append(await memory.build(memory.index))
        declared = declared or _declared(memory.index)
        parts.append(_parts(memory, memory.folder / f"part-{number}.db", declared))
    pairs = list(zip(parts, built, strict=True))
    reached = statistics.median(part.together.clock / cost.clock for part, cost in pairs)
    worked = statistics.median(part.together.processors / cost.processors for part, cost in pairs)
    alone = [statistics.median(cost.clock for cost in costs) for costs in zip(*parts, strict=True)]
    rate = memory.records / statistics.median(cost.clock for cost in built)
    told = (
        f"{rate:,.0f} records/s; alone words {alone[0]:.1f} s, embedding {alone[1]:.1f} s,"
        f" vectors {alone[2]:.1f} s; by processor time {worked:.2f} x"
    )
    size, text = memory.index.stat().st_size, memory.path.stat().st_size
    on_disk = (
        f"{size / memory.records:,.0f} B a record, {size / MIB:,.0f} MiB"
        f" beside a database of {text / MIB:,.0f} MiB"
    )
    return [
        Figure(
            f"(a) building the index, {memory.records:,} records",
            f"{reached:.2f} x sum of its parts ({told})",
            f">= {_WANTED:g}",
            reached >= _WANTED,
        ),
        Figure(f"(e) the index on disk, {memory.records:,} records", on_disk),
    ]


def _declared(index: Path) -> dict[str, str]:
    """Return the SQL of the virtual tables of an index, and its pragmas."""
    connection = driver.connect(f"{index.as_uri()}?mode=ro", busy_ms=5000)
    try:
        found = dict(
            connection.execute(
                "SELECT name, sql FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%'"
            ).fetchall()
        )
        found["page_size"] = str(connection.execute("PRAGMA page_size").fetchone()[0])
        return found
    finally:
        connection.close()


def _parts(memory: Memory, path: Path, declared: dict[str, str]) -> Parts:
    """Measure the parts, a batch of each after the other, in transactions of the same size."""
    embedder = WordLlamaEmbedder()
    embedder.embed_now(["loaded"])
    words = _fresh(path.with_suffix(".words"), declared, "words")
    vectors = _fresh(path.with_suffix(".vectors"), declared, "vectors")
    taken = Parts(Cost(), Cost(), Cost())
    for start, texts in batches(memory.texts()):
        numbers = range(start + 1, start + 1 + len(texts))
        rows = [(number, *text) for number, text in zip(numbers, texts, strict=True)]
        began = Cost.now()
        _insert_words(words, rows)
        inserted = Cost.now()
        found = embedder.embed_now([text for text, _ in texts])
        embedded = Cost.now()
        _insert_vectors(vectors, numbers, found)
        taken = Parts(
            taken.words + inserted - began,
            taken.embedding + embedded - inserted,
            taken.vectors + Cost.now() - embedded,
        )
    words.close()
    vectors.close()
    for suffix in (".words", ".vectors"):
        _bench.remove(path.with_suffix(suffix))
    return taken


def _fresh(path: Path, declared: dict[str, str], table: str) -> driver.Connection:
    connection = driver.connect(f"{path.as_uri()}?mode=rwc", busy_ms=5000)
    if not vector_store.load(connection):
        raise SystemExit("The benchmark needs sqlite-vec: run `pip install sqlite-vec`.")
    connection.execute(f"PRAGMA page_size={declared['page_size']}")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(declared[table])
    return connection


def _insert_words(connection: driver.Connection, rows: list[tuple[int, str, str]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO words(rowid, text, more) VALUES (?, ?, ?)", rows)
    connection.execute("COMMIT")


def _insert_vectors(connection: driver.Connection, numbers: range, vectors: Floats) -> None:
    def rows() -> Iterator[tuple[int, bytes]]:
        for number, vector in zip(numbers, vectors, strict=True):
            yield number, vector.tobytes()

    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO vectors(rowid, embedding) VALUES (?, ?)", rows())
    connection.execute("COMMIT")
