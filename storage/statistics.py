"""How much there is: rows, bytes, growth."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from storage import driver
from storage.kinds import INTERACTION, tables_of
from storage.layout import TableLayout
from storage.moments import moment_sql
from storage.rows import quote
from storage.view import View

_DAY: Final = 24 * 60 * 60 * 1_000_000
_SPANS: Final = {"day": _DAY, "week": 7 * _DAY, "month": 30 * _DAY}
# It reads the length of a value from the head of its row, without the pages that hold the rest.
_HAS_OCTET_LENGTH: Final = driver.SQLITE_VERSION >= (3, 43)


def collect(view: View, path: Path) -> dict[str, Any]:
    """Return what the file holds.

    Returns:
        `file` (what `file_size` gives), `tables` (name → `rows`, and `bytes`: those of the values
        themselves, where a number counts as it is written; neither indexes nor half-empty pages
        are part of it), `growth` (interactions of the last `day`, `week` and `month`).
    """
    return {
        "file": file_size(view, path),
        "tables": {name: _measure(view, view.layout[name]) for name in view.layout.names()},
        "growth": _growth(view),
    }


def file_size(view: View, path: Path) -> dict[str, Any]:
    """Return the size of the file and what of it is free, without reading a table.

    Returns:
        `bytes`, `wal_bytes`, `free_bytes` (the pages that are free, the least that VACUUM wins:
        it also fills half-empty ones), `page_size`, `journal_mode`.
    """
    wal = Path(f"{path.resolve()}-wal")
    page_size = _pragma(view, "page_size")
    return {
        "bytes": path.stat().st_size,
        "wal_bytes": wal.stat().st_size if wal.exists() else 0,
        "free_bytes": int(_pragma(view, "freelist_count")) * int(page_size),
        "page_size": page_size,
        "journal_mode": _pragma(view, "journal_mode"),
    }


def _pragma(view: View, name: str) -> Any:
    return view.fetch(f"PRAGMA {name}")[0][0]


def _measure(view: View, table: TableLayout) -> dict[str, int]:
    lengths = " + ".join(f"COALESCE({_length(quote(column))}, 0)" for column in table.columns)
    count, size = view.fetch(f"SELECT count(*), sum({lengths or '0'}) FROM {quote(table.name)}")[0]
    return {"rows": count, "bytes": size or 0}


def _length(column: str) -> str:
    return f"octet_length({column})" if _HAS_OCTET_LENGTH else f"length(CAST({column} AS BLOB))"


def _growth(view: View) -> dict[str, int]:
    now = time.time_ns() // 1000
    return {
        name: sum(
            view.fetch(
                f"SELECT count(*) FROM {quote(table.name)}"
                f" WHERE {moment_sql(table.sql('timestamp'))} >= ?",
                (now - span,),
            )[0][0]
            for table in tables_of(view, INTERACTION)
        )
        for name, span in _SPANS.items()
    }
