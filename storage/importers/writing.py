"""A batch of items into the memory: what is new, what changed, and what a person changed here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from storage import archive, archive_reading, interactions, patterns, rows
from storage.errors import JSONEncodeError, ValidationError
from storage.importers import ledger, state_writing
from storage.importers.ledger import Kept
from storage.importers.model import CORRUPT_ACTION, GONE, Item, damaged
from storage.importers.planning import Plan
from storage.importers.tally import Tally
from storage.kinds import INTERACTION, PATTERN, STATE, Kind, find, find_one
from storage.view import Change, View

KINDS: Final[dict[str, Kind]] = {each.name: each for each in (INTERACTION, PATTERN, STATE)}
_FIELDS: Final = {
    INTERACTION.name: ("timestamp", "session_id", "action", "role", "content", "file_path"),
    PATTERN.name: ("name", "description", "pattern_type", "last_seen"),
}


def apply(change: Change, source: int, batch: Plan) -> Tally:
    """Write what a batch calls for.

    Args:
        change: The transaction's connection.
        source: The number of the file.
        batch: What `planning.plan()` found, in the same transaction.
    """
    tally = Tally(unchanged=batch.unchanged, entered=len(batch.new))
    tally.entered += sum(kept.archived == GONE for _, kept in batch.other)
    for kind in (INTERACTION, PATTERN):
        items = [item for item in batch.new if item.kind == kind.name]
        if items:
            _add(change, source, kind, items, batch, tally)
    for item in batch.new:
        if item.kind == STATE.name:
            other = batch.others.get(item.key)
            ledger.add(change, source, [state_writing.add(change, item, other, tally)])
    for item, kept in batch.other:
        if kept.kind == STATE.name:
            state_writing.follow(change, item, kept, tally)
        else:
            _follow(change, KINDS[kept.kind], item, kept, tally)
        ledger.update(change, kept)
    return tally


def _add(
    change: Change, source: int, kind: Kind, items: list[Item], batch: Plan, tally: Tally
) -> None:
    """Add items that nothing was imported under, or learn that they are here already."""
    taken = [item for item in items if item.key in batch.standing]
    if taken:
        ledger.add(change, source, [_claim(change, kind, item, batch, tally) for item in taken])
        items = [item for item in items if item.key not in batch.standing]
    if not items:
        return
    digests = _insert(change, kind, items)
    for item in items:
        if item.archived is not None:
            archive.archive(change, kind, [item.key], item.archived, None, item.archived_at)
    ledger.add(
        change,
        source,
        [
            (item.key, kind.name, None, item.hash, digest, item.archived)
            for item, digest in zip(items, digests, strict=True)
        ],
    )
    tally.added += len(items)
    _count(kind, items, tally)


def _count(kind: Kind, items: Sequence[Item], tally: Tally) -> None:
    if kind is INTERACTION:
        tally.counts.update(str(item.record.get("action") or "interaction") for item in items)
    else:
        tally.counts[kind.name] += len(items)
    for item in items:
        if item.trouble:
            tally.corrupt += 1
            tally.troubles.append(item.trouble)


def _insert(change: Change, kind: Kind, items: list[Item]) -> list[bytes]:
    for item in items:
        item.record[kind.key] = item.key
    try:
        return _inserted(change, kind, [item.record for item in items])
    except (ValidationError, JSONEncodeError):
        for item in items:
            _acceptable(change, kind, item).record[kind.key] = item.key
    return _inserted(change, kind, [item.record for item in items])


def _inserted(change: Change, kind: Kind, records: list[dict[str, object]]) -> list[bytes]:
    if kind is INTERACTION:
        return interactions.add_digested(change, records)[1]
    ids = patterns.add_many(change, records)
    there = find(change, kind, ids)
    return [rows.digest(there[each][0].values) for each in ids]


def _acceptable(change: Change, kind: Kind, item: Item) -> Item:
    """Return an item that can be stored: itself, or one that shows what cannot be."""
    try:
        (interactions if kind is INTERACTION else patterns).check(change, item.record)
    except (ValidationError, JSONEncodeError) as error:
        details = item.record.get("details")
        raw = rows.exact_bytes(details) if isinstance(details, str) else b""
        shown = damaged(item.key, raw, {"record": item.key}, str(error), item.at)
        item.trouble, item.record = shown.trouble, shown.record
        if kind is PATTERN:
            metadata = shown.record["metadata"]
            item.record = {
                "name": item.key,
                "pattern_type": CORRUPT_ACTION,
                "metadata": metadata,
            }
    return item


# What is here already under a key that this file brings for the first time.


def _claim(change: Change, kind: Kind, item: Item, batch: Plan, tally: Tally) -> tuple[Any, ...]:
    """Return what is kept of a record that is here: shared with a file, or of a person's own."""
    other = batch.others.get(item.key)
    if other is not None:
        tally.unchanged += 1
        return item.key, kind.name, None, item.hash, other.digest, other.archived
    digest = b""
    if item.key in batch.standing.archived and archived_as(change, kind, item.key) == GONE:
        archive.restore(change, kind, [item.key])
        digest = _digest_of(change, kind, item.key) or b""
        tally.restored += 1
    else:
        tally.diverged += 1
    return item.key, kind.name, None, item.hash, digest, None


# What the source changed, and what it deleted.


def _follow(change: Change, kind: Kind, item: Item, kept: Kept, tally: Tally) -> None:
    """Do to a record what the source did, unless a person changed it here."""
    was_archived = kept.archived
    if not _is_ours(change, kind, kept):
        tally.diverged += 1
        tally.held.append(kept.key)
        return
    is_live = _digest_of(change, kind, kept.record_id) is not None
    if not is_live:
        archive.restore(change, kind, [kept.record_id])
    if kept.hash != item.hash:
        item.key = kept.record_id
        record = _acceptable(change, kind, item).record
        cleared = dict.fromkeys(_FIELDS[kind.name])
        update = interactions.update if kind is INTERACTION else patterns.update
        update(change, kept.record_id, {**cleared, **_given(change, kind, record)})
    left = kept.digest
    kept.digest = _digest_of(change, kind, kept.record_id) or b""
    ledger.share(change, kept, left)
    kept.hash = item.hash
    kept.archived = item.archived
    if item.archived is not None:
        archive.archive(change, kind, [kept.record_id], item.archived, None, item.archived_at)
    if was_archived != GONE or item.archived is not None or (is_live and left != kept.digest):
        tally.updated += 1
    elif is_live:
        # Another file had it all the time.
        tally.unchanged += 1
    else:
        tally.restored += 1
    if item.trouble:
        tally.corrupt += 1
        tally.troubles.append(item.trouble)


def _given(change: Change, kind: Kind, record: dict[str, Any]) -> dict[str, Any]:
    """Return the fields to write; what has no column goes into metadata, as when it was added."""
    table = change.layout[kind.tables[0]]
    extras = {name: record[name] for name in record if not table.has(name)}
    given = {name: value for name, value in record.items() if name not in extras}
    given["metadata"] = {**(given.get("metadata") or {}), **extras}
    return given


def gone(change: Change, source: int, batch: Sequence[Kept]) -> Tally:
    """Archive what the source deleted, unless a person changed it here or another file has it."""
    tally = Tally()
    others = ledger.elsewhere(change, source, [each.key for each in batch])
    for kind in KINDS.values():
        here = [each for each in batch if each.kind == kind.name]
        leaving = []
        for kept in here:
            if kind is STATE or kept.key in others:
                # What an agent believed once stays among its snapshots.
                kept.archived = GONE
                ledger.update(change, kept)
            elif kept.archived is None and _is_ours(change, kind, kept):
                leaving.append(kept)
            elif kept.archived is None:
                tally.diverged += 1
                tally.held.append(kept.key)
        if leaving:
            archive.archive(change, kind, [each.record_id for each in leaving], GONE, None)
        for kept in leaving:
            kept.archived = GONE
            ledger.update(change, kept)
        tally.archived += len(leaving)
    tally.left = sum(each.archived == GONE for each in batch)
    return tally


def _is_ours(view: View, kind: Kind, kept: Kept) -> bool:
    """Say whether a record is as the import left it."""
    return divergence_of(view, kind, kept) is None


def divergence_of(view: View, kind: Kind, kept: Kept) -> Literal["edited", "archived"] | None:
    """Say what a person did to a record: "edited", "archived", or None if nothing."""
    digest = _digest_of(view, kind, kept.record_id)
    there = archived_as(view, kind, kept.record_id) if digest is None else None
    if there != kept.archived and not ledger.is_left_by_another(view, kept, there):
        return "archived" if digest is None else "edited"
    return None if digest in (None, kept.digest) else "edited"


def _digest_of(view: View, kind: Kind, record_id: str) -> bytes | None:
    row = find_one(view, kind, record_id)
    return None if row is None else rows.digest(row.values)


def archived_as(view: View, kind: Kind, record_id: str) -> str | None:
    """Return the reason of the newest archive row of a record, or None."""
    found = archive_reading.newest(view, kind, [record_id])
    reason = found[0].value("archive_reason") if found else None
    return reason if isinstance(reason, str) else None
