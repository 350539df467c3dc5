"""The kinds of record: in which tables each lives, by what it is known, where it is archived."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from storage import rows
from storage.errors import ValidationError
from storage.layout import TableLayout
from storage.view import ROWS_PER_STATEMENT, StoredRow, View

LEGACY: Final = "legacy-"
_DERIVED: Final = f"'{LEGACY}' || rowid"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record.

    Attributes:
        name: What a program calls it.
        tables: Where live records stand; the first takes new ones.
        key: The column of the public id.
        archive: The table that takes what leaves.
        target: The archive's column for what an archived record became, if it has one.
    """

    name: str
    tables: tuple[str, ...]
    key: str
    archive: str = "memglass_archived_rows"
    target: str | None = None

    @property
    def noun(self) -> str:
        """What people call it."""
        return "world-model state" if self is STATE else self.name.replace("_", " ")


INTERACTION: Final = Kind(
    "interaction",
    ("interactions", "complete_interactions"),
    "interaction_id",
    "archived_interactions",
    "consolidated_to",
)
PATTERN: Final = Kind("pattern", ("patterns",), "id", "archived_patterns", "promoted_to")
STATE: Final = Kind("world_model_state", ("world_model_states",), "id")
SNAPSHOT: Final = Kind("snapshot", ("world_model_snapshots",), "id")
NOTE: Final = Kind("note", ("memglass_notes",), "id")
# What stands in an archive leaves it only into another one, too.
ARCHIVED_INTERACTION: Final = Kind("archived_interaction", (INTERACTION.archive,), "id")
ARCHIVED_PATTERN: Final = Kind("archived_pattern", (PATTERN.archive,), "id")

KINDS: Final = (
    *(INTERACTION, PATTERN, STATE, SNAPSHOT, NOTE),
    *(ARCHIVED_INTERACTION, ARCHIVED_PATTERN),
)
BY_TABLE: Final = {table: kind for kind in KINDS for table in kind.tables}


def public_id(key: rows.Value, rowid: object) -> str:
    """Return the id that a record is known by: its key, or one derived from its row."""
    if isinstance(key, str):
        return key
    return str(key) if isinstance(key, int) else f"{LEGACY}{rowid}"


def id_sql(column: str, number: str = "rowid") -> str:
    """Return the SQL of `public_id()`, given that of the key and of the number of the row."""
    return (
        f"CASE WHEN {_is_key(column)} THEN CAST({column} AS TEXT) ELSE '{LEGACY}' || {number} END"
    )


def place_sql(table: TableLayout, otherwise: str = "") -> str:
    """Return the SQL of what orders rows of the same moment: `id`, or what stands for it.

    A table of an agent may let `id` be NULL, which comes neither before nor after anything.

    Args:
        table: The table.
        otherwise: The SQL of what a row without an `id` is known by; else it is the derived id.
    """
    own = table.sql("id")
    if table.row_number == "id":
        return own
    return f"CASE WHEN {_is_key(own)} THEN {own} ELSE {otherwise or _DERIVED} END"


def _is_key(column: str) -> str:
    return f"typeof({column}) IN ('text', 'integer')"


def id_of(kind: Kind, row: StoredRow) -> str:
    """Return the public id of a live row."""
    return public_id(row.value(kind.key), row.rowid)


def tables_of(view: View, kind: Kind) -> list[TableLayout]:
    """Return the tables of `kind` that this file has."""
    return [table for name in kind.tables if (table := view.layout.get(name))]


def keys_of(ids: Sequence[str]) -> tuple[str, Sequence[rows.Value]]:
    """Return the placeholders and parameters of the keys that read as one of `ids`.

    A column without a type keeps 5 and '5' apart, and both are known as 5.
    """
    return rows.listed([*ids, *(number for each in ids if (number := _number(each)) is not None)])


def strings(ids: Iterable[str]) -> list[str]:
    """Return public ids as a list, in their order.

    Raises:
        ValidationError: One of them is no string.
    """
    listed = list(ids)
    for each in listed:
        if not isinstance(each, str):
            raise ValidationError(f"An id is a string, not {type(each).__name__}.", field="id")
    return listed


def find(view: View, kind: Kind, ids: Iterable[str]) -> dict[str, list[StoredRow]]:
    """Read the live rows that have one of `ids`, in their order; missing ones are left out."""
    wanted = strings(ids)
    found: dict[str, list[StoredRow]] = {each: [] for each in wanted}
    for table in tables_of(view, kind):
        for start in range(0, len(wanted), ROWS_PER_STATEMENT):
            part = wanted[start : start + ROWS_PER_STATEMENT]
            for row in (
                *_rows_with_keys(view, table, kind.key, part),
                *_rows_without_key(view, table, kind.key, part),
            ):
                # A column may take another spelling for the same: `05` for 5, `A` for `a`.
                if (record_id := id_of(kind, row)) in found:
                    found[record_id].append(row)
    return {each: there for each, there in found.items() if there}


def find_one(view: View, kind: Kind, record_id: str) -> StoredRow | None:
    """Read the live row that has `record_id`, or None."""
    found = find(view, kind, [record_id])
    return found[record_id][0] if found else None


def _rows_with_keys(
    view: View, table: TableLayout, key: str, ids: Sequence[str]
) -> list[StoredRow]:
    if not table.has(key):
        return []
    marks, values = keys_of(ids)
    return view.rows(table, f"{table.sql(key)} IN ({marks})", values)


def _rows_without_key(
    view: View, table: TableLayout, key: str, ids: Sequence[str]
) -> list[StoredRow]:
    rowids = [rowid for each in ids if (rowid := legacy_rowid(each)) is not None]
    if not rowids:
        return []
    marks = ", ".join("?" * len(rowids))
    return view.rows(
        table,
        f"rowid IN ({marks}) AND typeof({table.sql(key)}) NOT IN ('text', 'integer')",
        rowids,
    )


def legacy_rowid(record_id: str) -> int | None:
    """Return the row that a derived id speaks of, or None if it is not a derived one."""
    digits = record_id.removeprefix(LEGACY)
    return None if digits == record_id else _number(digits)


def _number(digits: str) -> int | None:
    """Return the integer that a column can hold and that is written like this, or None."""
    if not digits.isascii() or not digits.removeprefix("-").isdecimal() or len(digits) > 20:
        return None
    number = int(digits)
    return number if rows.is_storable(number) and str(number) == digits else None
