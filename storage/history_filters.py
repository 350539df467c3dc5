"""Which transactions are meant: of somebody, of a stretch of time, of a deed, of what is tagged."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from storage import fields, journal, notes, rows
from storage.errors import ValidationError
from storage.kinds import KINDS, NOTE
from storage.moments import UNREADABLE, Time, moment_sql, parse_moment
from storage.undo_links import IS_LAST
from storage.view import View
from storage.where import Where

_MOMENT: Final = moment_sql("at")
# What all entries of a transaction share is looked for in the last one, what it did in all of them.
_COUNTS: Final = {
    "actor": f"SELECT actor, count(*) FROM {journal.TABLE} WHERE {IS_LAST} GROUP BY 1",
    "operation": (
        f"SELECT operation, count(DISTINCT transaction_id) FROM {journal.TABLE} GROUP BY 1"
    ),
}


def conditions(
    view: View,
    *,
    actor: str | None,
    operation: str | None,
    since: Time | None,
    before: Time | None,
    tag: str | None,
) -> Where:
    """Return what the last entry of a transaction has to be like; None asks for nothing.

    Args:
        view: Where the tags are.
        actor: Who made it.
        operation: What it did, among other things: `add`, `update`, `archive` or `restore`.
        since: When it was made at the earliest; what has no readable time is left out.
        before: Before when it was made.
        tag: A tag that some record has which it changed, or whose note.

    Raises:
        ValidationError: A value makes no sense.
    """
    where = Where().equals("actor", fields.text("actor", actor))
    if operation is not None:
        mark, value = rows.bindable(fields.text("operation", operation))
        where.add(
            f"transaction_id IN (SELECT transaction_id FROM {journal.TABLE}"
            f" WHERE operation = {mark})",
            value,
        )
    if tag is not None:
        touching, values = _touching(view, fields.required_text("tag", tag))
        where.add(
            f"transaction_id IN (SELECT transaction_id FROM {journal.TABLE} WHERE {touching})",
            *values,
        )
    for name, sign, time in (("since", ">=", since), ("before", "<", before)):
        if time is not None:
            where.add(f"{_MOMENT} {sign} ? AND {_MOMENT} > ?", _at(name, time), UNREADABLE)
    return where


def _touching(view: View, tag: str) -> tuple[str, list[Any]]:
    """Return the SQL of the entries about a record that has a tag, or about its note."""
    conditions, values = list[str](), list[Any]()
    for kind in KINDS:
        having = notes.tagging if kind is NOTE else partial(notes.tagged, kind=kind.name)
        one, own = having(view, record_id="record_id", tag=tag)
        # Whoever damaged our journal left what is no JSON, which json_each refuses.
        some, same = having(view, record_id="value", tag=tag)
        several = (
            f"json_valid(record_ids) AND EXISTS (SELECT 1 FROM json_each(record_ids) WHERE {some})"
        )
        conditions.append(
            f"lower(table_name) IN ({', '.join('?' * len(kind.tables))}) AND ({one} OR {several})"
        )
        values += [*kind.tables, *own, *same]
    return " OR ".join(conditions), values


def _at(name: str, time: Time) -> int:
    moment = parse_moment(fields.moment(name, time))
    if moment == UNREADABLE:
        raise ValidationError(f"{name} must be a time.", field=name)
    return moment


def count(view: View) -> int:
    """Return how many transactions there are."""
    if journal.TABLE not in view.layout:
        return 0
    ((found,),) = view.fetch(f"SELECT count(*) FROM {journal.TABLE} WHERE {IS_LAST}")
    return int(found)


def values(view: View, field: str) -> dict[str, int]:
    """Return how many transactions each person made, or did each operation; most first.

    Args:
        view: Where to read.
        field: `actor` or `operation`.

    Raises:
        ValidationError: Transactions are not counted by that.
    """
    fields.check_choice("field", field, _COUNTS)
    if journal.TABLE not in view.layout:
        return {}
    found: list[tuple[Any, int]] = view.fetch(_COUNTS[field])
    found.sort(key=lambda each: -each[1])
    return {str(name): number for name, number in found if name is not None}
