"""Texts that a full text in memory holds for a moment, to be asked what an index makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any, Final

from storage import driver, rows

FULL_TEXT: Final = "porter unicode61 remove_diacritics 2"
"""The tokenizer of the index, whose stems are those of Porter (An algorithm for suffix stripping,
1980)."""


class HeldTexts:
    """A table `texts` of one column `x`, and `terms`, its tokens; for any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection = driver.connect("file::memory:", busy_ms=0)
        self._connection.execute(
            f"CREATE VIRTUAL TABLE texts USING fts5(x, tokenize='{FULL_TEXT}')"
        )
        self._connection.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(texts, instance)")

    def close(self) -> None:
        """Give the memory back. Nothing can be asked afterwards."""
        with self._lock:
            self._connection.close()

    def ask(self, texts: Sequence[str], sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Return the rows of a query while the texts stand there, each by its place as rowid."""
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                insert = "INSERT INTO texts (rowid, x) VALUES (?, ?)"
                self._connection.executemany(insert, enumerate(texts))
                return rows.fetch(self._connection, sql, values)
            finally:
                self._connection.execute("ROLLBACK")
