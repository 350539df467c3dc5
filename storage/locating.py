"""Where records stand: from a public id to the list that holds the record, live or archived."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from storage import fields
from storage.archive_reading import by_ids, key_column
from storage.kinds import (
    INTERACTION,
    PATTERN,
    SNAPSHOT,
    STATE,
    Kind,
    keys_of,
    legacy_rowid,
    public_id,
    strings,
    tables_of,
)
from storage.layout import TableLayout
from storage.listing import Key
from storage.moments import parse_moment
from storage.rows import quote
from storage.view import ROWS_PER_STATEMENT, View

_KINDS: Final = {kind.name: kind for kind in (INTERACTION, PATTERN, STATE, SNAPSHOT)}
_ARCHIVED: Final = {f"archived_{kind.name}": kind for kind in (INTERACTION, PATTERN)}


class Place(NamedTuple):
    """Where a record stands.

    Attributes:
        kind: The kind of list, as `list_keys()` has it; `archived_…` where it is not live.
        key: Its key in that list.
    """

    kind: str
    key: Key


def locate(view: View, kind: str, ids: Iterable[str]) -> dict[str, Place]:
    """Return where records stand: live ones in their list, others in the archive.

    Args:
        view: Where to read.
        kind: interaction, pattern, world_model_state or snapshot; archived_interaction and
            archived_pattern look into the archive alone.
        ids: Public ids. Of several archive rows of one record the newest counts.

    Raises:
        ValidationError: There is no such kind.
    """
    fields.check_choice("kind", kind, (*_KINDS, *_ARCHIVED))
    wanted = list(dict.fromkeys(strings(ids)))
    found = _live(view, _KINDS[kind], wanted) if kind in _KINDS else {}
    archived = _ARCHIVED.get(f"archived_{kind.removeprefix('archived_')}")
    if archived is not None:
        missing = [each for each in wanted if each not in found]
        found |= _in_archive(view, archived, missing)
    return {each: found[each] for each in wanted if each in found}


def count_live(view: View, kind: str, ids: Iterable[str]) -> int:
    """Return how many live records have one of some ids, which several may share.

    Raises:
        ValidationError: The kind is neither interaction nor pattern.
    """
    fields.check_choice("kind", kind, [each.name for each in _ARCHIVED.values()])
    wanted = dict.fromkeys(strings(ids))
    every = list(wanted)
    return sum(
        public_id(key, number) in wanted
        for table in tables_of(view, _KINDS[kind])
        for start in range(0, len(every), ROWS_PER_STATEMENT)
        for number, key in _keyed(
            view, table, _KINDS[kind], every[start : start + ROWS_PER_STATEMENT]
        )
    )


def _live(view: View, kind: Kind, ids: list[str]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for table in tables_of(view, kind):
        # A list ranks the tables that there can be, whether the file has them or not.
        rank = kind.tables.index(table.name.lower())
        for start in range(0, len(ids), ROWS_PER_STATEMENT):
            part = dict.fromkeys(ids[start : start + ROWS_PER_STATEMENT])
            for number, key in _keyed(view, table, kind, list(part)):
                record_id = public_id(key, number)
                # A column may take another spelling for the same: `05` for 5, `A` for `a`.
                if record_id in part:
                    found.setdefault(record_id, Place(kind.name, Key(rank, number)))
    return found


def _keyed(view: View, table: TableLayout, kind: Kind, ids: list[str]) -> Iterator[Any]:
    """Give the row number and key of live rows; never the rows, which may be long."""
    key = table.sql(kind.key)
    select = f"SELECT rowid, {key} FROM {quote(table.name)} WHERE"
    if table.has(kind.key):
        marks, values = keys_of(ids)
        yield from view.fetch(f"{select} {key} IN ({marks}) ORDER BY rowid", values)
    numbers = [number for each in ids if (number := legacy_rowid(each)) is not None]
    if numbers:
        marks = ", ".join("?" * len(numbers))
        bare = f"typeof({key}) NOT IN ('text', 'integer')"
        yield from view.fetch(f"{select} rowid IN ({marks}) AND {bare}", numbers)


def _in_archive(view: View, kind: Kind, ids: list[str]) -> dict[str, Place]:
    table = view.layout.get(kind.archive)
    if table is None:
        return {}
    best: dict[str, tuple[int, int]] = {}
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        where, values = by_ids(table, kind, ids[start : start + ROWS_PER_STATEMENT])
        for number, key, original, at in view.fetch(
            f"SELECT rowid, {table.sql(key_column(kind))}, {table.sql('original_id')},"
            f" {table.sql('archived_at')} FROM {quote(table.name)} WHERE {where}",
            values,
        ):
            age = (parse_moment(at), number)
            record_id = public_id(key, original)
            best[record_id] = max(best.get(record_id, age), age)
    return {
        each: Place(f"archived_{kind.name}", Key(0, number)) for each, (_, number) in best.items()
    }
