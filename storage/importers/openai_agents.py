"""Sessions of the OpenAI Agents SDK (`SQLiteSession`), whatever its tables are called.

A function call and its output are joined by `call_id`: the output names the interaction of the
call, and both carry the id.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from storage import driver
from storage.importers.calls import Calls
from storage.importers.damage import lost
from storage.importers.formats import Format
from storage.importers.model import Found, Item, Position, content_hash, damaged, kept
from storage.importers.peek import Look
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_text, counted, json_bytes, moment_of
from storage.openai_items import IMPORTED, described
from storage.rows import quote

_NAME: Final = "openai-agents"
_TITLE: Final = "OpenAI Agents SDK sessions"
_MESSAGES: Final = frozenset({"id", "session_id", "message_data", "created_at"})
_SESSIONS: Final = frozenset({"session_id", "created_at", "updated_at"})
_LOOK_BACK: Final = 200


def _tables(tables: dict[str, frozenset[str]], columns: frozenset[str]) -> list[str]:
    return sorted(name for name, there in tables.items() if there >= columns)


def _message_tables(tables: dict[str, frozenset[str]]) -> list[str]:
    return _tables(tables, _MESSAGES)


def _detect(look: Look) -> Found | None:
    messages = _message_tables(look.tables)
    if not messages or not _tables(look.tables, _SESSIONS):
        return None
    sessions = _tables(look.tables, _SESSIONS)
    counts = [
        [look.count(f"SELECT count(*) FROM {quote(name)}") for name in names]
        for names in (sessions, messages)
    ]
    if any(each is None for each in counts[0] + counts[1]):
        return Found(look.path, _NAME, _TITLE)
    told = [sum(each or 0 for each in some) for some in counts]
    return Found(
        look.path, _NAME, _TITLE, f"{counted(told[0], 'session')}, {counted(told[1], 'message')}"
    )


def _count(opened: SqliteFile) -> int:
    names = _message_tables(opened.tables())
    return sum(int(opened.page(f"SELECT count(*) FROM {quote(name)}")[0][0]) for name in names)


def _items(opened: SqliteFile, since: Position) -> Iterator[Item]:
    """Yield the messages of each table in the order of their ids."""
    at: dict[str, int] = dict(since or {})
    for table in _message_tables(opened.tables()):
        prefix = IMPORTED if table == "agent_messages" else f"{IMPORTED}{table}:"
        reader = _Messages(opened, table, prefix, at.get(table, 0))
        for row in opened.by_number(
            table, ("session_id", "message_data", "created_at"), at.get(table, 0)
        ):
            number = row.at if isinstance(row, Hole) else row[0]
            at = {**at, table: number}
            yield reader.hole(row, at) if isinstance(row, Hole) else reader.item(row, at)


class _Messages:
    """Turns the rows of one table into items, and remembers which calls wait for their outputs."""

    def __init__(self, opened: SqliteFile, table: str, prefix: str, start: int) -> None:
        self._opened = opened
        self._table = table
        self._prefix = prefix
        self._start = start
        self._calls = Calls()
        self._time: str | None = None

    def hole(self, hole: Hole, at: Position) -> Item:
        return lost(self._prefix, self._table, hole, at, timestamp=self._time)

    def item(self, row: tuple[Any, ...], at: Position) -> Item:
        number, session, data, created = row
        session = as_text(session)
        time = self._time = moment_of(created, self._time)
        key = f"{self._prefix}{session}:{number}"
        known: dict[str, Any] = {"session_id": session, "timestamp": time}
        raw, value, error = json_bytes(data)
        if not isinstance(value, dict):
            where = {"file": str(self._opened.path), "table": self._table, "row": number}
            fault = error or "is no object"
            return damaged(key, raw, where, fault, at, **known)
        record = {
            **known,
            **described(value),
            # What is text already is not made into text anew.
            "details": kept(data if isinstance(data, str) else raw),
        }
        metadata = self._joined(value, record["action"], session or "", key, number)
        if metadata:
            record["metadata"] = metadata
        return Item(key, record, content_hash(raw, session, created), at, size=len(raw))

    def _joined(
        self, value: dict[str, Any], kind: str, session: str, key: str, number: int
    ) -> dict[str, Any]:
        call = value.get("call_id")
        if not isinstance(call, str):
            return {}
        if not kind.endswith("_output"):
            self._calls.make(session, call, key)
            return {"call_id": call, "tool": value.get("name")}
        asked = self._calls.made_by(session, call) or self._look_back(session, call, number)
        return {"call_id": call, "call": asked} if asked else {"call_id": call}

    def _look_back(self, session: str, call: str, number: int) -> str | None:
        """Find a call that was read before: among the messages right before its output."""
        if not self._start or number - self._start > _LOOK_BACK:
            return None
        sql = (
            f"SELECT id, message_data FROM {quote(self._table)} WHERE session_id = ? AND id < ?"
            f" ORDER BY id DESC LIMIT {_LOOK_BACK}"
        )
        try:
            before = self._opened.page(sql, (session, number))
        except driver.DatabaseError:
            return None
        for found, data in before:
            value = json_bytes(data)[1]
            if isinstance(value, dict) and value.get("call_id") == call:
                return f"{self._prefix}{session}:{found}"
        return None


FORMAT: Final = Format(_NAME, _TITLE, "database", _detect, _items, count=_count)
