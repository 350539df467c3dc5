"""One database with both of what LangGraph keeps: its store, and its checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from storage.importers import langgraph_checkpoints, langgraph_store
from storage.importers.formats import Format
from storage.importers.model import Found, Item, Position
from storage.importers.peek import Look
from storage.importers.sqlite_file import SqliteFile

_NAME: Final = "langgraph"
_TITLE: Final = "LangGraph store and checkpoints"


def _detect(look: Look) -> Found | None:
    if not (langgraph_store.has_store(look) and langgraph_checkpoints.has_checkpoints(look)):
        return None
    parts = (langgraph_checkpoints.summary(look), langgraph_store.summary(look))
    return Found(look.path, _NAME, _TITLE, ", ".join(filter(None, parts)))


def _items(opened: SqliteFile, _since: Position) -> Iterator[Item]:
    # An item of the store that is put again is another row, so all of them are read again.
    yield from langgraph_store.items(opened, None)
    yield from langgraph_checkpoints.items(opened, None)


FORMAT: Final = Format(
    _NAME,
    _TITLE,
    "database",
    _detect,
    _items,
    appends=False,
    remarks=langgraph_store.remarks,
)
