"""Records that came from a source and are no longer as it left them, because of a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from storage import journal, rows
from storage.importers import ledger, writing
from storage.importers.ledger import Kept, Part
from storage.importers.model import Divergence
from storage.json_utils import decode
from storage.kinds import STATE, find_one
from storage.view import View

_AT_ONCE: Final = 500
_CHANGING: Final = "operation IN ('update', 'archive', 'restore')"


def of_records(view: View, ids: Sequence[str]) -> list[Divergence]:
    """Return which of some records were edited or archived here, compared with their import."""
    if ledger.IMPORTED not in view.layout:
        return []
    parts = {part.id: part for part in ledger.parts(view)}
    found: dict[tuple[str, str], Divergence] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for source, kept in ledger.of_records(view, ids[start : start + _AT_ONCE]):
            part = parts.get(source)
            if part is not None and (told := _divergence(view, part, kept)) is not None:
                found.setdefault((told.kind, told.record_id), told)
    return list(found.values())


def changed(view: View, but_by: str | None) -> Iterator[str]:
    """Yield the records that the journal says were changed, an id as often as it was.

    Args:
        view: Where to read.
        but_by: An actor whose changes do not count; None counts all.
    """
    if journal.TABLE not in view.layout:
        return
    for record_id, record_ids in view.fetch(
        f"SELECT record_id, record_ids FROM {journal.TABLE}"
        f" WHERE {_CHANGING} AND (? IS NULL OR actor IS NOT ?)",
        (but_by, but_by),
    ):
        yield from _ids(record_id, record_ids)


def changed_last(view: View, before: int | None) -> tuple[list[str], int | None]:
    """Return some of the records that were changed, the last first, and where to go on.

    Args:
        view: Where to read.
        before: What was given to go on with; None to begin.

    Returns:
        Ids of records of any kind, and what to go on with; None where that were all.
    """
    if journal.TABLE not in view.layout or ledger.IMPORTED not in view.layout:
        return [], None
    found = view.fetch(
        f"SELECT id, record_id, record_ids FROM {journal.TABLE} WHERE {_CHANGING} AND id < ?"
        f" ORDER BY id DESC LIMIT {_AT_ONCE}",
        (2**63 - 1 if before is None else before,),
    )
    ids: dict[str, None] = {}
    for number, record_id, record_ids in found:
        ids |= dict.fromkeys(_ids(record_id, record_ids))
        if len(ids) >= _AT_ONCE:
            return list(ids), number
    return list(ids), found[-1][0] if len(found) == _AT_ONCE else None


def _ids(record_id: Any, record_ids: Any) -> Iterator[str]:
    ids = [record_id] if record_ids is None else decode(record_ids, list)
    yield from (each for each in ids if isinstance(each, str))


def _divergence(view: View, part: Part, kept: Kept) -> Divergence | None:
    kind = writing.KINDS[kept.kind]
    if kind is STATE:
        row = find_one(view, STATE, kept.record_id)
        if row is not None and ledger.has_left(view, kept.record_id, rows.digest(row.values)):
            return None
        how: Literal["edited", "archived"] | None = "archived" if row is None else "edited"
    else:
        how = writing.divergence_of(view, kind, kept)
    if how is None:
        return None
    reason = writing.archived_as(view, kind, kept.record_id) if how == "archived" else None
    return Divergence(
        kind.name, kept.record_id, Path(part.path), part.format, kept.key, how, reason
    )
