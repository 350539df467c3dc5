"""What the tasks of a graph wrote: who wrote a message, and what is in no checkpoint yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, Final

from storage import driver
from storage.ids import joined_id
from storage.importers.calls import Calls
from storage.importers.damage import broken, lost, unsound
from storage.importers.langgraph_messages import are_messages, message_item, node_of
from storage.importers.langgraph_moments import moment_of_id
from storage.importers.model import Item, Position, content_hash
from storage.importers.plain_msgpack import bytes_of, read, read_or_none
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_json, as_text, readable

_PREFIX: Final = "langgraph:"
_TEXTS: Final = (
    *("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "channel", "type"),
    "task_path",
)
# What is told of a run for as long as its checkpoints are kept.
_ACTIONS: Final = {"__error__": "error", "__interrupt__": "interrupt", "__resume__": "resume"}


def is_hidden(channel: str) -> bool:
    """Say whether a channel is for LangGraph itself."""
    return channel.startswith(("__", "branch:"))


class Written:
    """What was written after a checkpoint, and became part of the next; read when it is asked for.

    Args:
        opened: The database.
        columns: The columns of `writes`; none where that is not there.
        names: Thread, namespace and id of the checkpoint.
    """

    def __init__(self, opened: SqliteFile, columns: frozenset[str], names: list[str]) -> None:
        self._opened = opened
        self._columns = columns
        self._names = names
        self._rows: list[tuple[str, str | None, Any]] | None = None
        self._nodes: dict[str, str] | None = None

    def to(self, channel: str) -> list[Any]:
        """Return what was written to a channel; lists one behind the other."""
        found: list[Any] = []
        for name, _, value in self._read():
            if name == channel:
                found += value if isinstance(value, list) else [value]
        return found

    def nodes(self) -> dict[str, str]:
        """Return which node wrote a message, by the key of the message."""
        if self._nodes is None:
            self._nodes = dict(self._writers())
        return self._nodes

    def _writers(self) -> Iterator[tuple[str, str]]:
        for channel, node, value in self._read():
            for message in value if isinstance(value, list) else [value]:
                if node and are_messages([message], channel):
                    item = message_item(self._names, channel, 0, message, Calls(), None)
                    yield item.key, node

    def _read(self) -> list[tuple[str, str | None, Any]]:
        if self._rows is None:
            self._rows = list(self._fetched()) if self._columns and self._names[2] else []
        return self._rows

    def _fetched(self) -> Iterator[tuple[str, str | None, Any]]:
        path = "task_path" if "task_path" in self._columns else "NULL"
        sql = (
            f"SELECT channel, {path}, type, value FROM writes WHERE thread_id = ?"
            f" AND checkpoint_ns = ? AND checkpoint_id = ? ORDER BY {path}, task_id, idx"
        )
        try:
            found = self._opened.page(sql, self._names)
        except driver.Error:
            # Where the writes are damaged, their own rows say so.
            return
        for channel, task, kind, cell in found:
            yield as_text(channel) or "", node_of(task), read_or_none(kind, cell)


def pending(opened: SqliteFile, at: dict[str, int]) -> Iterator[Item]:
    """Yield what is in no checkpoint yet of what was written behind a position, and what failed."""
    tables = opened.tables()
    if "writes" not in tables:
        return
    names = [name for name in _TEXTS if name in tables["writes"]]
    # The writes of one checkpoint stand together.
    has_child = lru_cache(1)(partial(_has_child, opened))
    time: str | None = None
    for row in opened.by_number("writes", (*names, "idx", "value"), at.get("writes", 0)):
        number = row.at if isinstance(row, Hole) else row[0]
        at = {**at, "writes": number}
        if isinstance(row, Hole):
            yield lost(_PREFIX, "writes", row, at, timestamp=time)
            continue
        bad = unsound(_PREFIX, opened, "writes", names, row, at, timestamp=time)
        cells = dict(zip((*names, "idx", "value"), row[1:], strict=True))
        time = moment_of_id(as_text(cells["checkpoint_id"]) or "") or time
        item = bad or _write(opened, row[0], cells, time, at, has_child)
        if item is not None:
            yield item


def _write(
    opened: SqliteFile,
    number: int,
    cells: dict[str, Any],
    time: str | None,
    at: Position,
    has_child: Callable[[tuple[str, ...]], bool],
) -> Item | None:
    """Return the item of a write that is pending or went wrong; None for what is told already."""
    names = [as_text(cells[name]) or "" for name in _TEXTS[:4]]
    channel = as_text(cells["channel"]) or ""
    known = {"timestamp": time, "session_id": names[0]}
    key = f"{_PREFIX}{joined_id(*names, str(cells['idx']))}"
    raw = bytes_of(cells["value"])
    try:
        value = read(as_text(cells["type"]), raw)
    except ValueError as error:
        item = broken(_PREFIX, opened, "writes", number, "value", raw, str(error), at, **known)
        item.key = f"{key}#value"
        return item
    action = _ACTIONS.get(channel)
    if action is None and (is_hidden(channel) or has_child(tuple(names[:3]))):
        return None
    metadata = {"channel": channel, "checkpoint": names[2], "task": names[3]}
    if node := node_of(cells.get("task_path")):
        metadata["node"] = node
    record = {
        **known,
        "action": action or "pending_write",
        "content": _shown(value),
        "details": {"value": value},
        "metadata": metadata,
    }
    return Item(key, record, content_hash(raw, channel), at, size=len(raw))


def _shown(value: Any) -> str:
    """Return what a write says: the text of messages and interrupts, else the value."""
    held = value if isinstance(value, list) else [value]
    parts = [
        each.get("content", each.get("value"))
        if isinstance(each, dict) and "$type" in each
        else each
        for each in held
    ]
    return "\n\n".join(readable(part) if isinstance(part, str) else as_json(part) for part in parts)


def _has_child(opened: SqliteFile, names: tuple[str, ...]) -> bool:
    """Say whether a checkpoint came after this one, so that its writes are part of that."""
    try:
        return bool(
            opened.page(
                "SELECT 1 FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ?"
                " AND checkpoint_id > ? AND parent_checkpoint_id = ?"
                " ORDER BY checkpoint_id LIMIT 1",
                (*names, names[2]),
            )
        )
    except driver.Error:
        return True
