"""Where a memory was filled from, and what a person changed of that."""

from __future__ import annotations

from pathlib import Path

from storage import fields
from storage.importers import divergences, ledger
from storage.importers.formats import formats
from storage.importers.ledger import Part
from storage.importers.model import Divergence, SourceInfo
from storage.sqlite_store import SQLiteStore
from storage.view import View


async def get_sources(store: SQLiteStore) -> list[SourceInfo]:
    """Return the sources that a memory was filled from, the first one first."""
    fields.check_class("store", store, SQLiteStore)
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
    fields.check_class("store", store, SQLiteStore)
    return await store.database.read(lambda view: _diverged(view, but_by))


def _diverged(view: View, but_by: str | None) -> list[Divergence]:
    if ledger.IMPORTED not in view.layout:
        return []
    return divergences.of_records(view, list(dict.fromkeys(divergences.changed(view, but_by))))
