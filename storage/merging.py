"""Merging patterns that say the same: one of them stays, with the evidence of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from storage import archive, fields, json_utils, rows
from storage.errors import RecordNotFoundError, ValidationError
from storage.json_utils import CorruptJSON
from storage.kinds import PATTERN, find, id_of
from storage.moments import UNREADABLE, parse_moment
from storage.records import Record, stored_record
from storage.schema import PATTERNS
from storage.updates import write_update
from storage.view import Change, StoredRow, View

REASON: Final = "duplicate"

_LINEAGE: Final = "source_interactions"
# Agents also list what else a pattern was made from: `source_patterns`, `source_working_memories`.
_EVIDENCE: Final = "source_"
_MOST: Final = 2**63 - 1


def merge(change: Change, keep: str, others: Sequence[str]) -> Record:
    """Merge live patterns into one of them, and archive the rest as its duplicates.

    What stays gets, of all of them,

    - the evidence: the lists in `metadata` whose names begin with `source_`, first its own as
      they stand, then what is new to them in the order of `others`. A text where a list is
      expected counts as one piece of evidence;
    - the sum of their frequencies. One that is missing or no count adds nothing, and one of its
      own that is no count stays as it stands;
    - the latest `last_seen` and the earliest `created_at`, in the spelling that they have. A time
      that cannot be read is passed over, and one of its own stays as it stands.

    All else stays its own, also `sequence`, and `confidence`: patterns that say the same were
    often learned from the same turns, so that neither the highest nor any sum of theirs is what
    the evidence bears out. Who knows better sets it in the same transaction. A field that does
    not change keeps its bytes. What others say of the archived ones leads on to the one that
    stays, which stands in their archive rows as `promoted_to`.

    Args:
        change: The transaction's connection.
        keep: The id of the pattern that stays.
        others: The ids of at least one that goes.

    Returns:
        The pattern that stays, as it reads now.

    Raises:
        RecordNotFoundError: Some are not live; the error names them.
        ValidationError: `others` is empty, repeats an id or holds `keep`; or the evidence of one
            cannot be read, so that it would be lost to the pattern that stays; or several live
            rows have the same id, so that nobody knows which is meant. Nothing was changed.
        StorageError: A trigger of the file kept rows from being moved; nothing was changed.
    """
    ids = _checked(keep, others)
    kept, *merged = _live(change, [keep, *ids])
    write_update(change, PATTERN, kept, _columns(kept, merged))
    archive.archive(change, PATTERN, ids, REASON, keep)
    return stored_record(PATTERNS, _live(change, [keep])[0])


def preview(view: View, keep: str, others: Sequence[str]) -> Record:
    """Return the pattern that would stay as `merge()` would leave it; nothing is changed.

    Raises:
        RecordNotFoundError: As for `merge()`.
        ValidationError: As for `merge()`.
    """
    kept, *merged = _live(view, [keep, *_checked(keep, others)])
    return stored_record(PATTERNS, replace(kept, values={**kept.values, **_columns(kept, merged)}))


def _checked(keep: str, others: Sequence[str]) -> list[str]:
    fields.check_ids("keep", [keep])
    ids = fields.check_ids("others", others)
    if not ids:
        raise ValidationError("others is empty; name the patterns to merge.", field="others")
    if keep in ids:
        raise ValidationError(
            f"Pattern {keep} is to stay and to go; leave it out of others.", field="others"
        )
    if len(ids) < len(others):
        twice = next(each for each in ids if list(others).count(each) > 1)
        raise ValidationError(f"others names pattern {twice} twice; name it once.", field="others")
    return ids


def _live(change: View, ids: Sequence[str]) -> list[StoredRow]:
    """Read the one live row that each of `ids` has."""
    found = find(change, PATTERN, ids)
    if missing := [each for each in ids if each not in found]:
        raise RecordNotFoundError(
            f"There is no live pattern {', '.join(missing)}; nothing was merged."
        )
    for each, there in found.items():
        if len(there) > 1:
            raise ValidationError(
                f"{len(there)} live patterns have the id {each}; give them ids of their own first.",
                field="id",
            )
    return [found[each][0] for each in ids]


def _columns(kept: StoredRow, merged: Sequence[StoredRow]) -> rows.Row:
    """Return the columns of what stays that change, with their new values."""
    changed = {
        "metadata": _metadata(kept, merged),
        "frequency": _frequency(kept, merged),
        "last_seen": _time("last_seen", kept, merged, latest=True),
        "created_at": _time("created_at", kept, merged, latest=False),
    }
    return {kept.table.spell(name): new for name, new in changed.items() if new is not None}


def _metadata(kept: StoredRow, merged: Sequence[StoredRow]) -> str | None:
    """Return the metadata with the evidence of all, or None where that brings nothing new."""
    own = _read_metadata(kept)
    given = [(id_of(PATTERN, row), _read_metadata(row)) for row in merged]
    united: dict[str, list[Any]] = {}
    for name in _evidence_names([own, *(each for _, each in given)]):
        evidence = list(_listed(id_of(PATTERN, kept), name, own.get(name)))
        known = {json_utils.encode(each) for each in evidence}
        count = len(evidence)
        for pattern_id, metadata in given:
            for each in _listed(pattern_id, name, metadata.get(name)):
                # By its JSON, because 1, 1.0 and True are equal in Python.
                if (said := json_utils.encode(each)) not in known:
                    known.add(said)
                    evidence.append(each)
        if len(evidence) > count:
            united[name] = evidence
    return json_utils.encode({**own, **united}, "metadata") if united else None


def _read_metadata(row: StoredRow) -> Mapping[str, Any]:
    read = json_utils.decode(row.value("metadata"), dict)
    if isinstance(read, CorruptJSON):
        # An empty text holds nothing that could be lost.
        if not read.raw.strip():
            return {}
        raise ValidationError(
            f"The metadata of pattern {id_of(PATTERN, row)} is corrupt, so that its evidence would"
            f" be lost: it {read.error}. Repair it first; nothing was merged.",
            field="metadata",
        )
    if read is None or read == []:
        return {}
    if not isinstance(read, Mapping):
        raise ValidationError(
            f"The metadata of pattern {id_of(PATTERN, row)} is no mapping, so that its evidence"
            " cannot be told; make it one first. Nothing was merged.",
            field="metadata",
        )
    return read


def _evidence_names(all_metadata: Sequence[Mapping[str, Any]]) -> list[str]:
    lists = (
        name
        for metadata in all_metadata
        for name, value in metadata.items()
        if name.startswith(_EVIDENCE) and isinstance(value, list)
    )
    return list(dict.fromkeys([_LINEAGE, *lists]))


def _listed(pattern_id: str, name: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return value
    raise ValidationError(
        f"metadata.{name} of pattern {pattern_id} is neither a list nor a text, so that it cannot"
        " be united with others; make it a list first. Nothing was merged.",
        field="metadata",
    )


def _frequency(kept: StoredRow, merged: Sequence[StoredRow]) -> int | None:
    """Return the sum of all counts; None where it is what stands, or has no place to go."""
    own = kept.value("frequency")
    more = sum(_count(row.value("frequency")) or 0 for row in merged)
    counted = 0 if own is None else _count(own)
    return None if counted is None or not more else min(counted + more, _MOST)


def _count(value: rows.Value) -> int | None:
    if isinstance(value, float):
        return int(value) if value.is_integer() and value >= 0 else None
    return value if isinstance(value, int) and value >= 0 else None


def _time(
    name: str, kept: StoredRow, merged: Sequence[StoredRow], *, latest: bool
) -> rows.Value | None:
    """Return the latest or earliest time of all; None where the own one stays."""
    own = kept.value(name)
    if own not in (None, "") and parse_moment(own) == UNREADABLE:
        return None
    found = [
        (moment, value)
        for value in (own, *(row.value(name) for row in merged))
        if (moment := parse_moment(value)) != UNREADABLE
    ]
    if not found:
        return None
    # Of equal moments the first is taken, which is the own one.
    moment, value = (max if latest else min)(found, key=lambda each: each[0])
    return None if moment == parse_moment(own) else value
