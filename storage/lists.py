"""The lists on screen, declared once: what a short row shows, orders and filters, as SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from storage import fields, patterns, world_states
from storage.kinds import INTERACTION, PATTERN, Kind, id_sql
from storage.layout import TableLayout
from storage.moments import moment_sql
from storage.schema import WORLD_MODEL_SNAPSHOTS
from storage.view import View

EXCERPT: Final = 300
"""Characters of a text that a short row shows."""


class List(NamedTuple):
    """One kind of list: its tables, and the columns of a short row.

    Attributes:
        columns: Name in the short row → the SQL expression for it, for a table of the file.
        order: The SQL terms of the order, the last one unique within the table.
        filters: Name of a filter → the SQL expression that has to equal its value.
        told: The SQL of the text that a record tells.
        time: The column of the time that it is ordered or narrowed by.
        others: Name of another order → the SQL terms that come before those of the usual order.
    """

    tables: tuple[str, ...]
    columns: Callable[[View, TableLayout], dict[str, str]]
    order: Callable[[View, TableLayout], tuple[str, ...]]
    filters: Callable[[View, TableLayout], dict[str, str]]
    told: Callable[[View, TableLayout], str]
    time: str
    others: Mapping[str, Callable[[TableLayout], str]] = MappingProxyType({})


def cut(expression: str, characters: int = EXCERPT) -> str:
    """Return the SQL of the beginning of a text.

    `substr` ends at a NUL. Bytes have no such end, and 4 of them hold a character at least.
    """
    return (
        f"CASE WHEN instr({expression}, char(0))"
        f" THEN substr(CAST({expression} AS BLOB), 1, {4 * characters:d})"
        f" ELSE substr({expression}, 1, {characters:d}) END"
    )


def _number(expression: str) -> str:
    """Return the SQL of what should be a number, and may be a long text instead."""
    return (
        f"CASE WHEN typeof({expression}) IN ('text', 'blob') THEN {cut(expression)}"
        f" ELSE {expression} END"
    )


def _interaction_text(_: View, table: TableLayout) -> str:
    is_complete = table.name.lower() == INTERACTION.tables[1]
    content, details = ("user_query", "data") if is_complete else ("content", "details")
    return f"COALESCE(NULLIF({table.sql(content)}, ''), {table.sql(details)})"


def _interaction_columns(view: View, table: TableLayout) -> dict[str, str]:
    is_complete = table.name.lower() == INTERACTION.tables[1]
    action = "'interaction'" if is_complete else cut(table.sql("action"))
    return {
        "record_id": id_sql(table.sql("interaction_id")),
        **{name: cut(table.sql(name)) for name in ("timestamp", "session_id")},
        "action": action,
        **{name: cut(table.sql(name)) for name in ("role", "file_path")},
        "excerpt": cut(_interaction_text(view, table)),
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
        **{name: cut(table.sql(name)) for name in ("name", "pattern_type")},
        **{name: _number(table.sql(name)) for name in ("frequency", "confidence")},
        **{name: cut(table.sql(name)) for name in ("created_at", "last_seen")},
        "excerpt": cut(table.sql("description")),
    }


def _archived_columns(kind: Kind) -> Callable[[View, TableLayout], dict[str, str]]:
    def columns(_: View, table: TableLayout) -> dict[str, str]:
        data = table.sql("data")
        told = ", ".join(
            f"json_extract({data}, '$.{name}')"
            for name in ("content", "user_query", "description", "details")
        )
        if kind is INTERACTION:
            names = {
                "interaction_id": id_sql(table.sql("interaction_id"), table.sql("original_id"))
            }
        else:
            names = {
                "pattern_id": id_sql(table.sql("original_id"), table.sql("original_id")),
                "name": cut(table.sql("pattern_name")),
                "pattern_type": cut(table.sql("pattern_type")),
            }
        return {
            "record_id": table.sql("id"),
            **names,
            "archived_at": cut(table.sql("archived_at")),
            "archive_reason": cut(table.sql("archive_reason")),
            "target": cut(table.sql(kind.target or "")),
            "excerpt": cut(
                f"CASE WHEN json_valid({data}) THEN COALESCE({told}, '') ELSE {data} END"
            ),
        }

    return columns


def _state_columns(_: View, table: TableLayout) -> dict[str, str]:
    return {
        "record_id": id_sql(table.sql("id")),
        "domain": cut(table.sql("domain")),
        "session_id": cut(table.sql("session_id")),
        "confidence": _number(table.sql("domain_confidence")),
        "updated_at": cut(table.sql("updated_at")),
        "is_active": _number(table.sql("is_active")),
    }


def _snapshot_columns(view: View, table: TableLayout) -> dict[str, str]:
    data = table.sql("snapshot_data")
    told = f"COALESCE(json_extract({data}, '$.domain_confidence'),"
    told += f" json_extract({data}, '$.confidence'))"
    return {
        "record_id": table.sql("id"),
        "world_model_id": table.sql("world_model_id"),
        "snapshot_time": cut(table.sql("snapshot_time")),
        "trigger_event": cut(table.sql("trigger_event")),
        **{
            name: cut(world_states.told_sql(view, table, name)) for name in ("domain", "session_id")
        },
        "confidence": f"CASE WHEN json_valid({data}) THEN {_number(told)} END",
    }


def _newest(column: str) -> Callable[[View, TableLayout], tuple[str, ...]]:
    return lambda _, table: (
        moment_sql(table.sql(column)) + " DESC",
        (table.sql("id") if column != "updated_at" else "rowid") + " DESC",
    )


def _plain(*names: str) -> Callable[[View, TableLayout], dict[str, str]]:
    return lambda _, table: {name: table.sql(name) for name in names}


def _pattern_text(_: View, table: TableLayout) -> str:
    return f"COALESCE({table.sql('name')}, '') || ' ' || COALESCE({table.sql('description')}, '')"


def _archived_text(_: View, table: TableLayout) -> str:
    return table.sql("data")


def _state_text(_: View, table: TableLayout) -> str:
    return f"COALESCE({table.sql('entities')}, '') || COALESCE({table.sql('relations')}, '')"


def _by_number(column: str) -> Callable[[TableLayout], str]:
    """Return the order by a number, the greatest first; what is none comes last."""

    def term(table: TableLayout) -> str:
        own = table.sql(column)
        return f"CASE WHEN typeof({own}) IN ('real', 'integer') THEN {own} END DESC"

    return term


def _by_time(column: str) -> Callable[[TableLayout], str]:
    return lambda table: moment_sql(table.sql(column)) + " DESC"


def _by_text(column: str) -> Callable[[TableLayout], str]:
    return lambda table: f"lower(CAST(COALESCE({table.sql(column)}, '') AS TEXT))"


LISTS: Final[dict[str, List]] = {
    "interaction": List(
        INTERACTION.tables,
        _interaction_columns,
        _interaction_order,
        _interaction_filters,
        _interaction_text,
        "timestamp",
    ),
    "pattern": List(
        PATTERN.tables,
        _pattern_columns,
        lambda _, table: (patterns.rank_sql(table) + " DESC", patterns.id_sql(table)),
        _plain("pattern_type"),
        _pattern_text,
        "last_seen",
        {
            "frequency": _by_number("frequency"),
            "last_seen": _by_time("last_seen"),
            "created": _by_time("created_at"),
            "name": _by_text("name"),
        },
    ),
    "archived_interaction": List(
        (INTERACTION.archive,),
        _archived_columns(INTERACTION),
        _newest("archived_at"),
        _plain("archive_reason"),
        _archived_text,
        "archived_at",
        {"reason": _by_text("archive_reason"), "record": _by_text("interaction_id")},
    ),
    "archived_pattern": List(
        (PATTERN.archive,),
        _archived_columns(PATTERN),
        _newest("archived_at"),
        _plain("archive_reason", "pattern_type"),
        _archived_text,
        "archived_at",
        {"reason": _by_text("archive_reason"), "record": _by_text("pattern_name")},
    ),
    "world_model_state": List(
        ("world_model_states",),
        _state_columns,
        _newest("updated_at"),
        _plain("domain"),
        _state_text,
        "updated_at",
    ),
    "snapshot": List(
        (WORLD_MODEL_SNAPSHOTS.name,),
        _snapshot_columns,
        _newest("snapshot_time"),
        lambda view, table: {"domain": world_states.told_sql(view, table, "domain")},
        lambda _, table: table.sql("snapshot_data"),
        "snapshot_time",
    ),
}


def list_of(kind: str) -> List:
    """Return what makes a list of a kind.

    Raises:
        ValidationError: There is no such kind.
    """
    fields.check_choice("kind", kind, LISTS)
    return LISTS[kind]


def terms_of(view: View, table: TableLayout, kind: str, order: str | None) -> tuple[str, ...]:
    """Return the SQL terms of an order of a list; None is its usual one.

    `oldest` turns the usual order round.

    Raises:
        ValidationError: There is no such order.
    """
    wanted = list_of(kind)
    usual = wanted.order(view, table)
    if order is None:
        return usual
    if order == "oldest":
        return tuple(
            term.removesuffix(" DESC") if term.endswith(" DESC") else f"{term} DESC"
            for term in usual
        )
    fields.check_choice("order", order, ("oldest", *wanted.others))
    return (wanted.others[order](table), *usual)
