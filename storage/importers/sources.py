"""Where a memory was filled from, and what a person changed of that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from storage import rows
from storage.importers import ledger, writing
from storage.importers.formats import formats
from storage.importers.ledger import Kept, Part
from storage.importers.model import Divergence, SourceInfo
from storage.json_utils import decode
from storage.kinds import STATE, find_one
from storage.sqlite_store import SQLiteStore
from storage.view import View

_JOURNAL: Final = "memglass_journal"
_AT_ONCE: Final = 500


async def get_sources(store: SQLiteStore) -> list[SourceInfo]:
    """Return the sources that a memory was filled from, the first one first."""
    return await store.database.read(_sources)


def _sources(view: View) -> list[SourceInfo]:
    by_root: dict[str, list[Part]] = {}
    for part in ledger.parts(view):
        if part.format:
            by_root.setdefault(part.root, []).append(part)
    return [
        SourceInfo(
            path=Path(root),
            format=parts[0].format,
            title=_title(parts[0].format),
            first_at=min(part.first_at for part in parts),
            synced_at=max((part.synced_at for part in parts if part.synced_at), default=None),
            records=sum(part.position.get("count", 0) for part in parts),
            is_missing=not Path(root).exists(),
        )
        for root, parts in by_root.items()
    ]


def _title(name: str) -> str:
    form = formats().get(name)
    return name if form is None else form.title


async def get_diverged(store: SQLiteStore, *, but_by: str | None = None) -> list[Divergence]:
    """Return the records that came from a source and were edited or archived here since.

    They stay as they are, whatever the source does. What the journal says was changed is compared
    with what the import left, so that a change that was undone does not count.

    Args:
        store: The memory.
        but_by: An actor who only synchronises: what nobody else changed need not be looked at.
    """
    return await store.database.read(lambda view: _diverged(view, but_by))


def _diverged(view: View, but_by: str | None) -> list[Divergence]:
    if ledger.IMPORTED not in view.layout:
        return []
    parts = {part.id: part for part in ledger.parts(view)}
    ids = list(dict.fromkeys(_changed(view, but_by)))
    found: dict[tuple[str, str], Divergence] = {}
    for start in range(0, len(ids), _AT_ONCE):
        for source, kept in ledger.of_records(view, ids[start : start + _AT_ONCE]):
            part = parts.get(source)
            if part is not None and (told := _divergence(view, part, kept)) is not None:
                found.setdefault((told.kind, told.record_id), told)
    return list(found.values())


def _changed(view: View, but_by: str | None) -> Iterator[str]:
    """Yield the records that the journal says were changed, an id as often as it was."""
    if _JOURNAL not in view.layout:
        return
    for record_id, record_ids in view.fetch(
        f"SELECT record_id, record_ids FROM {_JOURNAL}"
        " WHERE operation IN ('update', 'archive', 'restore') AND (? IS NULL OR actor IS NOT ?)",
        (but_by, but_by),
    ):
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
