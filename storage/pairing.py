"""Finding the like of each record in another memory: a scratch database that nobody keeps.

It holds some hundred bytes a record in a temporary file, so that memories of any size are compared
in the same memory.
"""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from storage import driver
from storage.comparable import Traces
from storage.listing import Key
from storage.locating import Place

Side = Literal["a", "b"]
Way = Literal["id", "name"]

_CACHE_KIB: Final = 16 * 1024
_PAGE: Final = 200
_SCHEMA: Final = """
CREATE TABLE {side} (
    key BLOB, nth INTEGER, standing INTEGER, moment INTEGER, number INTEGER, list TEXT,
    rank INTEGER, digest BLOB, name BLOB, record_id BLOB, PRIMARY KEY (key, nth)
) WITHOUT ROWID
"""
_INSERT: Final = """
INSERT INTO {side} VALUES (?1, 0, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING
"""
_INSERT_COUNTED: Final = """
INSERT INTO {side} VALUES (
    ?1, coalesce((SELECT max(nth) + 1 FROM {side} WHERE key = ?1), 0), 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
)
"""
_INSERT_ARCHIVED: Final = """
INSERT INTO {side} VALUES (?1, 0, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (key, nth) DO UPDATE SET
    moment = excluded.moment, number = excluded.number, digest = excluded.digest,
    name = excluded.name
WHERE standing = 0 AND (excluded.moment, excluded.number) > (moment, number)
"""
# Of those that no id matches, a name that exactly one on each side has.
_NAMED: Final = """
INSERT INTO named
WITH
    left_a AS (
        SELECT name, max(key) AS key, max(nth) AS nth FROM a
        WHERE name <> x'' AND NOT EXISTS (SELECT 1 FROM b WHERE b.key = a.key AND b.nth = a.nth)
        GROUP BY name HAVING count(*) = 1
    ),
    left_b AS (
        SELECT name, max(key) AS key, max(nth) AS nth FROM b
        WHERE name <> x'' AND NOT EXISTS (SELECT 1 FROM a WHERE a.key = b.key AND a.nth = b.nth)
        GROUP BY name HAVING count(*) = 1
    )
SELECT left_a.key, left_a.nth, left_b.key, left_b.nth FROM left_a JOIN left_b USING (name)
"""
_COLUMNS: Final = "{0}.list, {0}.rank, {0}.number, {0}.record_id"
_BOTH: Final = f"{_COLUMNS.format('a')}, {_COLUMNS.format('b')}"
_BY_ID: Final = f"""
SELECT a.key, a.nth, {_BOTH} FROM a JOIN b ON b.key = a.key AND b.nth = a.nth
WHERE a.digest <> b.digest AND (a.key, a.nth) > (?, ?) ORDER BY a.key, a.nth LIMIT {_PAGE}
"""
_BY_NAME: Final = f"""
SELECT a.key, a.nth, {_BOTH} FROM named
JOIN a ON a.key = a_key AND a.nth = a_nth JOIN b ON b.key = b_key AND b.nth = b_nth
WHERE (a.key, a.nth) > (?, ?) ORDER BY a.key, a.nth LIMIT {_PAGE}
"""
_ONLY: Final = """
SELECT {side}.key, {side}.nth, {columns} FROM {side}
WHERE ({side}.key, {side}.nth) > (?, ?)
  AND NOT EXISTS (SELECT 1 FROM {other} o WHERE o.key = {side}.key AND o.nth = {side}.nth)
  AND NOT EXISTS (
      SELECT 1 FROM named WHERE {side}_key = {side}.key AND {side}_nth = {side}.nth
  )
ORDER BY {side}.key, {side}.nth LIMIT {page}
"""


class Spotted(NamedTuple):
    """A record of one of the memories: its public id, and where it stands."""

    record_id: str
    place: Place


class Pairs(NamedTuple):
    """Some pairs, and what the next ones come after; None at the end."""

    found: list[tuple[Spotted | None, Spotted | None]]
    last: tuple[bytes, int] | None


START: Final = (b"", -1)
"""What comes before all pairs."""


class Pairing:
    """The records of one kind in two memories. One thread uses it at a time, others wait."""

    def __init__(self) -> None:
        # A task that is cancelled stops waiting for its thread, which goes on with the connection.
        self._alone = threading.RLock()
        # Many builds of SQLite keep what is temporary in memory, whatever they are told.
        self._folder = tempfile.TemporaryDirectory(prefix="memglass-")
        uri = (Path(self._folder.name) / "pairs.db").as_uri()
        self._connection = driver.connect(f"{uri}?mode=rwc", busy_ms=0)
        for pragma in (
            f"cache_size=-{_CACHE_KIB}", "journal_mode=MEMORY", "synchronous=OFF",
            "locking_mode=EXCLUSIVE",
        ):  # fmt: skip
            self._run(f"PRAGMA {pragma}")
        for side in ("a", "b"):
            self._run(_SCHEMA.format(side=side))
        self._run(
            "CREATE TABLE named (a_key BLOB, a_nth INTEGER, b_key BLOB, b_nth INTEGER,"
            " PRIMARY KEY (a_key, a_nth)) WITHOUT ROWID"
        )
        self._run("CREATE INDEX named_b ON named (b_key, b_nth)")

    def close(self) -> None:
        """Throw it away, once whoever uses it is done."""
        with self._alone:
            self._connection.close()
            self._folder.cleanup()

    def put(self, side: Side, seen: Traces) -> None:
        """Take in records of one memory: all live ones before the first that is archived."""
        with self._alone:
            self._run("BEGIN")
            if seen.is_archived:
                self._connection.executemany(_INSERT_ARCHIVED.format(side=side), seen.found)
            else:
                self._put_live(side, seen)
            self._run("COMMIT")

    def _put_live(self, side: Side, seen: Traces) -> None:
        before = self._connection.total_changes
        self._connection.executemany(_INSERT.format(side=side), seen.found)
        if self._connection.total_changes - before < len(seen.found):
            # Some have a key that is there already, which is seldom and takes longer.
            self._run("ROLLBACK")
            self._run("BEGIN")
            self._connection.executemany(_INSERT_COUNTED.format(side=side), seen.found)

    def match(self) -> int:
        """Pair what has no like by id with what has its name; return how many pairs are the same.

        To be called once everything is taken in.
        """
        self._run(_NAMED)
        ((same,),) = self._run(
            "SELECT count(*) FROM a JOIN b ON b.key = a.key AND b.nth = a.nth"
            " WHERE a.digest = b.digest"
        )
        return int(same)

    def pairs(self, by: Way, after: tuple[bytes, int]) -> Pairs:
        """Return pairs that may differ: by id those with other digests, by name all."""
        read = self._run(_BY_ID if by == "id" else _BY_NAME, after)
        return _pairs(read, lambda row: (_spotted(row[2:6]), _spotted(row[6:10])))

    def only(self, side: Side, after: tuple[bytes, int]) -> Pairs:
        """Return records that only one of the memories has."""
        other = "b" if side == "a" else "a"
        sql = _ONLY.format(side=side, other=other, columns=_COLUMNS.format(side), page=_PAGE)
        read = self._run(sql, after)
        if side == "a":
            return _pairs(read, lambda row: (_spotted(row[2:6]), None))
        return _pairs(read, lambda row: (None, _spotted(row[2:6])))

    def _run(self, sql: str, values: Any = ()) -> list[Any]:
        with self._alone:
            return self._connection.execute(sql, values).fetchall()


def _pairs(read: list[Any], make: Any) -> Pairs:
    last = (read[-1][0], read[-1][1]) if len(read) == _PAGE else None
    return Pairs([make(row) for row in read], last)


def _spotted(row: Any) -> Spotted:
    listed, rank, number, record_id = row
    return Spotted(record_id.decode("utf-8", "surrogateescape"), Place(listed, Key(rank, number)))
