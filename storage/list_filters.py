"""What narrows a list: the value of a field, a tag, a stretch of time, a text."""

from __future__ import annotations

from typing import Any, Final

from storage import fields, notes, rows
from storage.errors import ValidationError
from storage.layout import TableLayout
from storage.lists import list_of
from storage.moments import UNREADABLE, moment_sql, parse_moment
from storage.view import View
from storage.where import Where

_TIMES: Final = {"after": ">=", "before": "<"}


def conditions(
    view: View, table: TableLayout, kind: str, filters: dict[str, Any]
) -> tuple[str, list[Any]]:
    """Return the SQL of filters for one table of a list, and the values that it binds.

    Args:
        view: Where to read.
        table: A table of the list.
        kind: The kind of list.
        filters: Name → value. Beside the fields of the list, where an empty value also finds what
            says nothing: `tag`; `after` (included) and `before` (not), which leave out what has
            no readable time; `text`, which has to stand in what a record tells, whatever the case
            of ASCII letters; and `record_ids`, the public ids that are meant. None is no filter.

    Raises:
        ValidationError: There is no such filter, or its value makes no sense.
    """
    where = Where()
    for name, value in filters.items():
        if value is not None:
            _narrow(where, view, table, kind, name, value)
    return where.sql, where.values


def _narrow(where: Where, view: View, table: TableLayout, kind: str, name: str, value: Any) -> None:
    """Add one filter."""
    wanted = list_of(kind)
    known = wanted.filters(view, table)
    if name == "tag":
        tag = fields.required_text(name, value)
        condition, values = notes.tagged(view, kind, _record_id(view, table, kind), tag)
        where.add(condition, *values)
    elif name == "record_ids":
        ids = rows.encode_values(fields.check_ids(name, value))
        record_id = f"CAST({_record_id(view, table, kind)} AS TEXT)"
        where.add(f"{record_id} IN (SELECT value FROM json_each(?))", ids)
    elif name == "text":
        mark, bound = rows.bindable(fields.required_text(name, value))
        told = f"lower(CAST({wanted.told(view, table)} AS TEXT))"
        where.add(f"instr({told}, lower({mark})) > 0", bound)
    elif name in _TIMES:
        moment = moment_sql(table.sql(wanted.time))
        where.add(f"{moment} {_TIMES[name]} ? AND {moment} > ?", _at(name, value), UNREADABLE)
    elif name not in known:
        raise ValidationError(f"This list has no filter {name}.", field=name)
    elif value == "":
        where.add(f"COALESCE({known[name]}, '') = ''")
    else:
        where.equals(known[name], fields.text(name, value))


def _record_id(view: View, table: TableLayout, kind: str) -> str:
    return list_of(kind).columns(view, table)[notes.ID_IN_LIST[kind]]


def _at(name: str, value: Any) -> int:
    moment = parse_moment(fields.moment(name, value))
    if moment == UNREADABLE:
        raise ValidationError(f"{name} must be a time.", field=name)
    return moment
