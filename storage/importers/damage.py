"""Rows of somebody else's database that cannot be read, as items that show what is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storage.importers.model import Item, Position, damaged
from storage.importers.sqlite_file import SqliteFile
from storage.importers.table_reading import Hole
from storage.json_utils import exact_bytes


def lost(prefix: str, table: str, hole: Hole, at: Position, **known: Any) -> Item:
    """Return the item that stands for rows on damaged pages."""
    where = {"table": table, "row": hole.first, "to": hole.last or "the end"}
    item = damaged(f"{prefix}{table}-{hole.first}", b"", where, hole.error, at, **known)
    item.hides = True
    return item


def unsound(
    prefix: str,
    opened: SqliteFile,
    table: str,
    columns: Sequence[str],
    row: Sequence[Any],
    at: Position,
    **known: Any,
) -> Item | None:
    """Return the item that stands for a row with a cell that is not UTF-8; None if all are.

    Args:
        prefix: What its key begins with.
        opened: The database.
        table: The table.
        columns: The columns that hold text.
        row: The number of the row, then the cells of these columns, and perhaps more.
        at: The position behind it.
        known: What is known of it all the same.
    """
    for column, cell in zip(columns, row[1:], strict=False):
        if fault := fault_of(cell):
            raw = exact_bytes(cell) if isinstance(cell, str) else bytes(cell)
            return broken(prefix, opened, table, row[0], column, raw, fault, at, **known)
    return None


def fault_of(cell: Any) -> str:
    """Return what is wrong with a cell that should be text; "" if nothing is."""
    try:
        if isinstance(cell, str):
            cell.encode()
        elif isinstance(cell, bytes):
            cell.decode()
    except UnicodeError:
        return "is not UTF-8"
    return ""


def broken(
    prefix: str,
    opened: SqliteFile,
    table: str,
    number: int,
    column: str,
    raw: bytes,
    error: str,
    at: Position,
    **known: Any,
) -> Item:
    """Return the item that stands for one cell that cannot be read."""
    where = {"file": str(opened.path), "table": table, "row": number, "column": column}
    return damaged(f"{prefix}{table}-{number}-{column}", raw, where, error, at, **known)
