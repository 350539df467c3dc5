"""Transcripts of Claude Code: one file, or a folder of them with all that is in it.

Every line is an interaction, those too that are no message. They are a tree by `parentUuid`, of
which `metadata["parent"]` names the interaction above; several lines share one `message.id`. The
use of a tool and its result are joined by the id of the use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from storage.importers.calls import Calls, Joins
from storage.importers.formats import Format
from storage.importers.line_file import LineFile
from storage.importers.model import Found, Item, Position, content_hash, damaged, kept
from storage.importers.peek import Look
from storage.importers.salvage import Grammar, Piece
from storage.importers.saying import sayable
from storage.importers.texts import as_json, as_text, counted, moment_of, readable

_NAME: Final = "claude-code"
_TITLE: Final = "Claude Code transcripts"
_LOOK_BACK: Final = 2**20
_MESSAGES: Final = ("user", "assistant")
_TOOLS: Final = ("tool_use", "tool_result")
_PATHS: Final = ("file_path", "notebook_path", "path")
# What a line that is no message says for itself.
_TELLING: Final = ("content", "summary", "lastPrompt", "customTitle", "aiTitle", "agentName")


def _is_record(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("type"), str)
        and ("sessionId" in value or "leafUuid" in value or "snapshot" in value)
    )


_GRAMMAR: Final = Grammar(
    re.compile(rb'\{\s*"(?:type|parentUuid|uuid|sessionId|isSidechain|timestamp|leafUuid)"'),
    _is_record,
)


def _detect(look: Look) -> Found | None:
    found = [each for each in look.records(_GRAMMAR) if "sessionId" in each]
    if not found:
        return None
    if look.size > sum(len(line) + 1 for line in look.lines):
        return Found(look.path, _NAME, _TITLE)
    sessions = len({str(each["sessionId"]) for each in found})
    messages = sum(each["type"] in _MESSAGES for each in found)
    told = f"{counted(sessions, 'session')}, {counted(messages, 'message')}"
    return Found(look.path, _NAME, _TITLE, told)


def _items(opened: LineFile, since: Position) -> Iterator[Item]:
    transcript = _Transcript(opened)
    if since:
        transcript.look_back(since[0])
    for piece in opened.records(since, _GRAMMAR):
        yield transcript.damaged(piece) if piece.error else transcript.item(piece)


class _Transcript:
    """Turns the lines of one file into items, and remembers which uses wait for their results."""

    def __init__(self, opened: LineFile) -> None:
        self._opened = opened
        self._uses = Calls()
        self._session = sayable(opened.path.stem)
        written = datetime.fromtimestamp(opened.path.stat().st_mtime, UTC)
        self._time = written.isoformat(timespec="microseconds")

    def look_back(self, end: int) -> None:
        """Learn session, time and open uses from what stands before a position."""
        start = max(0, end - _LOOK_BACK)
        for piece in self._opened.records([start, 0], _GRAMMAR):
            if piece.start >= end:
                return
            # The first line may be the rest of one.
            if not piece.error:
                self.item(piece)

    def damaged(self, piece: Piece) -> Item:
        where = {"file": str(self._opened.path), "line": piece.line, "byte": piece.start}
        item = damaged(
            self._place(piece),
            piece.raw,
            where,
            piece.error,
            piece.at,
            session_id=self._session,
            timestamp=self._time,
        )
        item.former = self._former(piece)
        return item

    def item(self, piece: Piece) -> Item:
        line = piece.value
        uuid = line.get("uuid")
        has_id = isinstance(uuid, str) and bool(uuid)
        key = f"claude:{uuid}" if has_id else self._place(piece)
        former = "" if has_id else self._former(piece)
        self._session = as_text(line.get("sessionId")) or self._session
        self._time = moment_of(line.get("timestamp"), self._time)
        message = line.get("message")
        record: dict[str, Any] = {
            "timestamp": self._time,
            "session_id": self._session,
            "details": kept(piece.raw),
        }
        metadata: dict[str, Any] = {}
        parent = line.get("parentUuid")
        if isinstance(parent, str):
            metadata["parent"] = f"claude:{parent}"
        if line.get("isSidechain") is True:
            metadata["sidechain"] = True
        if isinstance(message, dict):
            self._message(message, key, record, metadata)
        else:
            record["action"] = line["type"]
            record["content"] = _told(line)
        if metadata:
            record["metadata"] = metadata
        return Item(
            key, record, content_hash(piece.raw), piece.at, size=len(piece.raw), former=former
        )

    def _place(self, piece: Piece) -> str:
        # Of two files with the same name, those with the same line in the same place are copies,
        # or one whose folder has another name by now.
        return _placed(sayable(self._opened.path.stem), piece)

    def _former(self, piece: Piece) -> str:
        # Memories hold keys with the name of the folder, too.
        return _placed(self._opened.identity, piece)

    def _message(
        self, message: dict[str, Any], key: str, record: dict[str, Any], metadata: dict[str, Any]
    ) -> None:
        record["role"] = as_text(message.get("role"))
        for name, own in (("id", "message_id"), ("model", "model")):
            if isinstance(message.get(name), str):
                metadata[own] = message[name]
        content = message.get("content")
        if not isinstance(content, list):
            record["action"] = "message"
            record["content"] = readable(content)
            return
        kinds = {each.get("type") for each in content if isinstance(each, dict)}
        record["action"] = next((kind for kind in _TOOLS if kind in kinds), "message")
        if kinds == {"thinking"}:
            record["action"] = "thinking"
        # No two uses share an id, and a session may go on under another name.
        joins = Joins(self._uses, "", key)
        record["content"] = "\n\n".join(filter(None, (_block(each, joins) for each in content)))
        if paths := [path for block in content for path in _paths(block)]:
            record["file_path"] = paths[0]
        metadata |= joins.metadata()


def _placed(name: str, piece: Piece) -> str:
    return f"claude:{name}@{piece.start}:{content_hash(piece.raw).hex()[:8]}"


def _block(block: Any, joins: Joins) -> str:
    """Return what a block says; note the use or the result of a tool."""
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "tool_use":
        joins.makes(block.get("id"), block.get("name"))
        return f"{as_text(block.get('name')) or 'tool'} {as_json(block.get('input'))}"
    if kind != "tool_result":
        return readable([block])
    joins.answers(block.get("tool_use_id"))
    return readable(block.get("content"))


def _paths(block: Any) -> list[str]:
    """Return the files that the use of a tool is about."""
    is_use = isinstance(block, dict) and block.get("type") == "tool_use"
    given = block.get("input") if is_use else None
    named = [given.get(name) for name in _PATHS] if isinstance(given, dict) else []
    return [each for each in named if isinstance(each, str)]


def _told(line: dict[str, Any]) -> str:
    """Return what a line that is no message says for itself."""
    for name in _TELLING:
        if isinstance(line.get(name), str):
            return str(line[name])
    for name in ("attachment", "data", "operation", "subtype"):
        if line.get(name) is not None:
            return readable([line[name]])
    return ""


FORMAT: Final = Format(_NAME, _TITLE, "lines", _detect, _items, takes_folder=True)
