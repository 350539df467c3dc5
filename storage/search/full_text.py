"""The full text of an index, and in how many parts it lies.

FTS5 writes the words of each transaction, or of each megabyte, as a part of their own, and a search
looks into each part. The parts are merged with time, and what is merged again and again while an
index is built takes a tenth of the build; merged once at its end, it lies in a single part, in
which words are found twice as fast as in nine (100,000 turns).
"""

from __future__ import annotations

from typing import Final

from storage import driver
from storage.search.stems import FULL_TEXT

# What SQLite before 3.43 deletes from the full text, it has to hold.
_STORED: Final = "" if driver.SQLITE_VERSION < (3, 43) else " content='', contentless_delete=1,"
_CONFIGURE: Final = "INSERT INTO words (words, rank) VALUES ('{}', {})"

DECLARED: Final = (
    # Prefixes of up to four letters have an index, so that a search can answer while one types: of
    # others all that begins so is gathered before the newest of it is told. Of 100,000 turns that
    # takes 0.17 ms for four letters and 0.11 for five, and 0.04 with an index, which makes building
    # 2 % slower and the file 2 % larger.
    (
        f"CREATE VIRTUAL TABLE words USING fts5(text, more,{_STORED} tokenize='{FULL_TEXT}',"
        " prefix='1 2 3 4')"
    ),
    # While it is built, parts are merged where there would be too many, 64 at a time.
    _CONFIGURE.format("automerge", 0),
    _CONFIGURE.format("crisismerge", 64),
)
"""What makes the table of an index that is still to be built."""

# What FTS5 does unless it is told otherwise.
_BUILT: Final = (_CONFIGURE.format("automerge", 4), _CONFIGURE.format("crisismerge", 16))
_PAGES: Final = 1000
"""How much is merged at once: what takes less than a tenth of a second."""


def begin_merging(connection: driver.Connection) -> None:
    """Begin to make one part of all, and have later ones merged by and by."""
    for statement in _BUILT:
        connection.execute(statement)
    # A negative number asks for a single part.
    connection.execute(_CONFIGURE.format("merge", -_PAGES))


def go_on_merging(connection: driver.Connection) -> bool:
    """Merge some more; say whether anything was left to do."""
    before = connection.total_changes
    connection.execute(_CONFIGURE.format("merge", _PAGES))
    # What only looks whether there is something changes a single row.
    return connection.total_changes - before >= 2
