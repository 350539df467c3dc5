"""Bringing a file up to the declared schema: in one transaction, with a backup before it."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from storage import driver, locking
from storage.errors import MigrationRequiredError, SchemaError, StorageError, StoreBusyError
from storage.layout import Layout
from storage.rows import fetch
from storage.schema import META, SCHEMA_VERSION
from storage.schema_plan import Step, check_shape, plan

log = logging.getLogger("storage")

# `PRAGMA user_version` is ours unless the agent had put a number of its own there.
_AGENTS_VERSION: Final = "user_version_is_the_agents"
_VERSION: Final = "schema_version"

_LOOK_MS: Final = 5000


def file_version(connection: driver.Connection, layout: Layout) -> int:
    """Return the version of the schema that memglass left in the file; 0 if it never did.

    Raises:
        SchemaError: The file's table memglass_meta is not ours.
    """
    there = layout.get(META.name)
    if there is None:
        return 0
    check_shape(connection, META, there)
    meta = dict(fetch(connection, f"SELECT key, value FROM {META.name}"))
    if _AGENTS_VERSION not in meta:
        return _user_version(connection)
    version = meta.get(_VERSION, 0)
    try:
        return int(version)
    except (TypeError, ValueError):
        raise SchemaError(
            f"Table {META.name} says that the schema has the version {version!r}, which is no"
            " number; memglass cannot work with this file."
        ) from None


def is_newer(connection: driver.Connection, layout: Layout) -> bool:
    """Say whether a newer memglass than this one made the file."""
    return file_version(connection, layout) > SCHEMA_VERSION


def look_first(path: Path, *, migrate: bool) -> bool:
    """Say whether a newer memglass made the file, before anybody opens it to write.

    Closing the last connection that can write takes the -wal into the file, and so would change
    one that is then refused.

    Raises:
        MigrationRequiredError: Something is missing and `migrate` is False.
        SchemaError: A table has one of our names and is something else.
        driver.Error: It cannot be read.
    """
    connection = driver.connect(f"{path.absolute().as_uri()}?mode=ro", busy_ms=_LOOK_MS)
    try:
        driver.prepare_reader(connection)
        layout = Layout(connection)
        if is_newer(connection, layout):
            return True
        steps = plan(connection, layout)
        if layout.names() and steps:
            _refuse_unless(migrate, path, steps)
        return False
    finally:
        connection.close()


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
    is_new = _is_empty(connection)
    if is_new:
        _use_wal(connection, path, patience)
    else:
        _refuse_unless(migrate, path, steps)
    backup = _migrate(connection, path, migrate=migrate, patience=patience)
    if not is_new:
        _use_wal(connection, path, patience)
    return backup


def _refuse_unless(migrate: bool, path: Path, steps: list[Step]) -> None:
    if not migrate:
        raise MigrationRequiredError(
            f"{path} has an older schema; open it with migrate=True (a backup is made first) or"
            " read-only.",
            tuple(step.sentence for step in steps),
        )


def _migrate(
    connection: driver.Connection, path: Path, *, migrate: bool, patience: float
) -> Path | None:
    backup: Path | None = None
    locking.begin(connection, patience)
    try:
        # Look again: another process may have changed it while this one waited for the lock.
        steps, version = _what_is_left(connection, path)
        if steps or version != SCHEMA_VERSION:
            if not _is_empty(connection):
                _refuse_unless(migrate, path, steps)
                backup = back_up(path)
            _apply(connection, steps, version)
    except BaseException:
        locking.roll_back(connection)
        _remove(backup)
        raise
    try:
        locking.commit(connection, patience)
    except driver.OperationalError as error:
        # After any other failure of a commit the backup may be what is left.
        if driver.is_busy(error):
            _remove(backup)
        raise
    log.info("schema of %s: %d steps, backup %s", path, len(steps), backup)
    return backup


def _what_is_left(connection: driver.Connection, path: Path) -> tuple[list[Step], int]:
    layout = Layout(connection)
    version = file_version(connection, layout)
    if version > SCHEMA_VERSION:
        raise StoreBusyError(f"{path} was just migrated by a newer memglass; open it again.")
    return plan(connection, layout), version


def _remove(backup: Path | None) -> None:
    if backup is not None:
        backup.unlink(missing_ok=True)


def _is_empty(connection: driver.Connection) -> bool:
    return not connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


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
    connection.may_write = True
    try:
        locking.patiently(connection, "PRAGMA journal_mode=WAL", patience)
    except driver.OperationalError as error:
        # Some file systems know no WAL, and an agent may be reading: the old mode works too.
        log.warning("%s keeps its journal mode: %s", path, error)
    finally:
        connection.may_write = False


def back_up(path: Path) -> Path:
    """Copy the database, committed state only, to `<file>.backup-<UTC time>` with mode 0600.

    The backup API also copies damaged files, which `VACUUM INTO` refuses. The caller holds the
    write lock, so that nobody else makes a backup of the file at the same time.

    Returns:
        Where the copy is: beside the file, or beside the one that a link leads to.

    Raises:
        StorageError: It could not be written; then there is no half of it either.
    """
    real = path.resolve()
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = Path(f"{real}.backup-{stamp}")
    # Always the same name, so that what a killed process left goes with the next attempt.
    partial = Path(f"{real}.backup-partial")
    try:
        partial.unlink(missing_ok=True)
        with _removed_on_failure(partial):
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            copy_into(f"{real.as_uri()}?mode=ro", partial)
            partial.rename(target)
        sync_folder(target.parent)
    except (OSError, driver.Error) as error:
        raise StorageError(
            f"{path} could not be backed up to {target} ({error}), so nothing was changed."
        ) from error
    return target


def copy_into(
    uri: str,
    copy: Path,
    *,
    pages: int = -1,
    tell: Callable[[int, int, int], None] | None = None,
) -> None:
    """Copy a database into a file that is there and empty.

    Args:
        uri: The database.
        copy: The file.
        pages: How many pages are copied between two calls of `tell`; -1 for all at once.
        tell: Given SQLite's status, the pages that are left, and all; what it raises ends the copy.

    Raises:
        driver.Error: It could not be read, or not written.
    """
    source = driver.connect(uri, busy_ms=5000)
    try:
        target = driver.connect(f"{copy.absolute().as_uri()}?mode=rw", busy_ms=5000)
        try:
            # Nobody rolls a half copy back, and a journal that is left of it would spoil the next.
            target.execute("PRAGMA journal_mode=OFF")
            # Holding what is read keeps it one state, whoever writes between two parts.
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            source.backup(target, pages=pages, progress=tell)
        finally:
            target.close()
    finally:
        source.close()


def sync_folder(folder: Path) -> None:
    """Make the name of a new file last through a power loss, where folders can be synced."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _removed_on_failure(partial: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
