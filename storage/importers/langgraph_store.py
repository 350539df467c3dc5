"""The store of LangGraph: each of its items is a pattern, as the adapter for that store keeps it.

So a memory that a store was imported into serves the same agent in the place of that store.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

from storage import driver, json_utils
from storage.importers.damage import broken, lost, unsound
from storage.importers.formats import Format
from storage.importers.model import Found, Item, Position, content_hash
from storage.importers.peek import Look
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.importers.texts import as_text, counted, json_bytes, moment_of, readable
from storage.langgraph_items import described, pattern_id, pattern_type

_NAME: Final = "langgraph-store"
_TITLE: Final = "LangGraph store"
_PREFIX: Final = "langgraph:"
_KEYS: Final = ("prefix", "key", "value")
_COLUMNS: Final = (*_KEYS, "created_at", "updated_at", "expires_at", "ttl_minutes")
_TEXTS: Final = ("prefix", "key")
# Vectors whose item is not there, by item.
_ORPHANS: Final = (
    "FROM store_vectors v WHERE NOT EXISTS"
    " (SELECT 1 FROM store s WHERE s.prefix = v.prefix AND s.key = v.key)"
)


def has_store(look: Look) -> bool:
    """Say whether a database holds a store."""
    return look.has("store", *_KEYS)


def summary(look: Look) -> str:
    """Say how much is in a store; "" if it is too damaged to tell."""
    items = look.count("SELECT count(*) FROM store")
    spaces = look.count("SELECT count(DISTINCT prefix) FROM store")
    if items is None or spaces is None:
        return ""
    return f"{counted(items, 'item')} in {counted(spaces, 'namespace')}"


def _detect(look: Look) -> Found | None:
    return Found(look.path, _NAME, _TITLE, summary(look)) if has_store(look) else None


def items(opened: SqliteFile, _since: Position) -> Iterator[Item]:
    """Yield the items of a store."""
    there = opened.tables()["store"]
    columns = [name for name in _COLUMNS if name in there]
    for row in opened.by_number("store", columns, 0):
        if isinstance(row, Hole):
            yield lost(_PREFIX, "store", row, None)
            continue
        cells = dict(zip(columns, row[1:], strict=True))
        bad = unsound(_PREFIX, opened, "store", _TEXTS, row, None)
        yield bad or _item(opened, row, cells)
        minutes = cells.get("ttl_minutes")
        if bad is None and minutes is not None and not _is_finite(minutes):
            raw = _bytes_of(minutes)
            fault = "is no number of minutes"
            yield broken(_PREFIX, opened, "store", row[0], "ttl_minutes", raw, fault, None)


def _item(opened: SqliteFile, row: tuple[Any, ...], cells: dict[str, Any]) -> Item:
    prefix, key = as_text(cells["prefix"]) or "", as_text(cells["key"]) or ""
    namespace = tuple(prefix.split("."))
    created = moment_of(cells.get("created_at"))
    updated = moment_of(cells.get("updated_at"), created)
    raw, value, error = json_bytes(cells["value"])
    if error:
        item = broken(
            _PREFIX, opened, "store", row[0], "value", raw, error, None,
            timestamp=updated, session_id=prefix,
        )  # fmt: skip
        # A row that is written again gets another number.
        item.key = f"{pattern_id(namespace, key)}#value"
        return item
    value = json_utils.decode(raw)
    metadata: dict[str, Any] = {"namespace": list(namespace), "key": key, "value": value}
    if _is_finite(minutes := cells.get("ttl_minutes")):
        metadata["ttl_minutes"] = minutes
        metadata["expires_at"] = moment_of(cells.get("expires_at"), updated)
    record = {
        "name": key,
        "description": "\n".join(described(value)) if isinstance(value, dict) else readable(value),
        "pattern_type": pattern_type(namespace),
        "created_at": created,
        "last_seen": updated,
        "metadata": metadata,
    }
    fingerprint = content_hash(*row[1:])
    return Item(pattern_id(namespace, key), record, fingerprint, None, "pattern", size=len(raw))


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _bytes_of(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json_utils.exact_bytes(str(value))


def remarks(opened: SqliteFile) -> Iterator[str]:
    """Yield what a store holds that is no item: vectors of items that are not there."""
    if "store_vectors" not in opened.tables():
        return
    try:
        ((count,),) = opened.page(f"SELECT count(*) {_ORPHANS}")
        named = opened.page(f"SELECT DISTINCT v.prefix, v.key {_ORPHANS} LIMIT 5")
    except driver.Error as error:
        yield f"table store_vectors: {error}"
        return
    if count:
        names = ", ".join(f"{prefix} {key}" for prefix, key in named)
        told = "1 vector is of an item" if count == 1 else f"{count:,} vectors are of items"
        yield f"table store_vectors: {told} that the store does not hold, so not imported: {names}"


def _count(opened: SqliteFile) -> int:
    return int(opened.page("SELECT count(*) FROM store")[0][0])


FORMAT: Final = Format(
    _NAME, _TITLE, "database", _detect, items, appends=False, count=_count, remarks=remarks
)
