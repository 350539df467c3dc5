"""Where a page ended, as one opaque string, so that ties are never lost or doubled."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from storage import fields, rows
from storage.errors import ValidationError
from storage.kinds import public_id
from storage.moments import parse_moment


def cursor_of(record: Mapping[str, Any]) -> str:
    """Return the `before` that continues a list after `record`.

    Args:
        record: An interaction, a pattern, an archived record, a snapshot or a journal entry, as
            the store gave it.

    Raises:
        ValidationError: It is none of these.
    """
    # The agent's own columns and beliefs may have any name: what all records of a kind have tells.
    has = fields.check_mapping("record", record).keys()
    if has >= {"world_model_id", "snapshot_time", "trigger_event"}:
        return _write("snapshot", parse_moment(record["snapshot_time"]), record["id"])
    if has >= {"transaction_id", "operation", "after_hash"}:
        return _write("journal", record["id"])
    if has >= {"archived_at", "archive_reason", "record"}:
        table = "archived_patterns" if "pattern_name" in has else "archived_interactions"
        return _write(table, parse_moment(record["archived_at"]), record["id"])
    if has >= {"pattern_type", "confidence", "sequence"}:
        return _write("pattern", rank(record["confidence"]), public_id(record["id"], None))
    if has >= {"interaction_id", "timestamp"}:
        # Rows of `complete_interactions` have no number of their own, and others may lack it.
        is_numbered = isinstance(record.get("id"), int | str)
        own = [int("id" in has), record["id" if is_numbered else "interaction_id"]]
        return _write("interaction", parse_moment(record["timestamp"]), *own)
    raise ValidationError("The record is of no list that has pages.", field="record")


def rank(confidence: Any) -> float:
    """Return where a confidence sorts: below every number if it is none."""
    return confidence if isinstance(confidence, int | float) else -1.0e308


def read_cursor(cursor: Any, kind: str, values: int) -> list[Any]:
    """Return the values of a cursor.

    Raises:
        ValidationError: It was not made by `cursor_of` for this list.
    """
    try:
        made_for, *found = rows.decode_values(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError):
        made_for, found = None, []
    is_ours = made_for == kind and len(found) == values and all(map(rows.is_storable, found))
    # Every list but that of patterns begins with a whole number.
    if not is_ours or not isinstance(found[0], int | float if kind == "pattern" else int):
        raise ValidationError(
            f"before must be cursor_of() a record of this list ({kind}).", field="before"
        )
    return found


def _write(*values: rows.Value) -> str:
    return base64.urlsafe_b64encode(rows.encode_values(values).encode()).decode("ascii")
