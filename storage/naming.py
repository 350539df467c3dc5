"""From what a person calls a record to the record: an id, else a name that only one has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from storage import fields, rows
from storage.archive_reading import archived_id
from storage.kinds import INTERACTION, PATTERN, SNAPSHOT, STATE, id_of, tables_of
from storage.locating import locate
from storage.rows import quote
from storage.view import View

_IDS: Final = tuple(kind.name for kind in (INTERACTION, PATTERN, STATE, SNAPSHOT))
SESSION: Final = "session"
NAMED: Final = (*_IDS, SESSION)
"""The kinds that can be named."""

_MOST: Final = 20


class Named(NamedTuple):
    """What somebody may have meant.

    Attributes:
        kind: The list that the record stands in, as `list_keys()` has it (`archived_…` where it is
            not live), or `session`.
        record_id: Its public id; of a session its name.
        name: What it is called beside its id; empty where that is nothing else.
    """

    kind: str
    record_id: str
    name: str


def named(view: View, text: str, kind: str | None = None) -> list[Named]:
    """Return the records that are called `text`.

    One with this id counts before all that have it as a name: patterns (live before archived),
    world-model states by their domain, and sessions.

    Args:
        view: Where to read.
        text: An id or a name.
        kind: interaction, pattern, world_model_state, snapshot or session; None for any.

    Raises:
        ValidationError: There is no such kind.
    """
    if kind is not None:
        fields.check_choice("kind", kind, NAMED)
    kinds = NAMED if kind is None else (kind,)
    found = [
        Named(place.kind, text, "")
        for each in kinds
        if each in _IDS
        for place in locate(view, each, [text]).values()
    ]
    return found or [each for own in kinds for each in _by_name(view, own, text)]


def _by_name(view: View, kind: str, text: str) -> Iterator[Named]:
    if kind == PATTERN.name:
        live = list(_patterns(view, text))
        yield from live or _archived_patterns(view, text)
    elif kind == STATE.name:
        yield from _states(view, text)
    elif kind == SESSION and _has_session(view, text):
        yield Named(SESSION, text, "")


def _patterns(view: View, name: str) -> Iterator[Named]:
    mark, value = rows.bindable(name)
    for table in tables_of(view, PATTERN):
        found = view.rows(
            table, f"{table.sql('name')} = {mark} ORDER BY rowid LIMIT {_MOST}", [value]
        )
        for row in found:
            yield Named(PATTERN.name, id_of(PATTERN, row), name)


def _archived_patterns(view: View, name: str) -> Iterator[Named]:
    table = view.layout.get(PATTERN.archive)
    if table is None:
        return
    mark, value = rows.bindable(name)
    where = f"{table.sql('pattern_name')} = {mark} ORDER BY rowid DESC"
    ids = [archived_id(PATTERN, row) for row in view.rows(table, where, [value])]
    for record_id in list(dict.fromkeys(ids))[:_MOST]:
        yield Named(f"archived_{PATTERN.name}", record_id, name)


def _states(view: View, domain: str) -> Iterator[Named]:
    mark, value = rows.bindable(domain)
    for table in tables_of(view, STATE):
        for row in view.rows(table, f"{table.sql('domain')} = {mark} ORDER BY rowid", [value]):
            yield Named(STATE.name, id_of(STATE, row), domain)


def _has_session(view: View, session: str) -> bool:
    mark, value = rows.bindable(session)
    return any(
        view.fetch(
            f"SELECT 1 FROM {quote(table.name)} WHERE {table.sql('session_id')} = {mark} LIMIT 1",
            [value],
        )
        for table in tables_of(view, INTERACTION)
    )
