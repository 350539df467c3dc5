"""Bringing a file up to the declared schema: in one transaction, with a backup before it."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from storage import driver, locking
from storage.errors import MigrationRequiredError, StorageError
from storage.rows import fetch
from storage.schema import META, SCHEMA_VERSION, Step, plan
from storage.view import Layout

log = logging.getLogger("storage")

# `PRAGMA user_version` is ours unless the agent had put a number of its own there.
_AGENTS_VERSION: Final = "user_version_is_the_agents"
_VERSION: Final = "schema_version"


def file_version(connection: driver.Connection, layout: Layout) -> int:
    """Return the version of the schema that memglass left in the file; 0 if it never did."""
    if META.name not in layout:
        return 0
    meta = dict(fetch(connection, f"SELECT key, value FROM {META.name}"))
    if _AGENTS_VERSION in meta:
        return int(meta.get(_VERSION, 0))
    return _user_version(connection)


def is_newer(connection: driver.Connection, layout: Layout) -> bool:
    """Say whether a newer memglass than this one made the file."""
    return file_version(connection, layout) > SCHEMA_VERSION


def ensure_schema(
    connection: driver.Connection, path: Path, *, migrate: bool, patience: float
) -> Path | None:
    """Add what the file lacks. Runs in the writer's thread.

    Args:
        connection: The writing connection.
        path: Its file.
        migrate: Whether a file that has a schema already may be changed.
        patience: Seconds to wait for the lock.

    Returns:
        The backup that was made, or None where none was needed.

    Raises:
        MigrationRequiredError: Something is missing and `migrate` is False.
        SchemaError: A table has one of our names and is something else.
        StorageError: The backup could not be made; nothing was changed.
    """
    layout = Layout(connection)
    steps = plan(connection, layout)
    if not steps and file_version(connection, layout) == SCHEMA_VERSION:
        return None
    is_new = not layout.names()
    if not is_new and not migrate:
        raise MigrationRequiredError(
            f"{path} has an older schema; open it with migrate=True (a backup is made first) or"
            " read-only.",
            tuple(step.sentence for step in steps),
        )
    if is_new:
        _use_wal(connection, path, patience)
    backup = _migrate(connection, path, patience)
    if not is_new:
        _use_wal(connection, path, patience)
    return backup


def _migrate(connection: driver.Connection, path: Path, patience: float) -> Path | None:
    backup: Path | None = None
    locking.begin(connection, patience)
    try:
        # Look again: another process may have migrated while this one waited for the lock.
        layout = Layout(connection)
        steps = plan(connection, layout)
        version = file_version(connection, layout)
        if steps or version != SCHEMA_VERSION:
            if layout.names():
                backup = back_up(path)
            _apply(connection, steps, version)
    except BaseException:
        locking.roll_back(connection)
        raise
    locking.commit(connection, patience)
    log.info("schema of %s: %d steps, backup %s", path, len(steps), backup)
    return backup


def _apply(connection: driver.Connection, steps: list[Step], version: int) -> None:
    for step in steps:
        connection.execute(step.sql)
    agents = version == 0 and _user_version(connection) != 0
    if agents:
        _set_meta(connection, _AGENTS_VERSION, "1")
    is_agents = connection.execute(
        f"SELECT 1 FROM {META.name} WHERE key = ?", (_AGENTS_VERSION,)
    ).fetchone()
    if not is_agents:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    _set_meta(connection, _VERSION, str(SCHEMA_VERSION))


def _set_meta(connection: driver.Connection, key: str, value: str) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO {META.name} (key, value) VALUES (?, ?)", (key, value)
    )


def _user_version(connection: driver.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _use_wal(connection: driver.Connection, path: Path, patience: float) -> None:
    connection.execute("PRAGMA query_only=OFF")
    try:
        locking.patiently(connection, "PRAGMA journal_mode=WAL", patience)
    except driver.OperationalError as error:
        # Some file systems know no WAL, and an agent may be reading: the old mode works too.
        log.warning("%s keeps its journal mode: %s", path, error)
    finally:
        connection.execute("PRAGMA query_only=ON")


def back_up(path: Path) -> Path:
    """Copy the database, committed state only, to `<file>.backup-<UTC time>` with mode 0600.

    The backup API also copies damaged files, which `VACUUM INTO` refuses.

    Returns:
        Where the copy is.

    Raises:
        StorageError: It could not be written; then there is no half of it either.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = Path(f"{path}.backup-{stamp}")
    partial = Path(f"{target}.partial")
    try:
        with _removed_on_failure(partial):
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            _copy(path, partial)
            partial.rename(target)
    except (OSError, driver.Error) as error:
        raise StorageError(
            f"{path} could not be backed up to {target} ({error}), so nothing was changed."
        ) from error
    return target


def _copy(path: Path, partial: Path) -> None:
    source = driver.connect(f"{path.absolute().as_uri()}?mode=ro", busy_ms=5000)
    try:
        copy = driver.connect(f"{partial.absolute().as_uri()}?mode=rw", busy_ms=5000)
        try:
            source.backup(copy)
        finally:
            copy.close()
    finally:
        source.close()


@contextlib.contextmanager
def _removed_on_failure(partial: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
