"""Checkpoints of LangGraph: messages become interactions, the states of a thread snapshots.

Each checkpoint holds all that a thread knew then. Of its messages those are interactions that no
checkpoint before it had; its other channels are the entities of a world model whose domain is the
thread. `writes` says which node a message came from; what was written and did not become part of
a checkpoint yet, an error and an interrupt are interactions too.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final

from storage.errors import JSONEncodeError
from storage.ids import joined_id
from storage.importers.calls import Calls
from storage.importers.damage import broken, lost, unsound
from storage.importers.formats import Format
from storage.importers.langgraph_messages import are_messages, message_item
from storage.importers.langgraph_moments import moment_of_id
from storage.importers.langgraph_writes import Written, is_hidden, pending
from storage.importers.model import Found, Item, Position, content_hash
from storage.importers.peek import Look
from storage.importers.plain_msgpack import bytes_of, read, read_or_none
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_json, as_text, counted, headline, moment_of, readable

_NAME: Final = "langgraph-checkpoints"
_TITLE: Final = "LangGraph checkpoints"
_PREFIX: Final = "langgraph:"
_TEXTS: Final = ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "type")
_COLUMNS: Final = (*_TEXTS, "checkpoint", "metadata")
_SAID: Final = frozenset({"source", "step", "parents", "writes"})
_TASK: Final = re.compile(r":[^|]*")
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
    return f"{counted(threads, 'thread')}, {counted(checkpoints, 'checkpoint')}"


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
    yield from pending(opened, at)


class _Checkpoints:
    """Turns the rows of `checkpoints` into items, and remembers which messages were told."""

    def __init__(self, opened: SqliteFile) -> None:
        self._opened = opened
        self._writes = opened.tables().get("writes", frozenset())
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
        raw = bytes_of(row[6])
        self.time = moment_of_id(names[2]) or self.time
        try:
            value = _checkpoint(kind, raw)
            self.time = moment_of(value.get("ts"), self.time)
            written = Written(self._opened, self._writes, [*names[:2], parent or ""])
            held, added = _channels(value), _written_only(value, written)
            found = list(self._messages(names, {**held, **added}, written))
            state = self._state(names, parent, _entities(names, held, added), row)
            as_json(state.record)
        except (ValueError, JSONEncodeError) as error:
            item = broken(
                _PREFIX, self._opened, "checkpoints", row[0], "checkpoint", raw, str(error), None,
                timestamp=self.time, session_id=names[0],
            )  # fmt: skip
            item.key = f"{_PREFIX}{joined_id(*names)}#checkpoint"
            return [item]
        return [*found, state]

    def _messages(self, names: list[str], held: dict[str, Any], written: Written) -> Iterator[Item]:
        """Yield the messages that no checkpoint of the thread had before."""
        for channel, messages in held.items():
            if not are_messages(messages, channel):
                continue
            for place, message in enumerate(messages):
                item = message_item(names, channel, place, message, self._calls, self.time)
                if self._is_new(item):
                    node = written.nodes().get(item.key)
                    item.record["metadata"] |= {"node": node} if node else {}
                    yield item

    def _is_new(self, item: Item) -> bool:
        told = (item.key, item.hash)
        if told in self._told:
            self._told.move_to_end(told)
            return False
        self._told[told] = None
        if len(self._told) > _MOST_SEEN:
            self._told.popitem(last=False)
        return True

    def _state(
        self,
        names: list[str],
        parent: str | None,
        entities: list[dict[str, Any]],
        row: tuple[Any, ...],
    ) -> Item:
        """Return what a thread knew, as a state of the world model."""
        thread, _, number = names
        told = _told_metadata(row[7])
        step, source = told.get("step"), as_text(told.get("source"))
        record = {
            "domain": _domain(names),
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
        size = len(row[6] or b"")
        return Item(key, record, fingerprint, None, "world_model_state", size=size, is_dated=True)


def _checkpoint(kind: str | None, raw: bytes) -> dict[str, Any]:
    value = read(kind, raw)
    if isinstance(value, dict):
        return value
    raise ValueError("holds no checkpoint")


def _channels(value: dict[str, Any]) -> dict[str, Any]:
    held = value.get("channel_values")
    return held if isinstance(held, dict) else {}


def _written_only(value: dict[str, Any], written: Written) -> dict[str, Any]:
    """Return what was written to channels that a checkpoint names without what they hold.

    Such a channel keeps only what changes (`langgraph.channels.delta`), until it is written whole.
    """
    versions = value.get("channel_versions")
    named = versions if isinstance(versions, dict) else {}
    absent = [each for each in named if each not in _channels(value) and not is_hidden(each)]
    found = {channel: written.to(channel) for channel in absent}
    return {channel: held for channel, held in found.items() if held}


def _domain(names: list[str]) -> str:
    """Return the thread, and for a graph within the graph the nodes that it runs in.

    Its namespace is `node:task|node:task`; the states of all tasks of a node are one history.
    """
    nodes = _TASK.sub("", names[1])
    return "/".join(filter(None, (names[0].strip(), nodes.strip()))) or "thread"


def _entities(
    names: list[str], held: dict[str, Any], added: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return channels as entities: what they hold, or what was added to those that tell only that.

    What one thread knows says nothing of a channel of the same name in another.
    """
    domain = _domain(names)
    return [
        {"id": f"{channel}@{domain}", **_described(channel, value, counted)}
        for counted, channels in (("count", held), ("added", added))
        for channel, value in channels.items()
        if not is_hidden(channel)
    ]


def _described(channel: str, held: Any, counted: str) -> dict[str, Any]:
    """Return type and properties of a channel; messages are only counted."""
    if are_messages(held, channel):
        last = readable(held[-1].get("content")) if isinstance(held[-1], dict) else ""
        return {"type": "messages", "properties": {counted: len(held), "last": headline(last)}}
    if counted == "added":
        return {"type": "channel", "properties": {"added": held}}
    if isinstance(held, dict):
        return {"type": as_text(held.get("$type")) or "channel", "properties": held}
    return {"type": "channel", "properties": {"value": held}}


def _others(told: dict[str, Any]) -> dict[str, Any]:
    """Return what is told of a checkpoint beside what the snapshot says itself."""
    return {name: value for name, value in told.items() if name not in _SAID}


def _told_metadata(cell: Any) -> dict[str, Any]:
    told = read_or_none(None, cell)
    return told if isinstance(told, dict) else {}


FORMAT: Final = Format(_NAME, _TITLE, "database", _detect, items)
