"""How much there is: rows, bytes, growth."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Final

from storage import driver
from storage.kinds import INTERACTION, tables_of
from storage.moments import moment_sql
from storage.rows import quote
from storage.view import View

_DAY: Final = 24 * 60 * 60 * 1_000_000
_SPANS: Final = {"day": _DAY, "week": 7 * _DAY, "month": 30 * _DAY}


def collect(view: View, path: Path) -> dict[str, Any]:
    """Return what the file holds.

    Returns:
        `file` (`bytes`, `wal_bytes`, `free_bytes` that VACUUM would win, `page_size`,
        `journal_mode`), `tables` (name → `rows`, and `bytes` with its indexes; None where this
        SQLite cannot tell), `growth` (interactions of the last `day`, `week` and `month`).
    """
    wal = Path(f"{path}-wal")
    page_size = _pragma(view, "page_size")
    return {
        "file": {
            "bytes": path.stat().st_size,
            "wal_bytes": wal.stat().st_size if wal.exists() else 0,
            "free_bytes": int(_pragma(view, "freelist_count")) * int(page_size),
            "page_size": page_size,
            "journal_mode": _pragma(view, "journal_mode"),
        },
        "tables": _tables(view),
        "growth": _growth(view),
    }


def _pragma(view: View, name: str) -> Any:
    return view.fetch(f"PRAGMA {name}")[0][0]


def _tables(view: View) -> dict[str, dict[str, int | None]]:
    sizes = _bytes_by_table(view)
    return {
        name: {
            "rows": view.fetch(f"SELECT count(*) FROM {quote(name)}")[0][0],
            "bytes": None if sizes is None else sizes.get(name, 0),
        }
        for name in view.layout.names()
    }


def _bytes_by_table(view: View) -> dict[str, int] | None:
    try:
        return dict(
            view.fetch(
                "SELECT s.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema s"
                " ON s.name = d.name WHERE d.aggregate GROUP BY s.tbl_name"
            )
        )
    except driver.OperationalError as error:
        if "no such table: dbstat" in str(error):
            return None
        raise


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
