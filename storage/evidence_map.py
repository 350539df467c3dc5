"""Which patterns were made from which records, for all patterns at once, kept while it holds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from storage import driver, rows
from storage.database import Database
from storage.evidence import Evidence, read_evidence
from storage.findings import is_damage
from storage.json_utils import decode
from storage.kinds import PATTERN, public_id
from storage.rows import quote
from storage.view import View

_ROWS_PER_HOP: Final = 1000
_FIRST: Final = -(2**63)


class Told(NamedTuple):
    """What one pattern, live or archived, tells of its sources."""

    digest: int
    pattern_id: str
    evidence: Evidence


class EvidenceMap(NamedTuple):
    """What all patterns of a file name as their sources, read both ways.

    Attributes:
        of: Public id of a pattern → what it was made from; a live one before an archived one.
        naming: Public id of a record → the ids of the patterns that name it.
        patterns: How many rows were read.
    """

    of: Mapping[str, Evidence]
    naming: Mapping[str, Sequence[str]]
    patterns: int


class _Part(NamedTuple):
    told: dict[int, Told]
    last: int | None


_Run = Callable[[Callable[[View], _Part]], Awaitable[_Part]]


class EvidenceReader:
    """Reads the evidence of all patterns in one pass, and again only once something changed.

    Args:
        database: The open file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._version: int | None = None
        self._told: dict[str, dict[int, Told]] = {}
        self._map = EvidenceMap({}, {}, 0)
        self._reading = asyncio.Lock()

    @property
    def last(self) -> EvidenceMap | None:
        """The map as it was read last, or None before that."""
        return None if self._version is None else self._map

    async def read(self) -> EvidenceMap:
        """Give the map of the file as it is now; inside a transaction, with what that changed.

        Raises:
            StorageError: It cannot be read.
        """
        if self._database.is_inside:
            # Nobody else must see it, and it may be rolled back.
            told = await self._read_tables(self._database.read)
            return await asyncio.to_thread(_joined, list(told.values()))
        async with self._reading:
            version = await self._database.data_version()
            if version != self._version:
                told = await self._read_tables(self._database.read_committed)
                if told != self._told or self._version is None:
                    self._told = told
                    self._map = await asyncio.to_thread(_joined, list(told.values()))
                self._version = version
            return self._map

    async def _read_tables(self, run: _Run) -> dict[str, dict[int, Told]]:
        return {
            table: await self._read_table(run, table) for table in ("patterns", PATTERN.archive)
        }

    async def _read_table(self, run: _Run, table: str) -> dict[int, Told]:
        known, found = self._told.get(table, {}), dict[int, Told]()
        last: int | None = _FIRST
        while last is not None:
            part = await run(partial(_read_part, name=table, after=last, known=known))
            found |= part.told
            last = part.last
        return found


def _read_part(view: View, name: str, after: int, known: Mapping[int, Told]) -> _Part:
    """Read some rows; what was known and stands as it did is not decoded again."""
    table = view.layout.get(name)
    column = "metadata" if name == "patterns" else "data"
    if table is None or not table.has(column):
        return _Part({}, None)
    key = table.sql("id" if name == "patterns" else "original_id")
    told: dict[int, Told] = {}
    last: int | None = None
    try:
        found = view.fetch(
            f"SELECT rowid, {key}, {table.sql(column)} FROM {quote(table.name)}"
            f" WHERE rowid > ? ORDER BY rowid LIMIT {_ROWS_PER_HOP}",
            [after],
        )
    except driver.DatabaseError as error:
        # The health scan tells what is damaged; what can be read is shown.
        if not is_damage(error):
            raise
        return _Part({}, None)
    for rowid, own, stored in found:
        digest, before = hash((own, stored)), known.get(rowid)
        if before is not None and before.digest == digest:
            told[rowid] = before
        else:
            metadata = stored if name == "patterns" else _archived_metadata(stored)
            told[rowid] = Told(digest, public_id(own, rowid), read_evidence(metadata))
        last = rowid
    return _Part(told, last if len(found) == _ROWS_PER_HOP else None)


def _archived_metadata(data: rows.Value) -> rows.Value:
    document: Any = decode(data, dict)
    if not isinstance(document, dict):
        return None
    values = rows.decode_row(document)
    return next((value for name, value in values.items() if name.lower() == "metadata"), None)


def _joined(tables: Sequence[Mapping[int, Told]]) -> EvidenceMap:
    of: dict[str, Evidence] = {}
    naming: dict[str, dict[str, None]] = {}
    for number, table in enumerate(tables):
        # Of several archive rows of a pattern the newest counts, and a live one before all.
        newest = {told.pattern_id: told.evidence for told in table.values()}
        for pattern_id, evidence in newest.items():
            if number and pattern_id in of:
                continue
            of[pattern_id] = evidence
            for source in evidence.sources:
                naming.setdefault(source.record_id, {})[pattern_id] = None
    return EvidenceMap(of, {each: tuple(ids) for each, ids in naming.items()}, len(of))
