"""An item of a LangGraph store as a pattern, and back.

`metadata` holds namespace, key and value as they were given; the rest of the pattern is for people:
its name is the key, its type the namespace, its description what the value says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from storage.ids import joined_id
from storage.json_utils import encode
from storage.moments import from_moment, parse_moment
from storage.records import Record

TYPE: Final = "langgraph:"
"""What the pattern type of an item begins with; its namespace follows, with dots between."""

_ID: Final = "langgraph:"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WRITTEN_AGAIN: Final = 0.1
"""The part of its time to live after which a read that prolongs an item is written down."""

_LONGEST_LIFE: Final = 1e9
"""Minutes, which is some 1,900 years: what lives longer lives for ever."""

Namespace = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item as it is stored.

    Attributes:
        pattern_id: The pattern that it is.
        namespace: Where it is, such as `("users", "ada")`; labels hold no dots.
        key: Its name there.
        value: What was stored.
        created_at: When it was put first.
        updated_at: When it was put last.
        is_indexed: Whether a search may find it.
        minutes: How long it lives after it was last used; None is for ever.
        expires_at: When that is over; None is never.
    """

    pattern_id: str
    namespace: Namespace
    key: str
    value: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    is_indexed: bool
    minutes: float | None
    expires_at: datetime | None

    def is_expired(self, now: datetime) -> bool:
        """Say whether its time is over."""
        return self.expires_at is not None and self.expires_at < now

    def prolonged(self, now: datetime) -> dict[str, Any] | None:
        """Return the metadata that a use at this time leaves; None if it is not worth a change."""
        if self.minutes is None:
            return None
        until = now + timedelta(minutes=self.minutes)
        gained = until - (self.expires_at or now)
        if gained < timedelta(minutes=self.minutes * _WRITTEN_AGAIN):
            return None
        return _metadata(
            self.namespace, self.key, self.value, is_indexed=self.is_indexed, minutes=self.minutes,
            until=until,
        )  # fmt: skip


def pattern_id(namespace: Namespace, key: str) -> str:
    """Return the id of an item's pattern: namespace and key, with slashes between."""
    return _ID + joined_id(*namespace, key)


def pattern_type(namespace: Namespace) -> str:
    """Return the pattern type of the items of a namespace."""
    return TYPE + ".".join(namespace)


def namespace_of(kind: object) -> Namespace | None:
    """Return the namespace that a pattern type stands for, or None."""
    if not isinstance(kind, str) or not kind.startswith(TYPE):
        return None
    return tuple(kind.removeprefix(TYPE).split("."))


def as_pattern(
    namespace: Namespace,
    key: str,
    value: Mapping[str, Any],
    *,
    texts: Iterable[str] | None,
    minutes: float | None,
    now: datetime,
) -> dict[str, Any]:
    """Return an item as a pattern, for `add_pattern` and `update_pattern`.

    Args:
        namespace: Where it is.
        key: Its name there.
        value: What is stored.
        texts: What a search goes by; None if none may find it.
        minutes: How long it lives after it was last used; None is for ever.
        now: When it is put.

    Raises:
        JSONEncodeError: The value holds what JSON cannot say.
    """
    minutes = _life(minutes)
    until = None if minutes is None else now + timedelta(minutes=minutes)
    return {
        "name": key,
        "description": "\n".join(described(value) if texts is None else texts),
        "pattern_type": pattern_type(namespace),
        "last_seen": now,
        "metadata": _metadata(
            namespace, key, value, is_indexed=texts is not None, minutes=minutes, until=until
        ),
    }


def _metadata(
    namespace: Namespace,
    key: str,
    value: Mapping[str, Any],
    *,
    is_indexed: bool,
    minutes: float | None,
    until: datetime | None,
) -> dict[str, Any]:
    made: dict[str, Any] = {"namespace": list(namespace), "key": key, "value": dict(value)}
    if not is_indexed:
        made["index"] = False
    if minutes is not None and until is not None:
        made |= {"ttl_minutes": minutes, "expires_at": until.isoformat()}
    return made


def described(value: Mapping[str, Any]) -> list[str]:
    """Return what a value says, a line for each of its fields."""
    if len(value) == 1 and isinstance(only := next(iter(value.values())), str):
        return [only]
    return [
        f"{name}: {part if isinstance(part, str) else encode(part, f'value.{name}')}"
        for name, part in value.items()
    ]


def read_item(record: Record) -> StoredItem | None:
    """Return the item that a pattern is; None if it is none, or holds none that can be read."""
    held = record["metadata"]
    if namespace_of(record["pattern_type"]) is None or not isinstance(held, dict):
        return None
    namespace, key, value = held.get("namespace"), held.get("key"), held.get("value")
    if not (
        isinstance(namespace, list)
        and all(isinstance(label, str) for label in namespace)
        and isinstance(key, str)
        and isinstance(value, dict)
    ):
        return None
    minutes, until = held.get("ttl_minutes"), held.get("expires_at")
    return StoredItem(
        record["id"],
        tuple(namespace),
        key,
        value,
        _time(record["created_at"]),
        _time(record["last_seen"]),
        held.get("index") is not False,
        _life(minutes),
        _time(until) if isinstance(until, str) else None,
    )


def _life(minutes: object) -> float | None:
    """Return for how many minutes something lives; None is for ever."""
    if isinstance(minutes, int | float) and abs(minutes) < _LONGEST_LIFE:
        return float(minutes)
    return None


def _time(text: object) -> datetime:
    return from_moment(parse_moment(text)) or _EPOCH
