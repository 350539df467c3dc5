"""What of a record counts when two memories are compared: its key, a digest, and its content.

What only one file knows does not count: the numbers of rows, and in which of its tables a record
stands. A record that was archived is the same record in another place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from storage import driver, record_reading, rows
from storage.archive_reading import key_column
from storage.errors import ValidationError
from storage.json_utils import CorruptJSON
from storage.kinds import INTERACTION, NOTE, PATTERN, SNAPSHOT, STATE, Kind, public_id
from storage.listing import Key
from storage.locating import Place
from storage.moments import parse_moment
from storage.records import Record, stored_record
from storage.rows import quote
from storage.schema import NOTES
from storage.view import TableLayout, View

COMPARED: Final = tuple(kind.name for kind in (INTERACTION, PATTERN, STATE, SNAPSHOT, NOTE))
"""The kinds of record that are compared."""

BOOKKEEPING: Final = (
    *("created_at", "updated_at", "snapshot_time", "trigger_event", "world_model_id"),
    *("is_active", "merged_from"),
)
"""What a world model says of itself beside what is believed in it."""

_ROWS_PER_STEP: Final = 2000
_BYTES_PER_STEP: Final = 4 * 2**20
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


class Sighting(NamedTuple):
    """One record, as far as it is needed to find its like in another memory.

    Attributes:
        key: What it is matched by; of most kinds the public id.
        record_id: Its public id.
        place: Where it stands.
        age: Of several archive rows of one record the one with the greatest counts.
        digest: Changes whenever what is stored of it does.
        name: Name and type in one text; empty where the kind has none.
    """

    key: str
    record_id: str
    place: Place
    age: tuple[int, int]
    digest: bytes
    name: str


class Sightings(NamedTuple):
    """A part of the records of a kind, and where the next one begins; None at the end."""

    found: list[Sighting]
    next: Spot | None


def check_kind(kind: str) -> None:
    """Refuse a kind that cannot be compared.

    Raises:
        ValidationError: There is no such kind.
    """
    if kind not in _KINDS:
        raise ValidationError(f"kind must be one of {', '.join(COMPARED)}.", field="kind")


def sightings(view: View, kind_name: str, spot: Spot) -> Sightings:
    """Look at some records of a kind: first the live ones, then those in the archive."""
    kind = _KINDS[kind_name]
    lists = _lists(kind)
    if spot.table >= len(lists):
        return Sightings([], None)
    table = view.layout.get(lists[spot.table][1])
    after = Spot(spot.table + 1)
    end = after if after.table < len(lists) else None
    if table is None:
        return Sightings([], end)
    found, last = _scan(view, kind, table, lists[spot.table][0], spot.last)
    return Sightings(found, end if last is None else Spot(spot.table, last))


def _lists(kind: Kind) -> list[tuple[str, str]]:
    """Return the kind of list and the name of each table in which records of a kind stand."""
    live = [(kind.name, name) for name in kind.tables]
    return [*live, (f"archived_{kind.name}", kind.archive)] if kind in _ARCHIVED else live


def _scan(
    view: View, kind: Kind, table: TableLayout, listed: str, last: int
) -> tuple[list[Sighting], int | None]:
    sql = (
        f"SELECT rowid, {rows.names(table.columns)} FROM {quote(table.name)}"
        f" WHERE rowid > ? ORDER BY rowid LIMIT {_ROWS_PER_STEP}"
    )
    try:
        read, is_end = _part(view, sql, last)
    except driver.OperationalError as error:
        if "Could not decode to UTF-8" not in str(error):
            raise
        view.connection.text_factory = rows.tolerant_text
        try:
            read, is_end = _part(view, sql, last)
        finally:
            view.connection.text_factory = str
    make = _Maker(kind, table, listed)
    return list(make.sightings(read)), None if is_end else read[-1][0]


def _part(view: View, sql: str, last: int) -> tuple[list[Any], bool]:
    """Read rows until there are enough, or enough bytes; say whether these are the last."""
    found, size = [], 0
    cursor = view.connection.execute(sql, (last,))
    try:
        for row in cursor:
            found.append(row)
            size += sum(len(value) for value in row if isinstance(value, str | bytes))
            if size >= _BYTES_PER_STEP:
                return found, False
    finally:
        cursor.close()
    return found, len(found) < _ROWS_PER_STEP


class _Maker:
    """Makes sightings of the rows of one table."""

    def __init__(self, kind: Kind, table: TableLayout, listed: str) -> None:
        self._kind = kind
        self._list = listed
        self._is_archive = listed != kind.name
        name = table.name.lower()
        self._rank = 0 if self._is_archive else kind.tables.index(name)
        lower = [column.lower() for column in table.columns]
        own = _OWN.get(name, ())
        counted = [at for at, column in enumerate(lower) if column not in own]
        self._columns = [table.columns[at] for at in counted]
        self._counted = [at + 1 for at in counted]
        key = key_column(kind) if self._is_archive else kind.key
        self._key = self._at(lower, key)
        self._original = self._at(lower, "original_id") if self._is_archive else 0
        self._archived_at = self._at(lower, "archived_at") if self._is_archive else None
        self._names = [self._at(lower, each) for each in _NAMES.get(name, ())]
        parts = {SNAPSHOT: ("world_model_id", "snapshot_time"), NOTE: ("kind", "record_id")}
        self._parts = [self._at(lower, each) for each in parts.get(kind, ())]

    @staticmethod
    def _at(columns: Sequence[str], name: str) -> int | None:
        # The rowid comes before them.
        return columns.index(name) + 1 if name in columns else None

    def sightings(self, read: Sequence[Any]) -> Iterator[Sighting]:
        digests = rows.digests(self._columns, ([row[at] for at in self._counted] for row in read))
        for row, digest in zip(read, digests, strict=True):
            key = None if self._key is None else row[self._key]
            number = row[0] if self._original is None else row[self._original]
            record_id = public_id(key, number)
            parts = [str(_value(row, at)) for at in self._parts]
            yield Sighting(
                "\0".join(parts) or record_id,
                record_id,
                Place(self._list, Key(self._rank, row[0])),
                self._age(row),
                digest,
                self._name(row),
            )

    def _age(self, row: Sequence[Any]) -> tuple[int, int]:
        if self._archived_at is None:
            return 0, -row[0]
        return parse_moment(row[self._archived_at]), row[0]

    def _name(self, row: Sequence[Any]) -> str:
        told = [_value(row, at) for at in self._names]
        return "\0".join(map(str, told)) if any(told) else ""


def _value(row: Sequence[Any], at: int | None) -> Any:
    value = None if at is None else row[at]
    return "" if value is None else value


def contents(view: View, kind_name: str, places: Sequence[Place]) -> list[Record | None]:
    """Return what is compared of the records at these places, in their order; None where one went.

    A field that cannot be decoded is the bytes of it: damage is no empty value.
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
    return {
        name: value.raw if isinstance(value, CorruptJSON) else value
        for name, value in held.items()
        if value is not None
    }
