"""Reading a database for its index: rows of its tables, the next or some, and their digests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final, NamedTuple

from storage import archive_reading, driver, rows
from storage.findings import is_damage
from storage.kinds import STATE, Kind, find
from storage.search.documents import TABLES, Document, Source, read_documents
from storage.search.index_file import Place, selections
from storage.search.portions import BYTES_PER_READ, ROWS_PER_SWEEP, Step, read_around
from storage.view import View

_ROWS_PER_READ: Final = 100
_ROWS_PER_BATCH: Final = 2000


def counts(view: View, name: str, high: int) -> tuple[int, int]:
    """Count the rows of a table, and those above a rowid; of a damaged one as far as one can."""
    table = view.layout.get(name)
    if table is None:
        return 0, 0
    counting = f"SELECT count(*) FROM {rows.quote(table.name)}"
    # All are counted in an index of the table, which may be sound.
    total = _count(view, counting, ()) or 0
    new = _count(view, f"{counting} WHERE rowid > ?", (high,))
    return total, new if new is not None else total if high < 0 else 0


def _count(view: View, sql: str, values: Sequence[int]) -> int | None:
    try:
        return int(view.fetch(sql, values)[0][0])
    except driver.DatabaseError as error:
        if not is_damage(error):
            raise
        return None


class Read(NamedTuple):
    """Rows of a table: documents, rowids, up to where they go, and whether some cannot be read."""

    documents: list[Document]
    numbers: list[int]
    high: int
    is_damaged: bool


def read_above(view: View, table: int, high: int) -> Read:
    """Read the next rows of a table."""
    read = partial(read_documents, view, table)
    documents: list[Document] = []
    numbers: list[int] = []
    size, is_damaged = 0, False
    while len(numbers) < _ROWS_PER_BATCH and size < BYTES_PER_READ:
        step = read_around(view, table, high, _ROWS_PER_READ, read)
        is_damaged |= step.is_damaged
        if step.up_to is None:
            break
        found, read_numbers = step.found or ([], [])
        documents += found
        numbers += read_numbers
        size += step.size
        high = step.up_to
    return Read(documents, numbers, high, is_damaged)


def read_sources(view: View, sources: Iterable[Source]) -> dict[Source, Document]:
    """Read the documents at some places of the database, as they are now."""
    places = {(source.table, source.number) for source in sources}
    found: dict[Source, Document] = {}
    for table, where, numbers in selections(sorted(places)):
        documents, _ = read_documents(view, table, where, numbers)
        found.update((document.source, document) for document in documents)
    return found


def places_of(view: View, kind: Kind, ids: Sequence[str]) -> set[Place]:
    """Return where the rows of records stand, live and archived."""
    found = [row for many in find(view, kind, ids).values() for row in many]
    if kind is not STATE:
        found += archive_reading.rows_of(view, kind, ids)
    return {(TABLES.index(row.table.name.lower()), row.rowid) for row in found}


def digests_above(view: View, table: int, above: int) -> Step[dict[int, bytes]]:
    """Return the digests of the next rows of a table, by rowid."""
    return read_around(view, table, above, ROWS_PER_SWEEP, partial(_digests, view, table))


def digests_at(view: View, places: Sequence[Place]) -> dict[Place, bytes]:
    """Return the digests of the rows at some places; those that are gone are left out."""
    found: dict[Place, bytes] = {}
    for table, where, numbers in selections(places):
        digests = _digests(view, table, where, numbers)
        found.update(((table, number), digest) for number, digest in digests.items())
    return found


def _digests(view: View, table: int, where: str, values: Sequence[int]) -> dict[int, bytes]:
    layout = view.layout.get(TABLES[table])
    if layout is None:
        return {}
    found = view.fetch(
        f"SELECT rowid, {rows.names(layout.columns)} FROM {rows.quote(layout.name)} WHERE {where}",
        values,
    )
    digests = rows.digests(layout.columns, (row[1:] for row in found))
    return dict(zip((row[0] for row in found), digests, strict=True))
