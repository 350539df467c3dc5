"""When a checkpoint of LangGraph was made, as its id says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

# Where the count of 100 nanoseconds begins (RFC 9562, 5.1).
_GREGORIAN: Final = datetime(1582, 10, 15, tzinfo=UTC)


def moment_of_id(text: str) -> str | None:
    """Return the time in a UUID version 6 (RFC 9562, 5.6); None where it is none."""
    try:
        number = UUID(text).int
        if number >> 76 & 0xF != 6:
            return None
        ticks = (number >> 80) << 12 | number >> 64 & 0xFFF
        moment = _GREGORIAN + timedelta(microseconds=ticks // 10)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(timespec="microseconds")
