"""Where a page ended, as one opaque string, so that ties are never lost or doubled."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import orjson

from storage import rows
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
    try:
        return _cursor(record)
    except KeyError as error:
        raise ValidationError(
            f"The record has no {error}, so it has no place in a list.", field=str(error.args[0])
        ) from error


def _cursor(record: Mapping[str, Any]) -> str:
    if "transaction_id" in record:
        return _write("journal", record["id"])
    if "archived_at" in record:
        return _write("archive", parse_moment(record["archived_at"]), record["id"])
    if "snapshot_time" in record:
        return _write("snapshot", parse_moment(record["snapshot_time"]), record["id"])
    if "interaction_id" in record:
        moment = parse_moment(record["timestamp"])
        # Rows of `complete_interactions` have no number of their own.
        own = [1, record["id"]] if "id" in record else [0, record["interaction_id"]]
        return _write("interaction", moment, *own)
    confidence = record["confidence"]
    return _write("pattern", rank(confidence), public_id(record["id"], None))


def rank(confidence: Any) -> float:
    """Return where a confidence sorts: below every number if it is none."""
    is_number = isinstance(confidence, int | float)
    return float(confidence) if is_number else -1.0e308


def read_cursor(cursor: Any, kind: str, values: int) -> list[Any]:
    """Return the values of a cursor.

    Raises:
        ValidationError: It was not made by `cursor_of` for this list.
    """
    try:
        made_for, *found = rows.decode_values(base64.urlsafe_b64decode(cursor))
    except (binascii.Error, orjson.JSONDecodeError, TypeError, ValueError):
        made_for, found = None, []
    if made_for != kind or len(found) != values:
        raise ValidationError(
            f"before must be cursor_of() a record of this list ({kind}).", field="before"
        )
    return found


def _write(*values: rows.Value) -> str:
    return base64.urlsafe_b64encode(rows.encode_values(values).encode()).decode("ascii")
