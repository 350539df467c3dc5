"""How changes, events and differences read as JSON: plain objects with the names of the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage import FieldChange, Lineage, Piece, RecordEvent, WorldModelDiff


def changes_json(changes: Iterable[FieldChange]) -> list[dict[str, Any]]:
    """Give fields that differ: `path`, `kind`, and `old` and `new` where there is such a value."""
    return [
        {"path": each.path, "kind": each.kind, **_sides(each.old, each.new)} for each in changes
    ]


def _sides(old: Any, new: Any) -> dict[str, Any]:
    return {**_side("old", old), **_side("new", new)}


def _side(name: str, value: Any) -> dict[str, Any]:
    from storage import MISSING

    return {} if value is MISSING else {name: value}


def diff_json(diff: WorldModelDiff) -> dict[str, Any]:
    """Give what differs between two world models."""
    return {
        "entities": [_entry_json(each) for each in diff.entities],
        "relations": [_entry_json(each) for each in diff.relations],
        "fields": changes_json(diff.fields),
        "confidence": {"old": diff.confidence_before, "new": diff.confidence_after},
    }


def _entry_json(change: Any) -> dict[str, Any]:
    whole = {} if change.fields else _sides(change.old, change.new)
    fields_told = {"fields": changes_json(change.fields)} if change.fields else {}
    return {"key": change.key, "kind": change.kind, **whole, **fields_told}


def event_json(event: Any) -> dict[str, Any]:
    """Give what happened to a record (`RecordEvent`) or to an entity (`EntityEvent`)."""
    told: dict[str, Any] = {}
    for each in fields(event):
        value = getattr(event, each.name)
        if each.name in ("changes", "fields"):
            told[each.name] = changes_json(value)
        elif each.name == "diff":
            told[each.name] = None if value is None else diff_json(value)
        elif each.name in ("old", "new"):
            told |= _side(each.name, value)
        else:
            told[each.name] = value
    return told


def history_json(events: Iterable[RecordEvent]) -> list[dict[str, Any]]:
    """Give what happened to a record, newest first."""
    return [event_json(each) for each in events]


def lineage_json(found: Lineage) -> dict[str, Any]:
    """Give what a record was made from and what became of it."""
    return {
        "sources": [_piece_json(each) for each in found.sources],
        "products": [_piece_json(each) for each in found.products],
        "troubles": list(found.troubles),
    }


def _piece_json(piece: Piece) -> Mapping[str, Any]:
    state = "gone" if piece.place is None else "live"
    if piece.place is not None and piece.place.kind.startswith("archived_"):
        state = "archived"
    return {
        "kind": piece.kind,
        "record_id": piece.record_id,
        "state": state,
        "step": piece.step,
        "told_by": list(piece.told_by),
    }
