"""The history of mem0: what it remembers, with every wording that a memory had.

A memory is a pattern. Its history is told by events, of which the last says whether it is still
remembered; what was deleted goes into the archive, with a reason of ours, because mem0 keeps none.
The last messages of each session, which mem0 keeps beside it, are interactions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from storage import driver
from storage.importers.damage import broken, lost, unsound
from storage.importers.formats import Format
from storage.importers.model import Found, Item, Position, content_hash
from storage.importers.peek import Look
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_text, counted, headline, moment_of

DELETED: Final = "deleted_in_source"
"""The reason of the archive for a memory of which the history says that it was deleted."""

_NAME: Final = "mem0"
_TITLE: Final = "mem0 history"
_PREFIX: Final = "mem0:"
_KEYS: Final = ("memory_id", "old_memory", "new_memory", "event")
_COLUMNS: Final = (*_KEYS, "created_at", "updated_at", "is_deleted", "actor_id", "role", "id")
_MESSAGE: Final = ("session_scope", "role", "content", "name", "created_at", "id")
# The events of one memory are spread over the table. So many events are held at once; a longer
# history is read several times, each time for a part of the memories.
_HELD: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Event:
    """One row of the history."""

    old: str | None
    new: str | None
    name: str
    at: str
    is_deleted: bool
    actor: str | None
    role: str | None
    raw: bytes


def _detect(look: Look) -> Found | None:
    if not look.has("history", *_KEYS):
        return None
    memories = look.count("SELECT count(DISTINCT memory_id) FROM history")
    events = look.count("SELECT count(*) FROM history")
    if memories is None or events is None:
        return Found(look.path, _NAME, _TITLE)
    told = f"{counted(memories, 'memory', 'memories')}, {counted(events, 'event')}"
    return Found(look.path, _NAME, _TITLE, told)


def _items(opened: SqliteFile, _since: Position) -> Iterator[Item]:
    """Yield the memories, then the messages."""
    parts = _parts(opened)
    for part in range(parts):
        yield from _memories(opened, part, parts)
    if {*_MESSAGE} <= opened.tables().get("messages", frozenset()):
        yield from _messages(opened)


def _parts(opened: SqliteFile) -> int:
    """Return in how many parts the history is read."""
    try:
        last = opened.page("SELECT max(rowid) FROM history")[0][0] or 0
    except driver.Error:
        return 1
    # Numbers may have gaps, but no row is smaller than a byte.
    return -(-min(int(last), opened.path.stat().st_size) // _HELD) or 1


def _memories(opened: SqliteFile, part: int, parts: int) -> Iterator[Item]:
    """Yield one part of the memories; with the first, what cannot be read of any."""
    there = opened.tables()["history"]
    columns: list[str] = [name for name in _COLUMNS if name in there]
    events: defaultdict[str, list[_Event]] = defaultdict(list)
    for row in opened.by_number("history", columns, 0):
        if isinstance(row, Hole):
            if part == 0:
                yield lost(_PREFIX, "history", row, None)
            continue
        bad = _fault(opened, columns, row)
        if bad is not None:
            if part == 0:
                yield bad
            continue
        memory = as_text(row[1]) or ""
        if crc32(memory.encode()) % parts == part:
            cells = dict(zip(columns, row[1:], strict=True))
            events[memory].append(_event(cells))
    for memory, told in events.items():
        yield _memory(memory, told)


def _fault(opened: SqliteFile, columns: list[str], row: tuple[Any, ...]) -> Item | None:
    """Return what stands for an event that cannot be read, else None."""
    bad = unsound(_PREFIX, opened, "history", columns, row, None)
    if bad is not None or as_text(row[1]):
        return bad
    raw = repr(dict(zip(columns, row[1:], strict=True))).encode()
    fault = "names no memory"
    return broken(_PREFIX, opened, "history", row[0], "memory_id", raw, fault, None)


def _event(cells: dict[str, Any]) -> _Event:
    texts = {name: as_text(cells.get(name)) for name in _COLUMNS}
    at = texts["updated_at"] or texts["created_at"] or ""
    return _Event(
        texts["old_memory"],
        texts["new_memory"],
        texts["event"] or "",
        at,
        texts["event"] == "DELETE" or bool(cells.get("is_deleted")),
        texts["actor_id"],
        texts["role"],
        content_hash(*cells.values()),
    )


def _memory(memory: str, events: list[_Event]) -> Item:
    """Return the memory that events tell of, oldest first."""
    times = _times(events)
    text, versions = _versions(events, times)
    last = events[-1]
    metadata: dict[str, Any] = {"versions": versions, **_speaker(last)}
    record = {
        "name": headline(text),
        "description": text,
        "pattern_type": "memory",
        "frequency": sum(each.new is not None for each in events) or 1,
        "created_at": times[0],
        "last_seen": times[-1],
        "metadata": metadata,
    }
    return Item(
        f"{_PREFIX}{memory}",
        record,
        content_hash(*(each.raw for each in events)),
        None,
        "pattern",
        archived=DELETED if last.is_deleted else None,
        archived_at=times[-1] if last.is_deleted else None,
        size=sum(len(each.new or "") for each in events),
    )


def _speaker(event: _Event) -> dict[str, str]:
    named = (("actor_id", event.actor), ("role", event.role))
    return {name: value for name, value in named if value is not None}


def _times(events: list[_Event]) -> list[str]:
    times: list[str] = []
    for each in events:
        times.append(moment_of(each.at, times[-1] if times else None))
    return times


def _versions(events: list[_Event], times: list[str]) -> tuple[str, list[dict[str, Any]]]:
    """Return what a memory says, or last said, and all that it said, oldest first.

    Where an event replaces a wording that no event tells of, that one is a version too.
    """
    text: str | None = None
    versions: list[dict[str, Any]] = []
    for event, time in zip(events, times, strict=True):
        if event.old is not None and event.old != text:
            versions.append({"event": None, "text": event.old})
            text = event.old
        told = {"event": event.name, "text": event.new, "at": time}
        versions.append({**told, **_speaker(event)})
        text = text if event.new is None else event.new
    return text or "", versions


def _messages(opened: SqliteFile) -> Iterator[Item]:
    time: str | None = None
    for row in opened.by_number("messages", _MESSAGE, 0):
        if isinstance(row, Hole):
            yield lost(_PREFIX, "messages", row, None, timestamp=time)
            continue
        scope, role, content, name, created, key = (as_text(cell) for cell in row[1:])
        time = moment_of(created, time)
        bad = unsound(_PREFIX, opened, "messages", _MESSAGE, row, None, timestamp=time)
        if bad is not None:
            yield bad
            continue
        record = {
            "timestamp": time,
            "session_id": scope,
            "action": "message",
            "role": role,
            "content": content or "",
            "metadata": {"name": name} if name else {},
        }
        yield Item(f"{_PREFIX}message:{key}", record, content_hash(*row[1:]), None)


def _count(opened: SqliteFile) -> int:
    return int(opened.page("SELECT count(DISTINCT memory_id) FROM history")[0][0])


FORMAT: Final = Format(_NAME, _TITLE, "database", _detect, _items, appends=False, count=_count)
