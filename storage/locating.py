"""Where records stand: from a public id to the list that holds the record, live or archived."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from storage.archive_reading import archived_id, newest
from storage.errors import ValidationError
from storage.kinds import INTERACTION, PATTERN, SNAPSHOT, STATE, Kind, find, id_of, tables_of
from storage.listing import Key
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
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Place] = {}
    if kind in _KINDS:
        found = _live(view, _KINDS[kind], wanted)
    elif kind not in _ARCHIVED:
        raise ValidationError(
            f"kind must be one of {', '.join((*_KINDS, *_ARCHIVED))}.", field="kind"
        )
    archived = _ARCHIVED.get(f"archived_{kind.removeprefix('archived_')}")
    if archived is not None:
        missing = [each for each in wanted if each not in found]
        found |= _in_archive(view, archived, missing)
    return {each: found[each] for each in wanted if each in found}


def _live(view: View, kind: Kind, ids: list[str]) -> dict[str, Place]:
    # A list ranks the tables that there can be, whether the file has them or not.
    ranks = {table.name: kind.tables.index(table.name.lower()) for table in tables_of(view, kind)}
    return {
        id_of(kind, row): Place(kind.name, Key(ranks[row.table.name], row.rowid))
        for each in find(view, kind, ids).values()
        for row in reversed(each)
    }


def _in_archive(view: View, kind: Kind, ids: list[str]) -> dict[str, Place]:
    found = {}
    for start in range(0, len(ids), ROWS_PER_STATEMENT):
        for row in newest(view, kind, ids[start : start + ROWS_PER_STATEMENT]):
            found[archived_id(kind, row)] = Place(f"archived_{kind.name}", Key(0, row.rowid))
    return found
