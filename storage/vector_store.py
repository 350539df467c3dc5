"""The vectors of an index, in sqlite-vec's `vec0`: exact floats, read by slot.

sqlite-vec searches exactly, which takes 2.4 to 4 times as long as a product over all vectors, and
reading one by its number takes 10 us. So `search/meaning.py` finds a few hundred by the sign bits
of the vectors (`search/sketches.py`), and compares those by floats of 16 bits, which stand here in
a plain table beside and are read five times as fast. Their products with a vector of length 1 are
exact to 0.00003 or so.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from storage import driver
from storage.errors import ValidationError
from storage.rows import fetch
from storage.view import ROWS_PER_STATEMENT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger("storage")

MOST_DIMENSIONS: Final = 8192
"""How long a vector of sqlite-vec may be."""

_TABLE: Final = "vectors"
_HALVES: Final = "halves"
# Small chunks make reading one vector four times as fast as the 1,024 that are the default.
_CHUNK: Final = 16
_DECLARED: Final = re.compile(r"\bfloat\[([0-9]{1,9})\]")
# A query of a vec0 table whose shadow tables are gone ends the process, so they are looked for.
_SHADOWS: Final = ("_chunks", "_info", "_rowids", "_vector_chunks00")


def load(connection: driver.Connection) -> bool:
    """Load sqlite-vec into a connection; say whether it is there."""
    try:
        import sqlite_vec  # type: ignore[import-untyped]

        connection.enable_load_extension(True)
        try:
            sqlite_vec.load(connection)
        finally:
            connection.enable_load_extension(False)
    except (ImportError, AttributeError, driver.Error) as error:
        log.info("sqlite-vec cannot be loaded: %s", error)
        return False
    return True


def is_sound(connection: driver.Connection) -> bool:
    """Say whether the tables of vectors are whole, or not there at all."""
    names = {name for (name,) in fetch(connection, "SELECT name FROM sqlite_schema")}
    if _TABLE not in names:
        return not any(_TABLE + shadow in names for shadow in _SHADOWS)
    return _HALVES in names and all(_TABLE + shadow in names for shadow in _SHADOWS)


def check(connection: driver.Connection) -> None:
    """Look whether the tables of vectors are whole, before each use of them.

    Raises:
        DatabaseError: One is missing.
    """
    if not is_sound(connection):
        raise driver.DatabaseError("a table of vectors is missing")


def dimension_of(connection: driver.Connection) -> int:
    """Return how long the vectors of an index are; 0 where it has none.

    Raises:
        DatabaseError: What declares them is damaged.
    """
    found = fetch(connection, "SELECT sql FROM sqlite_schema WHERE name = ?", (_TABLE,))
    if not found:
        return 0
    declared = _DECLARED.search(str(found[0][0]))
    if declared is None:
        raise driver.DatabaseError("the declaration of the vectors makes no sense")
    return int(declared[1])


def create(connection: driver.Connection, dimension: int) -> None:
    """Make the tables for vectors of a dimension."""
    connection.execute(
        f"CREATE VIRTUAL TABLE {_TABLE}"
        f" USING vec0(embedding float[{int(dimension)}], chunk_size={_CHUNK})"
    )
    connection.execute(f"CREATE TABLE {_HALVES} (slot INTEGER PRIMARY KEY, half BLOB)")


def put(connection: driver.Connection, slots: Sequence[int], vectors: NDArray[np.float32]) -> None:
    """Add vectors, float32 of shape [len(slots), dimension].

    Raises:
        ValidationError: One holds NaN or infinity, which sqlite-vec takes and never finds.
    """
    import numpy as np

    if not np.isfinite(vectors).all():
        raise ValidationError("A vector holds NaN or infinity.", field="embedding")
    held = str(list(slots))
    for table, columns, values in (
        (_TABLE, "rowid, embedding", vectors),
        (_HALVES, "slot, half", vectors.astype(np.float16)),
    ):
        width = values.itemsize * values.shape[1]
        # Two values for all take Python half as long as two for each, and other threads meanwhile.
        connection.execute(
            f"INSERT INTO {table} ({columns}) SELECT value, substr(?, key * {width} + 1, {width})"
            " FROM json_each(?)",
            (values.tobytes(), held),
        )


def remove(connection: driver.Connection, slots: Sequence[int]) -> None:
    """Remove vectors; one that is not there is no error."""
    for table, key in ((_TABLE, "rowid"), (_HALVES, "slot")):
        connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(slot,) for slot in slots])


def read(connection: driver.Connection, slots: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """Return the vectors of these slots; those that are not there are left out."""
    import numpy as np

    found: dict[int, NDArray[np.float32]] = {}
    for start in range(0, len(slots), ROWS_PER_STATEMENT):
        part = slots[start : start + ROWS_PER_STATEMENT]
        # Joined this way round vec0 looks up each; `rowid IN (...)` makes it read the whole table.
        sql = (
            f"WITH wanted(slot) AS (VALUES {', '.join(['(?)'] * len(part))})"
            f" SELECT slot, embedding FROM wanted CROSS JOIN {_TABLE} AS v WHERE v.rowid = slot"
        )
        for slot, raw in fetch(connection, sql, part):
            found[slot] = np.frombuffer(raw, np.float32)
    return found


def read_all(connection: driver.Connection) -> Iterator[tuple[int, bytes]]:
    """Yield all vectors with their slots, each as the bytes of float32."""
    yield from connection.execute(f"SELECT rowid, embedding FROM {_TABLE}")


def read_halves(
    connection: driver.Connection, slots: Sequence[int], dimension: int
) -> tuple[NDArray[np.int64], NDArray[np.float16]]:
    """Return the vectors of these slots as floats of 16 bits.

    Args:
        connection: The connection of the index.
        slots: Whose.
        dimension: How long each is.

    Returns:
        The slots, int64 of shape [n], without those that are not there; and float16 of shape
        [n, dimension].
    """
    import numpy as np

    found: dict[int, bytes] = {}
    for start in range(0, len(slots), ROWS_PER_STATEMENT):
        part = slots[start : start + ROWS_PER_STATEMENT]
        marks = ", ".join("?" * len(part))
        found.update(
            fetch(connection, f"SELECT slot, half FROM {_HALVES} WHERE slot IN ({marks})", part)
        )
    halves = np.frombuffer(b"".join(found.values()), np.float16)
    return np.fromiter(found, np.int64, len(found)), halves.reshape(-1, dimension)
