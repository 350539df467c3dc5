"""What memories are kept with on this machine: which SQLite, with which known bugs, and what works.

The bugs are those of SQLite that can cost data, or that a file of a stranger can make use of. Which
versions have them is said on the pages that are named, as of November 2026.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from storage import driver, vector_store
from storage.rows import fetch

Version = tuple[int, ...]

_EVER: Final = (3, 0, 0)
_IN_MEMORY: Final = frozenset({"TEMP_STORE=2", "TEMP_STORE=3"})


@dataclass(frozen=True, slots=True)
class SQLiteBug:
    """A bug of SQLite.

    Attributes:
        name: What it is called.
        first: The first version that has it.
        fixed: The first version that has it no more.
        backports: Versions of older branches from which on it is fixed there, too.
        harm: What it does: `damage` to a memory, `crash` or worse by a hostile file, or `odd`
            behaviour.
        told: When it happens, in a sentence, and whether memglass can come upon it.
        source: Where that is said.
        needs: Compile options without any of which it cannot happen; empty for none.
    """

    name: str
    first: Version
    fixed: Version
    backports: tuple[Version, ...]
    harm: Literal["damage", "crash", "odd"]
    told: str
    source: str
    needs: frozenset[str] = frozenset()

    @property
    def versions(self) -> str:
        """Which versions have it: `3.7.0 to before 3.51.3, but not 3.44.6, 3.50.7`."""
        first, fixed, *others = map(spelled, (self.first, self.fixed, *self.backports))
        but = f", but not {' and '.join(others)}" if others else ""
        since = "" if self.first == _EVER else f"{first} to "
        return f"{since}before {fixed}{but}"

    def concerns(self, version: Version, options: Collection[str] = ()) -> bool:
        """Say whether a version, built with these compile options, has it."""
        if not self.first <= version < self.fixed:
            return False
        if any(version[:2] == each[:2] and version >= each for each in self.backports):
            return False
        return not self.needs or bool(self.needs & set(options))


BUGS: Final = (
    SQLiteBug(
        "WAL reset",
        (3, 7, 0),
        (3, 51, 3),
        ((3, 44, 6), (3, 50, 7)),
        "damage",
        "Two connections that write and checkpoint at the same moment can corrupt a file in WAL"
        " mode, which a memory and its agent share.",
        "https://sqlite.org/wal.html#walresetbug",
    ),
    SQLiteBug(
        "savepoints in memory",
        (3, 35, 0),
        (3, 37, 2),
        (),
        "damage",
        "Rolling back a savepoint can corrupt a file where secondary journals are kept in memory;"
        " a transaction inside another one is a savepoint.",
        "https://sqlite.org/releaselog/3_37_2.html",
        _IN_MEMORY,
    ),
    SQLiteBug(
        "3.52.0 was withdrawn",
        (3, 52, 0),
        (3, 52, 1),
        (),
        "odd",
        "Its changes were incompatible with what was before; 3.51.3 took its place.",
        "https://sqlite.org/releaselog/3_51_3.html",
    ),
    SQLiteBug(
        "aggregates (CVE-2025-6965)",
        _EVER,
        (3, 50, 2),
        (),
        "crash",
        "SQL of an attacker writes beyond memory; memglass runs none, but a trigger in a hostile"
        " file is SQL that runs when the file is changed.",
        "https://sqlite.org/cves.html",
    ),
    SQLiteBug(
        "full text of a hostile file (CVE-2026-11822, CVE-2026-11824)",
        (3, 9, 0),
        (3, 53, 2),
        (),
        "crash",
        "A search in a crafted FTS5 table writes beyond memory; memglass searches none but its own"
        " index.",
        "https://osv.dev/vulnerability/CVE-2026-11824",
    ),
    SQLiteBug(
        "full text of a hostile file (CVE-2026-119374)",
        (3, 9, 0),
        (3, 54, 0),
        (),
        "crash",
        "Deleting from a crafted FTS5 table with secure-delete writes beyond memory; memglass"
        " writes to none but its own index, and not with secure-delete.",
        "https://osv.dev/vulnerability/CVE-2026-119374",
    ),
)
"""Known bugs, those that cost data first."""


@dataclass(frozen=True, slots=True)
class SQLiteEnvironment:
    """The SQLite that memories are kept with here.

    Attributes:
        module: The Python module that brings it, `pysqlite3` or `sqlite3`.
        version: Its version.
        options: The options that it was compiled with.
        full_text: Whether FTS5 works.
        vectors: The version of sqlite-vec, once vectors were stored and found; empty if it does
            not work.
        why_no_vectors: Why it does not, in a sentence.
    """

    module: str
    version: Version
    options: frozenset[str]
    full_text: bool
    vectors: str
    why_no_vectors: str

    @property
    def bugs(self) -> tuple[SQLiteBug, ...]:
        """The known bugs that it has."""
        return tuple(bug for bug in BUGS if bug.concerns(self.version, self.options))


def spelled(version: Version) -> str:
    """Spell a version: `3.53.4`."""
    return ".".join(map(str, version))


def look_at_sqlite() -> SQLiteEnvironment:
    """Say which SQLite is used here and try what memories need of it, in memory alone."""
    connection = driver.connect(":memory:", busy_ms=0)
    try:
        options = frozenset(str(each) for (each,) in fetch(connection, "PRAGMA compile_options"))
        vectors, why = _try_vectors(connection)
        return SQLiteEnvironment(
            driver.MODULE, driver.SQLITE_VERSION, options, _try_full_text(connection), vectors, why
        )
    finally:
        connection.close()


def _try_full_text(connection: driver.Connection) -> bool:
    try:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        connection.execute("INSERT INTO words VALUES ('deploy on a friday')")
        found = fetch(connection, "SELECT count(*) FROM words WHERE words MATCH '\"friday\"'")
    except driver.Error:
        return False
    return bool(found[0][0] == 1)


def _try_vectors(connection: driver.Connection) -> tuple[str, str]:
    if not hasattr(connection, "enable_load_extension"):
        return "", f"the module {driver.MODULE} of this Python cannot load extensions."
    if not vector_store.load(connection):
        return "", "sqlite-vec is not installed, or not for this machine; pip install sqlite-vec."
    try:
        connection.execute("CREATE VIRTUAL TABLE near USING vec0(place float[2])")
        connection.execute("INSERT INTO near VALUES (1, '[1, 0]'), (2, '[0, 1]')")
        ((nearest,),) = fetch(
            connection, "SELECT rowid FROM near WHERE place MATCH '[0.9, 0.1]' AND k = 1"
        )
        ((version,),) = fetch(connection, "SELECT vec_version()")
    except driver.Error as error:
        return "", f"sqlite-vec is loaded, but does not work: {error}."
    if nearest != 1:
        return "", "sqlite-vec is loaded, but finds what is not nearest."
    return str(version).removeprefix("v"), ""
