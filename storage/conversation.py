"""The turns of a session as they followed one another, those that were archived among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, overload

from storage import fields, rows
from storage.kinds import INTERACTION
from storage.listing import Key, Keys, gathered
from storage.moments import moment_sql
from storage.rows import quote
from storage.view import View
from storage.where import Where

LIVE: Final = "interaction"
ARCHIVED: Final = "archived_interaction"
# The rank of archived turns beside those of the tables of live ones.
_ARCHIVE: Final = 9
# What stands in JSON as it is, whoever wrote it.
_PLAIN: Final = re.compile(r"[\w.:/@-]+", re.ASCII)


class Turns(Sequence[tuple[str, Key]]):
    """Kind and key of each turn in its list, 9 bytes a turn.

    Args:
        keys: The keys; those with the rank of the archive are archived.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, at: int) -> tuple[str, Key]: ...
    @overload
    def __getitem__(self, at: slice) -> list[tuple[str, Key]]: ...
    def __getitem__(self, at: int | slice) -> tuple[str, Key] | list[tuple[str, Key]]:
        if isinstance(at, slice):
            return [_turn(key) for key in self._keys[at]]
        return _turn(self._keys[at])

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Return where `value` stands.

        Raises:
            ValueError: It is not among the turns.
        """
        kind, key = value
        sought = Key(_ARCHIVE, key[1]) if kind == ARCHIVED else key
        return self._keys.index(sought, start, stop)

    def __contains__(self, value: object) -> bool:
        try:
            self.index(value)
        except (TypeError, ValueError):
            return False
        return True


def _turn(key: Key) -> tuple[str, Key]:
    return (ARCHIVED, Key(0, key.rowid)) if key.rank == _ARCHIVE else (LIVE, key)


def turns(view: View, session_id: str) -> Turns:
    """Return the turns of a session, oldest first, by when they happened.

    Args:
        view: Where to read. Live turns are found by an index, archived ones by reading them all.
        session_id: The session.

    Raises:
        ValidationError: It is no string.
    """
    fields.check_text("session_id", session_id)
    selects, values = list[str](), list[Any]()
    for rank, name in enumerate(INTERACTION.tables):
        if (table := view.layout.get(name)) is not None:
            where = Where().equals(table.sql("session_id"), session_id)
            # In the order in which the list of interactions has those of the same moment.
            tie = table.sql("interaction_id" if rank else "id")
            selects.append(
                f"SELECT {rank} AS rank, rowid AS number,"
                f" {moment_sql(table.sql('timestamp'))} AS happened, {tie} AS tie"
                f" FROM {quote(table.name)} WHERE {where.sql}"
            )
            values += where.values
    if (archive := view.layout.get(INTERACTION.archive)) is not None:
        inner, where = _archived(archive.sql("data"), session_id)
        selects.append(
            f"SELECT {_ARCHIVE}, number, {moment_sql('at')}, tie FROM (SELECT rowid AS number,"
            f" {inner} AS at, {archive.sql('original_id')} AS tie"
            f" FROM {quote(archive.name)} WHERE {where.sql})"
        )
        values += where.values
    if not selects:
        return Turns(gathered(view, "SELECT 0 AS rank, 0 AS number WHERE 0", ()))
    # The id in an archive is text, that of a table a number.
    ordered = "happened, CAST(tie AS INTEGER), tie, rank, number"
    sql = f"SELECT rank, number FROM ({' UNION ALL '.join(selects)}) ORDER BY {ordered}"
    return Turns(gathered(view, sql, values))


def _archived(data: str, session_id: str) -> tuple[str, Where]:
    where = Where()
    mark, value = rows.bindable(session_id)
    if _PLAIN.fullmatch(session_id):
        # Nearly all rows are told apart without decoding them.
        where.add(f"instr({data}, {mark})", value)
    where.add(f"{_field(data, 'session_id')} = {mark}", value)
    return _field(data, "timestamp"), where


def _field(data: str, name: str) -> str:
    return f"CASE WHEN json_valid({data}) THEN json_extract({data}, '$.{name}') END"
