"""BEGIN, COMMIT and ROLLBACK of the writing connection. All run in its thread.

`BEGIN IMMEDIATE` takes the write lock at once: a transaction that starts as a read and then
writes fails with SQLITE_BUSY_SNAPSHOT whatever the timeout. Waiting happens in slices of
`driver.BUSY_SLICE_MS`, so that a cancelled task is heard between them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from storage import driver

T = TypeVar("T")


def until_free(
    function: Callable[[], T], patience: float, is_cancelled: Callable[[], bool] = bool
) -> T:
    """Run `function`, waiting up to `patience` seconds for a lock that another process holds.

    Raises:
        driver.OperationalError: The lock did not clear, or the task was cancelled while waiting.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return function()
        except driver.OperationalError as error:
            if not driver.is_busy(error) or is_cancelled() or time.monotonic() >= deadline:
                raise


def patiently(
    connection: driver.Connection,
    statement: str,
    patience: float,
    is_cancelled: Callable[[], bool] = bool,
) -> None:
    """Run `statement` as `until_free()` does."""
    until_free(lambda: connection.execute(statement), patience, is_cancelled)


def begin(
    connection: driver.Connection, patience: float, is_cancelled: Callable[[], bool] = bool
) -> None:
    """Allow writing and take the write lock."""
    connection.may_write = True
    try:
        patiently(connection, "BEGIN IMMEDIATE", patience, is_cancelled)
    except BaseException:
        roll_back(connection)
        raise


def commit(connection: driver.Connection, patience: float) -> None:
    """Commit and forbid writing again; what cannot be committed is rolled back.

    A cancellation does not cut the wait short (outside WAL mode a commit waits for readers): the
    task hears of it once the outcome is certain.
    """
    try:
        patiently(connection, "COMMIT", patience)
    except BaseException:
        roll_back(connection)
        raise
    connection.may_write = False


def roll_back(connection: driver.Connection) -> None:
    """Roll back what is open and forbid writing again."""
    try:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
    finally:
        connection.may_write = False


def back_to(connection: driver.Connection, savepoint: str) -> None:
    """Roll back to `savepoint` and forget it."""
    connection.execute(f"ROLLBACK TO {savepoint}")
    connection.execute(f"RELEASE {savepoint}")
