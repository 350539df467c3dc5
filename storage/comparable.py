"""What of a record counts when two memories are compared: its key, a digest, and its content.

What only one file knows does not count: the numbers of rows, and in which of its tables a record
stands. A record that was archived is the same record in another place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from storage import driver, fields, record_reading, rows
from storage.archive_reading import key_column
from storage.kinds import INTERACTION, NOTE, PATTERN, SNAPSHOT, STATE, Kind, public_id
from storage.layout import TableLayout
from storage.locating import Place
from storage.moments import parse_moment
from storage.records import Record, stored_record
from storage.rows import quote
from storage.schema import NOTES
from storage.view import View

COMPARED: Final = tuple(kind.name for kind in (INTERACTION, PATTERN, STATE, SNAPSHOT, NOTE))
"""The kinds of record that are compared."""

BOOKKEEPING: Final = (
    *("created_at", "updated_at", "snapshot_time", "trigger_event", "world_model_id"),
    *("is_active", "merged_from"),
)
"""What a world model says of itself beside what is believed in it."""

_ROWS_PER_STEP: Final = 2000
_BYTES_PER_STEP: Final = 4 * 2**20
_DIGEST_BYTES: Final = 12
_FIRST: Final = -(2**63)
_KINDS: Final = {kind.name: kind for kind in (INTERACTION, PATTERN, STATE, SNAPSHOT, NOTE)}
_ARCHIVED: Final = (INTERACTION, PATTERN)
# Numbers of rows, which another file gives otherwise.
_OWN: Final = {
    **dict.fromkeys(INTERACTION.tables, ("id",)),
    INTERACTION.archive: ("id", "original_id"),
    PATTERN.archive: ("id",),
    SNAPSHOT.tables[0]: ("id",),
    NOTE.tables[0]: ("id",),
}
# What tells the record from others where its id does not.
_NAMES: Final = {
    PATTERN.tables[0]: ("name", "pattern_type"),
    PATTERN.archive: ("pattern_name", "pattern_type"),
    STATE.tables[0]: ("domain", "session_id"),
}


class Spot(NamedTuple):
    """Where the scan of a kind is: in which of its tables, and after which row."""

    table: int = 0
    last: int = _FIRST


class Trace(NamedTuple):
    """One record, as far as it is needed to find its like in another memory: a row to be stored.

    Attributes:
        key: What it is matched by, in UTF-8; of most kinds the public id.
        moment: When it was archived, 0 for a live one: of several archive rows of one record the
            latest counts.
        number: The number of its row.
        list: The kind of list that it stands in, and with `rank` its table there.
        rank: Rank of the table.
        digest: Changes whenever what is stored of it does.
        name: Name and type in one text; empty where the kind has none.
        record_id: Its public id.
    """

    key: bytes
    moment: int
    number: int
    list: str
    rank: int
    digest: bytes
    name: bytes
    record_id: bytes


class Traces(NamedTuple):
    """A part of the records of a kind.

    Attributes:
        found: The records.
        is_archived: Whether they stand in the archive.
        next: Where the next part begins; None at the end.
    """

    found: list[Trace]
    is_archived: bool
    next: Spot | None


def check_kind(kind: str) -> None:
    """Refuse a kind that cannot be compared.

    Raises:
        ValidationError: There is no such kind.
    """
    fields.check_choice("kind", kind, COMPARED)


def traces(view: View, kind_name: str, spot: Spot) -> Traces:
    """Look at some records of a kind: first the live ones, then those in the archive."""
    kind = _KINDS[kind_name]
    lists = _lists(kind)
    if spot.table >= len(lists):
        return Traces([], False, None)
    listed, name = lists[spot.table]
    is_archived = listed != kind.name
    table = view.layout.get(name)
    after = Spot(spot.table + 1)
    end = after if after.table < len(lists) else None
    if table is None:
        return Traces([], is_archived, end)
    found, last = _scan(view, table, _Maker(kind, table, listed), spot.last)
    return Traces(found, is_archived, end if last is None else Spot(spot.table, last))


def _lists(kind: Kind) -> list[tuple[str, str]]:
    """Return the kind of list and the name of each table in which records of a kind stand."""
    live = [(kind.name, name) for name in kind.tables]
    return [*live, (f"archived_{kind.name}", kind.archive)] if kind in _ARCHIVED else live


def _scan(
    view: View, table: TableLayout, make: _Maker, last: int
) -> tuple[list[Trace], int | None]:
    """Look at rows after one; return also the number of the last, or None at the end."""
    sql = (
        f"SELECT rowid, {rows.names(table.columns)} FROM {quote(table.name)}"
        f" WHERE rowid > ? ORDER BY rowid LIMIT {_ROWS_PER_STEP}"
    )
    try:
        return _part(view, sql, make, last)
    except driver.OperationalError as error:
        if "Could not decode to UTF-8" not in str(error):
            raise
    view.connection.text_factory = rows.tolerant_text
    try:
        return _part(view, sql, make, last)
    finally:
        view.connection.text_factory = str


def _part(view: View, sql: str, make: _Maker, last: int) -> tuple[list[Trace], int | None]:
    found: list[Trace] = []
    size = 0
    cursor = view.connection.execute(sql, (last,))
    try:
        for row in cursor:
            document = make.document(row)
            found.append(make.trace(row, document))
            size += len(document)
            if size >= _BYTES_PER_STEP:
                return found, row[0]
    finally:
        cursor.close()
    return found, found[-1].number if len(found) == _ROWS_PER_STEP else None


class _Maker:
    """Makes traces of the rows of one table."""

    def __init__(self, kind: Kind, table: TableLayout, listed: str) -> None:
        self._kind = kind
        self._list = listed
        is_archive = listed != kind.name
        name = table.name.lower()
        self._rank = 0 if is_archive else kind.tables.index(name)
        lower = [column.lower() for column in table.columns]
        own = _OWN.get(name, ())
        self._counted = [(column, at + 1) for at, column in enumerate(lower) if column not in own]
        key = key_column(kind) if is_archive else kind.key
        self._key = self._at(lower, key)
        self._original = self._at(lower, "original_id") if is_archive else None
        self._archived_at = self._at(lower, "archived_at") if is_archive else None
        self._names = [self._at(lower, each) for each in _NAMES.get(name, ())]
        parts = {SNAPSHOT: ("world_model_id", "snapshot_time"), NOTE: ("kind", "record_id")}
        self._parts = [self._at(lower, each) for each in parts.get(kind, ())]

    @staticmethod
    def _at(columns: Sequence[str], name: str) -> int | None:
        # The rowid comes before them.
        return columns.index(name) + 1 if name in columns else None

    def document(self, row: Sequence[Any]) -> bytes:
        """Return what counts of a row, in one spelling."""
        return rows.encode_row(
            {name: value for name, at in self._counted if (value := row[at]) is not None},
            orjson.OPT_SORT_KEYS,
        )

    def trace(self, row: Sequence[Any], document: bytes) -> Trace:
        """Make the trace of a row."""
        number: int = row[0]
        key = None if self._key is None else row[self._key]
        record_id = rows.exact_bytes(
            key
            if key.__class__ is str
            else public_id(key, number if self._original is None else row[self._original])
        )
        moment = 0 if self._archived_at is None else parse_moment(row[self._archived_at])
        return Trace(
            self._joined(row, self._parts) or record_id,
            moment,
            number,
            self._list,
            self._rank,
            hashlib.blake2b(document, digest_size=_DIGEST_BYTES).digest(),
            self._joined(row, self._names) if self._names else b"",
            record_id,
        )

    @staticmethod
    def _joined(row: Sequence[Any], places: Sequence[int | None]) -> bytes:
        """Return several values as one; nothing where none of them says anything."""
        told = ["" if at is None or row[at] is None else str(row[at]) for at in places]
        return rows.exact_bytes("\0".join(told)) if any(told) else b""


def contents(view: View, kind_name: str, places: Sequence[Place]) -> list[Record | None]:
    """Return what is compared of the records at these places, in their order; None where one went.

    A field that cannot be decoded is the `CorruptJSON` that it reads as.
    """
    kind = _KINDS[kind_name]
    found: dict[Place, Record | None] = {}
    for listed in {place.kind for place in places}:
        own = [place for place in places if place.kind == listed]
        if kind is NOTE:
            read = _notes(view, own)
        else:
            read = record_reading.records_of(view, listed, [place.key for place in own])
        found |= dict(zip(own, read, strict=True))
    return [
        None if (record := found[place]) is None else _content(kind, place, record)
        for place in places
    ]


def _notes(view: View, places: Sequence[Place]) -> list[Record | None]:
    table = view.layout.get(NOTES.name)
    if table is None:
        return [None for _ in places]
    read = [view.rows(table, "rowid = ?", [place.key.rowid]) for place in places]
    return [stored_record(NOTES, found[0]) if found else None for found in read]


def _content(kind: Kind, place: Place, record: Record) -> Record:
    held = dict(record)
    if place.kind != kind.name:
        inner = held["record"]
        names = ("archived_at", "archive_reason", kind.target or "")
        told = {name: held.get(name) for name in names}
        held = {**(inner if type(inner) is dict else {"record": inner}), **told}
    if kind is not PATTERN and kind is not STATE:
        held.pop("id", None)
    if kind in (STATE, SNAPSHOT):
        # It is another spelling of `domain_confidence`.
        held.pop("confidence", None)
    # A file whose table lacks a column has it as None as well.
    return {name: value for name, value in held.items() if value is not None}
