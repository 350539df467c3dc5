"""The file of the MCP memory server: a graph of entities and relations, written anew as a whole.

It has neither ids nor times nor confidence: all of it is one state of the world, known by its
content, and what it becomes are snapshots of that. Relations to nobody are kept as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

from storage.importers.formats import Format
from storage.importers.line_file import LineFile
from storage.importers.model import Found, Item, Position, content_hash, damaged
from storage.importers.peek import Look
from storage.importers.salvage import Grammar
from storage.importers.texts import counted

DOMAIN: Final = "memory"
_NAME: Final = "mcp-memory"
_TITLE: Final = "MCP memory server"
_RELATION: Final = frozenset({"from", "to", "relationType"})


def _is_record(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    if value.get("type") == "entity":
        return "name" in value
    return value.get("type") == "relation" and value.keys() >= _RELATION


_GRAMMAR: Final = Grammar(re.compile(rb'\{\s*"type"\s*:\s*"(?:entity|relation)"'), _is_record)


def _detect(look: Look) -> Found | None:
    found = list(look.records(_GRAMMAR))
    if not any("entityType" in each or "relationType" in each for each in found):
        return None
    counts = [sum(each["type"] == kind for each in found) for kind in ("entity", "relation")]
    is_all = look.size <= sum(len(line) + 1 for line in look.lines)
    told = f"{counted(counts[0], 'entity', 'entities')}, {counted(counts[1], 'relation')}"
    summary = told if is_all else ""
    return Found(look.path, _NAME, _TITLE, summary)


def _items(opened: LineFile, _since: Position) -> Iterator[Item]:
    """Yield one state for the whole file, then what could not be read."""
    entities: list[Any] = []
    relations: list[Any] = []
    troubles: list[Item] = []
    hashes: list[bytes] = []
    for piece in opened.records(None, _GRAMMAR):
        if piece.error:
            where = {"file": str(opened.path), "line": piece.line, "byte": piece.start}
            key = f"mcp:{opened.identity}:{piece.line}:{content_hash(piece.raw).hex()}"
            time = _written(opened)
            troubles.append(damaged(key, piece.raw, where, piece.error, None, timestamp=time))
            continue
        hashes.append(content_hash(piece.raw))
        kept = {name: value for name, value in piece.value.items() if name != "type"}
        (entities if piece.value["type"] == "entity" else relations).append(kept)
    yield from chain(
        [_state(opened, entities, relations, content_hash(b"".join(hashes)))], troubles
    )


def _state(opened: LineFile, entities: list[Any], relations: list[Any], content: bytes) -> Item:
    record = {
        "domain": DOMAIN,
        "entities": entities,
        "relations": relations,
        "snapshot_time": _written(opened),
        "trigger_event": f"read from {opened.name}",
        "discovered_entity_types": _kinds(entities, "entityType"),
        "discovered_relation_types": _kinds(relations, "relationType"),
    }
    return Item(f"mcp:{opened.identity}", record, content, None, "world_model_state")


def _kinds(entries: list[Any], name: str) -> list[str]:
    return sorted({each[name] for each in entries if isinstance(each.get(name), str)})


def _written(opened: LineFile) -> str:
    seconds = opened.path.stat().st_mtime
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


FORMAT: Final = Format(_NAME, _TITLE, "document", _detect, _items, appends=False)
