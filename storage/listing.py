"""What lists on screen need: the keys of all rows in order, and short rows for a few of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, overload

import orjson

from storage import fields, notes, patterns, rows, world_states
from storage.errors import ValidationError
from storage.kinds import INTERACTION, LEGACY, PATTERN, Kind
from storage.moments import moment_sql
from storage.records import Record
from storage.rows import quote
from storage.schema import WORLD_MODEL_SNAPSHOTS
from storage.view import TableLayout, View

EXCERPT: Final = 300
_CHARACTERS_AT_ONCE: Final = 100_000
_DIGITS: Final = bytes.maketrans(b"0123456789", bytes(range(10)))
_ROWS_PER_QUERY: Final = 500


class Key(NamedTuple):
    """Where a row of a list stands: the rank of its table among the list's, and its rowid."""

    rank: int
    rowid: int


class Keys(Sequence[Key]):
    """The keys of a list in order, 9 bytes a row."""

    __slots__ = ("_ranks", "_rowids")

    def __init__(self, ranks: array[int], rowids: array[int]) -> None:
        self._ranks = ranks
        self._rowids = rowids

    def __len__(self) -> int:
        return len(self._rowids)

    @overload
    def __getitem__(self, at: int) -> Key: ...
    @overload
    def __getitem__(self, at: slice) -> Keys: ...
    def __getitem__(self, at: int | slice) -> Key | Keys:
        if isinstance(at, slice):
            return Keys(self._ranks[at], self._rowids[at])
        return Key(self._ranks[at], self._rowids[at])

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Return where `value` stands.

        Raises:
            ValueError: It is not among the keys.
        """
        if not (isinstance(value, tuple) and len(value) == 2):
            raise ValueError(f"{value!r} is no key of a list.")
        first, end, _ = slice(start, stop).indices(len(self))
        while True:
            at = self._rowids.index(value[1], first, end)
            if self._ranks[at] == value[0]:
                return at
            first = at + 1

    def __contains__(self, value: object) -> bool:
        try:
            self.index(value)
        except ValueError:
            return False
        return True


class List(NamedTuple):
    """One kind of list: its tables, and the columns of a short row.

    Attributes:
        columns: Name in the short row → the SQL expression for it, for a table of the file.
        order: The SQL terms of the order, the last one unique within the table.
        filters: Name of a filter → the SQL expression that has to equal its value.
    """

    tables: tuple[str, ...]
    columns: Callable[[View, TableLayout], dict[str, str]]
    order: Callable[[View, TableLayout], tuple[str, ...]]
    filters: Callable[[View, TableLayout], dict[str, str]]


def _cut(expression: str) -> str:
    return f"substr({expression}, 1, {EXCERPT})"


def _number(expression: str) -> str:
    """Return the SQL of what should be a number, and may be a long text instead."""
    return (
        f"CASE WHEN typeof({expression}) IN ('text', 'blob') THEN {_cut(expression)}"
        f" ELSE {expression} END"
    )


def _id(table: TableLayout, column: str, number: str = "rowid") -> str:
    """Return the SQL of a public id: the key, or one derived from a number."""
    key = table.sql(column)
    return (
        f"CASE WHEN typeof({key}) IN ('text', 'integer') THEN CAST({key} AS TEXT)"
        f" ELSE '{LEGACY}' || {number} END"
    )


def _interaction_columns(_: View, table: TableLayout) -> dict[str, str]:
    is_complete = table.name.lower() == INTERACTION.tables[1]
    content, details = ("user_query", "data") if is_complete else ("content", "details")
    action = "'interaction'" if is_complete else _cut(table.sql("action"))
    return {
        "record_id": _id(table, "interaction_id"),
        **{name: _cut(table.sql(name)) for name in ("timestamp", "session_id")},
        "action": action,
        **{name: _cut(table.sql(name)) for name in ("role", "file_path")},
        "excerpt": _cut(f"COALESCE(NULLIF({table.sql(content)}, ''), {table.sql(details)})"),
    }


def _interaction_order(_: View, table: TableLayout) -> tuple[str, ...]:
    is_complete = table.name.lower() == INTERACTION.tables[1]
    own = table.sql("interaction_id" if is_complete else "id")
    return moment_sql(table.sql("timestamp")) + " DESC", f"{own} DESC"


def _interaction_filters(_: View, table: TableLayout) -> dict[str, str]:
    has_action = table.has("action")
    return {
        "session_id": table.sql("session_id"),
        "action": table.sql("action") if has_action else "'interaction'",
    }


def _pattern_columns(_: View, table: TableLayout) -> dict[str, str]:
    return {
        "record_id": patterns.id_sql(table),
        **{name: _cut(table.sql(name)) for name in ("name", "pattern_type")},
        **{name: _number(table.sql(name)) for name in ("frequency", "confidence")},
        **{name: _cut(table.sql(name)) for name in ("created_at", "last_seen")},
        "excerpt": _cut(table.sql("description")),
    }


def _archived_columns(kind: Kind) -> Callable[[View, TableLayout], dict[str, str]]:
    def columns(_: View, table: TableLayout) -> dict[str, str]:
        data = table.sql("data")
        told = ", ".join(
            f"json_extract({data}, '$.{name}')"
            for name in ("content", "user_query", "description", "details")
        )
        if kind is INTERACTION:
            names = {"interaction_id": _id(table, "interaction_id", table.sql("original_id"))}
        else:
            names = {
                "pattern_id": _id(table, "original_id", table.sql("original_id")),
                "name": _cut(table.sql("pattern_name")),
                "pattern_type": _cut(table.sql("pattern_type")),
            }
        return {
            "record_id": table.sql("id"),
            **names,
            "archived_at": _cut(table.sql("archived_at")),
            "archive_reason": _cut(table.sql("archive_reason")),
            "target": _cut(table.sql(kind.target or "")),
            "excerpt": _cut(
                f"CASE WHEN json_valid({data}) THEN COALESCE({told}, '') ELSE {data} END"
            ),
        }

    return columns


def _state_columns(_: View, table: TableLayout) -> dict[str, str]:
    return {
        "record_id": _id(table, "id"),
        "domain": _cut(table.sql("domain")),
        "session_id": _cut(table.sql("session_id")),
        "confidence": _number(table.sql("domain_confidence")),
        "updated_at": _cut(table.sql("updated_at")),
        "is_active": _number(table.sql("is_active")),
    }


def _snapshot_columns(view: View, table: TableLayout) -> dict[str, str]:
    data = table.sql("snapshot_data")
    told = f"COALESCE(json_extract({data}, '$.domain_confidence'),"
    told += f" json_extract({data}, '$.confidence'))"
    return {
        "record_id": table.sql("id"),
        "world_model_id": table.sql("world_model_id"),
        "snapshot_time": _cut(table.sql("snapshot_time")),
        "trigger_event": _cut(table.sql("trigger_event")),
        "domain": _cut(world_states.domain_sql(view, table)),
        "confidence": f"CASE WHEN json_valid({data}) THEN {_number(told)} END",
    }


def _newest(column: str) -> Callable[[View, TableLayout], tuple[str, ...]]:
    return lambda _, table: (
        moment_sql(table.sql(column)) + " DESC",
        (table.sql("id") if column != "updated_at" else "rowid") + " DESC",
    )


def _plain(*names: str) -> Callable[[View, TableLayout], dict[str, str]]:
    return lambda _, table: {name: table.sql(name) for name in names}


LISTS: Final[dict[str, List]] = {
    "interaction": List(
        INTERACTION.tables, _interaction_columns, _interaction_order, _interaction_filters
    ),
    "pattern": List(
        PATTERN.tables,
        _pattern_columns,
        lambda _, table: (patterns.rank_sql(table) + " DESC", patterns.id_sql(table)),
        _plain("pattern_type"),
    ),
    "archived_interaction": List(
        (INTERACTION.archive,),
        _archived_columns(INTERACTION),
        _newest("archived_at"),
        _plain("archive_reason"),
    ),
    "archived_pattern": List(
        (PATTERN.archive,),
        _archived_columns(PATTERN),
        _newest("archived_at"),
        _plain("archive_reason", "pattern_type"),
    ),
    "world_model_state": List(
        ("world_model_states",), _state_columns, _newest("updated_at"), _plain("domain")
    ),
    "snapshot": List(
        (WORLD_MODEL_SNAPSHOTS.name,),
        _snapshot_columns,
        _newest("snapshot_time"),
        lambda view, table: {"domain": world_states.domain_sql(view, table)},
    ),
}


def list_of(kind: str) -> List:
    """Return what makes a list of a kind.

    Raises:
        ValidationError: There is no such kind.
    """
    try:
        return LISTS[kind]
    except KeyError:
        raise ValidationError(f"kind must be one of {', '.join(LISTS)}.", field="kind") from None


def keys(view: View, kind: str, limit: int | None, filters: dict[str, Any]) -> Keys:
    """Return the keys of a list in its order.

    Raises:
        ValidationError: There is no such kind or no such filter.
    """
    wanted = list_of(kind)
    selects, values = [], list[Any]()
    terms = 0
    for rank, name in enumerate(wanted.tables):
        table = view.layout.get(name)
        if table is None:
            continue
        where, more = _where(view, table, kind, filters)
        order = wanted.order(view, table)
        terms = len(order)
        sorted_by = ", ".join(
            f"{term.removesuffix(' DESC')} AS k{i}" for i, term in enumerate(order)
        )
        selects.append(
            f"SELECT {rank} AS rank, rowid AS number, {sorted_by}"
            f" FROM {quote(table.name)} WHERE {where}"
        )
        values += more
        directions = ["DESC" if term.endswith(" DESC") else "" for term in order]
    if not selects:
        return Keys(array("B"), array("q"))
    by = [f"k{i} {directions[i]}" for i in range(terms)]
    # A row of a later table comes after one of the same moment in the first.
    ties = ["rank"] if len(selects) > 1 else []
    clause = ", ".join([by[0], *ties, *by[1:]])
    sql = f"SELECT rank, number FROM ({' UNION ALL '.join(selects)}) ORDER BY {clause}"
    if limit is not None:
        sql += f" LIMIT {fields.check_limit(limit)}"
    return _gathered(view, sql, values)


def _gathered(view: View, sql: str, values: Sequence[Any]) -> Keys:
    """Return the ranks and numbers that a query gives, in its order.

    One text with all of them leaves SQLite several times faster than a row for each. It is read
    in parts, because nobody else can run in Python meanwhile.
    """
    ((ranks, numbers),) = view.fetch(
        f"SELECT group_concat(rank, ''), group_concat(number) FROM ({sql})", values
    )
    rowids = array("q")
    at = 0
    while numbers is not None and at < len(numbers):
        end = numbers.find(",", at + _CHARACTERS_AT_ONCE)
        end = len(numbers) if end < 0 else end
        rowids.extend(orjson.loads(f"[{numbers[at:end]}]"))
        at = end + 1
    return Keys(array("B", (ranks or "").encode().translate(_DIGITS)), rowids)


def _where(
    view: View, table: TableLayout, kind: str, filters: dict[str, Any]
) -> tuple[str, list[Any]]:
    wanted = list_of(kind)
    known = wanted.filters(view, table)
    parts, values = ["1"], list[Any]()
    for name, value in filters.items():
        if value is None:
            continue
        if name == "tag":
            record_id = wanted.columns(view, table)[notes.ID_IN_LIST[kind]]
            condition, more = notes.tagged(view, kind, record_id, fields.required_text(name, value))
            parts.append(condition)
            values += more
            continue
        if name not in known:
            raise ValidationError(f"This list has no filter {name}.", field=name)
        mark, bound = rows.bindable(fields.text(name, value))
        parts.append(f"{known[name]} = {mark}")
        values.append(bound)
    return " AND ".join(parts), values


def summaries(view: View, kind: str, wanted_keys: Iterable[Key]) -> list[Record | None]:
    """Return a short row for each key, in their order; None where the row is gone."""
    wanted = list_of(kind)
    ordered = list(wanted_keys)
    found: dict[Key, Record] = {}
    for rank, name in enumerate(wanted.tables):
        table = view.layout.get(name)
        numbers = [key[1] for key in ordered if key[0] == rank]
        if table is None or not numbers:
            continue
        columns = wanted.columns(view, table)
        listed = ", ".join(f"{sql} AS {quote(column)}" for column, sql in columns.items())
        for start in range(0, len(numbers), _ROWS_PER_QUERY):
            part = numbers[start : start + _ROWS_PER_QUERY]
            marks = ", ".join("?" * len(part))
            for number, *row in view.fetch(
                f"SELECT rowid, {listed} FROM {quote(table.name)} WHERE rowid IN ({marks})", part
            ):
                key = Key(rank, number)
                found[key] = {"key": key, **dict(zip(columns, map(_shown, row), strict=True))}
    notes.put_beside(view, kind, found.values())
    return [found.get(Key(*key)) for key in ordered]


def _shown(value: rows.Value) -> rows.Value:
    return rows.tolerant_text(value[:EXCERPT]) if isinstance(value, bytes) else value
