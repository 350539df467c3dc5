"""The log of `llm`: its threads, turns and messages, and the responses that older versions kept.

A file that was brought up to date has both, and each answer stands in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from storage.importers import llm_responses, llm_threads
from storage.importers.formats import Format
from storage.importers.model import Found, Item, Position
from storage.importers.peek import Look
from storage.importers.sqlite_file import SqliteFile
from storage.importers.texts import counted

_NAME: Final = "llm"
_TITLE: Final = "llm logs"


def _has_responses(tables: dict[str, frozenset[str]]) -> bool:
    return tables.get("responses", frozenset()) >= {"prompt", "response", "conversation_id"}


def _has_threads(tables: dict[str, frozenset[str]]) -> bool:
    return (
        tables.get("turns", frozenset()) >= {"thread_id", "tip_message_hash"}
        and tables.get("messages", frozenset()) >= {"hash", "parent_hash"}
        and "parts" in tables
    )


def _detect(look: Look) -> Found | None:
    has_threads, has_responses = _has_threads(look.tables), _has_responses(look.tables)
    if not has_threads and not has_responses:
        return None
    told = [
        counted(count, table[:-1])
        for table in ("threads", "turns", "conversations", "responses")
        if table in look.tables and (count := look.count(f"SELECT count(*) FROM {table}"))
    ]
    return Found(look.path, _NAME, _TITLE, ", ".join(told))


def _items(opened: SqliteFile, since: Position) -> Iterator[Item]:
    at: dict[str, int] = dict(since or {})
    tables = opened.tables()
    if _has_responses(tables):
        for item in llm_responses.items(opened, at):
            at = item.at
            yield item
    if _has_threads(tables):
        yield from llm_threads.items(opened, at)


FORMAT: Final = Format(_NAME, _TITLE, "database", _detect, _items)
