"""Checkpoints of LangGraph: messages become interactions, the states of a thread snapshots.

Each checkpoint holds all that a thread knew then. Of its messages those are interactions that no
checkpoint before it had; its other channels are the entities of a world model whose domain is the
thread. `writes` says which node a message came from; what was written and did not become part of
a checkpoint yet, an error and an interrupt are interactions too.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final

from storage import driver
from storage.errors import JSONEncodeError
from storage.ids import joined_id
from storage.importers.calls import Calls
from storage.importers.damage import broken, lost, unsound
from storage.importers.formats import Format
from storage.importers.langgraph_messages import are_messages, message_item, node_of
from storage.importers.langgraph_moments import moment_of_id
from storage.importers.model import Found, Item, Position, content_hash
from storage.importers.peek import Look
from storage.importers.plain_msgpack import read
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_json, as_text, headline, moment_of, readable

_NAME: Final = "langgraph-checkpoints"
_TITLE: Final = "LangGraph checkpoints"
_PREFIX: Final = "langgraph:"
_TEXTS: Final = ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type")
_COLUMNS: Final = (*_TEXTS, "checkpoint", "metadata")
_WRITE_TEXTS: Final = (
    *("thread_id", "checkpoint_ns", "checkpoint_id", "task_id", "channel", "type"),
    "task_path",
)
# What is told of a run for as long as its checkpoints are kept.
_ACTIONS: Final = {"__error__": "error", "__interrupt__": "interrupt", "__resume__": "resume"}
_SAID: Final = frozenset({"source", "step", "parents", "writes"})
_MOST_SEEN: Final = 200_000


def has_checkpoints(look: Look) -> bool:
    """Say whether a database holds checkpoints."""
    return look.has("checkpoints", *_COLUMNS)


def summary(look: Look) -> str:
    """Say how many there are; "" if the file is too damaged to tell."""
    threads = look.count("SELECT count(DISTINCT thread_id) FROM checkpoints")
    checkpoints = look.count("SELECT count(*) FROM checkpoints")
    if threads is None or checkpoints is None:
        return ""
    return f"{threads:,} thread{'' if threads == 1 else 's'}, {checkpoints:,} checkpoints"


def _detect(look: Look) -> Found | None:
    return Found(look.path, _NAME, _TITLE, summary(look)) if has_checkpoints(look) else None


def items(opened: SqliteFile, since: Position) -> Iterator[Item]:
    """Yield what the checkpoints hold, in the order in which they were made, then the writes."""
    at: dict[str, int] = dict(since or {})
    reader = _Checkpoints(opened)
    for row in opened.by_number("checkpoints", _COLUMNS, at.get("checkpoints", 0)):
        before = at
        number = row.at if isinstance(row, Hole) else row[0]
        at = {**at, "checkpoints": number}
        if isinstance(row, Hole):
            yield lost(_PREFIX, "checkpoints", row, at, timestamp=reader.time)
            continue
        made = reader.items(row)
        for item in made:
            # What is left of a row that was read in part is read again.
            item.at = before if item is not made[-1] else at
            yield item
    yield from _writes(opened, at)


class _Checkpoints:
    """Turns the rows of `checkpoints` into items, and remembers which messages were told."""

    def __init__(self, opened: SqliteFile) -> None:
        self._opened = opened
        self._has_writes = "writes" in opened.tables()
        self._calls = Calls()
        self._told: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self.time: str | None = None

    def items(self, row: tuple[Any, ...]) -> list[Item]:
        """Return the messages that are new, then the state; or what stands for a damaged row."""
        bad = unsound(_PREFIX, self._opened, "checkpoints", _TEXTS, row, None, timestamp=self.time)
        if bad is not None:
            return [bad]
        thread, space, number, parent, kind = (as_text(cell) for cell in row[1:6])
        names = [thread or "", space or "", number or ""]
        raw = _raw(row[6])
        self.time = moment_of_id(names[2]) or self.time
        try:
            value = _checkpoint(kind, raw)
            self.time = moment_of(value.get("ts"), self.time)
            found = self._messages(names, parent, value)
            state = self._state(names, parent, value, row)
            as_json(state.record)
        except (ValueError, JSONEncodeError) as error:
            item = broken(
                _PREFIX, self._opened, "checkpoints", row[0], "checkpoint", raw, str(error), None,
                timestamp=self.time, session_id=names[0],
            )  # fmt: skip
            item.key = f"{_PREFIX}{joined_id(*names)}#checkpoint"
            return [item]
        return [*found, state]

    def _messages(self, names: list[str], parent: str | None, value: dict[str, Any]) -> list[Item]:
        """Return the messages that no checkpoint of the thread had before."""
        made = []
        nodes: dict[str, str] | None = None
        for channel, held in _channels(value).items():
            if not are_messages(held, channel):
                continue
            for place, message in enumerate(held):
                item = message_item(names, channel, place, message, self._calls, self.time)
                if not self._is_new(item):
                    continue
                if nodes is None:
                    nodes = self._nodes(names, parent)
                node = nodes.get(item.key)
                item.record["metadata"] |= {"node": node} if node else {}
                made.append(item)
        return made

    def _is_new(self, item: Item) -> bool:
        told = (item.key, item.hash)
        if told in self._told:
            self._told.move_to_end(told)
            return False
        self._told[told] = None
        if len(self._told) > _MOST_SEEN:
            self._told.popitem(last=False)
        return True

    def _nodes(self, names: list[str], parent: str | None) -> dict[str, str]:
        """Return which node wrote a message, by the key of the message."""
        nodes: dict[str, str] = {}
        if parent is None or not self._has_writes:
            return nodes
        try:
            written = self._opened.page(
                "SELECT channel, task_path, type, value FROM writes WHERE thread_id = ?"
                " AND checkpoint_ns = ? AND checkpoint_id = ? ORDER BY task_id, idx",
                (*names[:2], parent),
            )
        except driver.Error:
            # Where the writes are damaged, their own rows say so.
            return nodes
        for channel, path, kind, cell in written:
            node, held = node_of(path), _readable_or_none(kind, cell)
            for message in held if isinstance(held, list) else [held]:
                if node and are_messages([message], str(channel)):
                    item = message_item(names, str(channel), 0, message, Calls(), self.time)
                    nodes[item.key] = node
        return nodes

    def _state(
        self, names: list[str], parent: str | None, value: dict[str, Any], row: tuple[Any, ...]
    ) -> Item:
        """Return what a thread knew, as a state of the world model."""
        thread, space, number = names
        told = _told_metadata(row[7])
        step, source = told.get("step"), as_text(told.get("source"))
        domain = "/".join(filter(None, (thread.strip(), space.strip()))) or "thread"
        entities = [
            # What one thread knows says nothing of a channel of the same name in another.
            {"id": f"{channel}@{domain}", **_described(channel, held)}
            for channel, held in _channels(value).items()
            if not channel.startswith(("__", "branch:"))
        ]
        record = {
            "domain": domain,
            "session_id": thread,
            "entities": entities,
            "relations": [],
            "snapshot_time": self.time,
            "trigger_event": f"{source or 'checkpoint'}, step {step}"
            if step is not None
            else source,
            "metadata": {**_others(told), "checkpoint": number, "parent_checkpoint": parent},
        }
        fingerprint = content_hash(row[6], row[7], parent)
        key = f"{_PREFIX}{joined_id(*names)}"
        return Item(key, record, fingerprint, None, "world_model_state", size=len(row[6] or b""))


def _raw(cell: Any) -> bytes:
    if isinstance(cell, bytes):
        return cell
    return (as_text(cell) or "").encode("utf-8", "surrogateescape")


def _checkpoint(kind: str | None, raw: bytes) -> dict[str, Any]:
    value = read(kind, raw)
    if isinstance(value, dict):
        return value
    raise ValueError("holds no checkpoint")


def _channels(value: dict[str, Any]) -> dict[str, Any]:
    held = value.get("channel_values")
    return held if isinstance(held, dict) else {}


def _described(channel: str, held: Any) -> dict[str, Any]:
    """Return what a channel holds, as type and properties of an entity; messages are counted."""
    if are_messages(held, channel):
        last = readable(held[-1].get("content")) if isinstance(held[-1], dict) else ""
        return {"type": "messages", "properties": {"count": len(held), "last": headline(last)}}
    if isinstance(held, dict):
        return {"type": as_text(held.get("$type")) or "channel", "properties": held}
    return {"type": "channel", "properties": {"value": held}}


def _others(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of a checkpoint beside what the snapshot says itself."""
    return {name: value for name, value in told.items() if name not in _SAID}


def _told_metadata(cell: Any) -> dict[str, Any]:
    told = _readable_or_none(None, cell)
    return told if isinstance(told, dict) else {}


def _readable_or_none(kind: Any, cell: Any) -> Any:
    """Return what is serialised; None where that cannot be read, which its own row says."""
    try:
        return read(as_text(kind), _raw(cell))
    except ValueError:
        return None


# What was written by tasks.


def _writes(opened: SqliteFile, at: dict[str, int]) -> Iterator[Item]:
    tables = opened.tables()
    if "writes" not in tables:
        return
    names = [name for name in _WRITE_TEXTS if name in tables["writes"]]
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
        item = bad or _write(opened, row[0], cells, time, at)
        if item is not None:
            yield item


def _write(
    opened: SqliteFile, number: int, cells: dict[str, Any], time: str | None, at: Position
) -> Item | None:
    """Return the item of a write that is pending or went wrong; None for what is told already."""
    names = [as_text(cells[name]) or "" for name in _WRITE_TEXTS[:4]]
    channel = as_text(cells["channel"]) or ""
    known = {"timestamp": time, "session_id": names[0]}
    key = f"{_PREFIX}{joined_id(*names, str(cells['idx']))}"
    raw = _raw(cells["value"])
    try:
        value = read(as_text(cells["type"]), raw)
    except ValueError as error:
        item = broken(_PREFIX, opened, "writes", number, "value", raw, str(error), at, **known)
        item.key = f"{key}#value"
        return item
    action = _ACTIONS.get(channel)
    if action is None and (channel.startswith(("branch:", "__")) or _has_child(opened, names)):
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


def _has_child(opened: SqliteFile, names: list[str]) -> bool:
    """Say whether a checkpoint came after this one, so that its writes are part of that."""
    try:
        return bool(
            opened.page(
                "SELECT 1 FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ?"
                " AND checkpoint_id > ? AND parent_checkpoint_id = ?"
                " ORDER BY checkpoint_id LIMIT 1",
                (*names[:3], names[2]),
            )
        )
    except driver.Error:
        return True


FORMAT: Final = Format(_NAME, _TITLE, "database", _detect, items)
