"""The only way to the writer: transactions, their owner, and what a cancellation leaves behind.

The writing connection refuses to write (`driver.Connection.may_write`) except between the BEGIN
and the end of a transaction that began here, so that whoever gets hold of it cannot go around.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from storage import driver, locking
from storage.blocks import Transaction, refuse_ended
from storage.connection import Call, Stop, Worker
from storage.errors import StoreClosedError, TransactionError
from storage.ids import new_id
from storage.view import Change, Stamp, View

T = TypeVar("T")

_STEP: Final = "memglass_step"

# Tasks inherit it from the task that started them, which is how a task knows that it was born
# inside a transaction. It never says who owns one: that is a task.
_inherited: ContextVar[tuple[Transaction, ...]] = ContextVar("storage_transactions", default=())


class Door:
    """Holds the writing connection and lets transactions through, one at a time.

    Args:
        path: The file, as it was named.
        worker: Runs functions in the connection's thread.
        view: The connection.
        actor: Who makes the changes, for the journal.
        patience: Seconds to wait for a lock that another process holds.
        check: Raises where a commit would be lost. Called in the connection's thread.
    """

    def __init__(
        self,
        path: Path,
        worker: Worker,
        view: View,
        *,
        actor: str,
        patience: float,
        check: Callable[[], None],
    ) -> None:
        self.actor = actor
        self._check = check
        self._path = path
        self._worker = worker
        self._view = view
        self._patience = patience
        self._turn = asyncio.Lock()
        self._current: Transaction | None = None
        self._is_closed = False
        # The savepoint of a step that has succeeded is kept until the next step begins, so that it
        # can be taken back if the task is cancelled before it hears of the success.
        self._held: str | None = None

    def owned(self) -> Transaction | None:
        """Return the open transaction of the current task, if it has one."""
        current = self._current
        return current if current and current.owner is asyncio.current_task() else None

    async def read(self, function: Callable[[View], T], stop: Stop | None = None) -> T:
        """Read through the writer, so that an open transaction sees its own changes.

        Args:
            function: What to run.
            stop: Interrupts what it asks beside this file, if the task is cancelled.

        Raises:
            TransactionError: SQLite has rolled the transaction back, its changes with it.
        """
        if (owned := self.owned()) is not None:
            refuse_ended(owned)
        view = self._view
        return await self._run(Call(lambda _: function(view)), stop)

    async def change(self, function: Callable[[Change], T]) -> T:
        """Run `function` as a step of the open transaction, or in a transaction of its own.

        Raises:
            TransactionError: The task was started inside a transaction that is still open.
            StoreBusyError: Another process kept the lock.
        """
        owned = self.owned()
        if owned is not None:
            return await self._step(owned, function)
        await self._take_turn()
        stamp = Stamp(new_id(), self.actor, None)
        try:
            return await self._run(Call(lambda call: self._whole(call, stamp, function)))
        finally:
            self._turn.release()

    async def maintain(self, function: Callable[[driver.Connection], T]) -> T:
        """Run what SQLite forbids inside a transaction and what changes no data: VACUUM."""
        await self._take_turn()
        try:
            return await self._run(Call(partial(self._allowed, function)))
        finally:
            self._turn.release()

    async def foreign_version(self) -> int:
        """Return a number that changes with every commit of another connection.

        It is asked between two statements, also while a transaction is open.
        """
        fetch = self._view.fetch
        return await self._run(Call(lambda _: int(fetch("PRAGMA data_version")[0][0])))

    async def shut(self) -> None:
        """Wait for the open transaction to end, and let nobody in any more.

        Raises:
            TransactionError: The task is inside a transaction, or was started inside one.
        """
        if self._is_closed:
            return
        await self._take_turn()
        self._is_closed = True
        # Those who wait come in one after the other and are told.
        self._turn.release()

    async def close(self) -> None:
        """Close the connection, once the door is shut."""
        await self._worker.close()

    # What happens in the event loop.

    async def _take_turn(self) -> None:
        """Wait until no transaction is open.

        Raises:
            TransactionError: That moment would never come.
            StoreClosedError: The store was closed meanwhile.
        """
        self.refuse_inside()
        await self._turn.acquire()
        if self._is_closed:
            self._turn.release()
            raise StoreClosedError(f"{self._path}: the store is closed.")

    def refuse_inside(self) -> None:
        """Refuse to wait for a turn that would never come.

        Raises:
            TransactionError: The task is inside a transaction, was started inside one, or the
                task that opened one has ended without leaving it.
        """
        current = self._current
        if self.owned() is not None:
            raise TransactionError("This cannot be done inside a transaction; end it first.")
        if current is not None and current.owner is not None and current.owner.done():
            raise TransactionError(
                f"Transaction {current.id} is still open, but the task that opened it has ended"
                " without leaving its block; enter and leave a block in one task."
            )
        for transaction in _inherited.get():
            if transaction.door is self and transaction.state == "open":
                raise TransactionError(
                    "This task was started inside a transaction that is still open, which it does"
                    " not share; waiting for it would hang. Change data in the task that opened"
                    " the transaction, or start this task after it."
                )

    async def _run(self, call: Call[T], stop: Stop | None = None) -> T:
        try:
            return await self._worker.run(call, stop=stop)
        except driver.Error as error:
            raise driver.translate(error, self._path) from error

    async def _step(self, transaction: Transaction, function: Callable[[Change], T]) -> T:
        refuse_ended(transaction)
        stamp = (transaction.inner[-1] if transaction.inner else transaction).stamp
        call: Call[T] = Call(lambda call: self._stepped(call, stamp, function))
        try:
            return await self._run(call)
        except asyncio.CancelledError:
            if call.succeeded:
                await self._run(Call(lambda _: self._take_step_back()))
            raise
        finally:
            if not self._view.connection.in_transaction:
                transaction.settle("rolled_back")

    async def begin(self, note: str | None) -> Transaction:
        """Take the turn and begin; give both back if the task is cancelled meanwhile."""
        await self._take_turn()
        call = Call(self._began)
        try:
            await self._run(call)
        except BaseException:
            try:
                if call.succeeded:
                    await self._run(Call(lambda _: locking.roll_back(self._view.connection)))
            finally:
                self._turn.release()
            raise
        self._current = transaction = Transaction(self, note)
        still_open = tuple(each for each in _inherited.get() if each.state == "open")
        _inherited.set((*still_open, transaction))
        return transaction

    async def end(self, transaction: Transaction, *, commit: bool) -> None:
        """Commit or roll back, and let the next one through; the state says which it was."""
        connection = self._view.connection
        commit = commit and transaction.state == "open"
        call = Call(lambda _: self._committed() if commit else locking.roll_back(connection))
        try:
            await self._run(call)
        finally:
            if transaction.state == "open":
                transaction.settle("committed" if commit and call.succeeded else "rolled_back")
            self._held = None
            self._current = None
            transaction.inner.clear()
            _inherited.set(tuple(each for each in _inherited.get() if each is not transaction))
            self._turn.release()

    # What happens in the writer's thread.

    def _whole(self, call: Call[T], stamp: Stamp, function: Callable[[Change], T]) -> T:
        self._began(call)
        try:
            change = Change(self._view, stamp, call.is_cancelled)
            result = function(change)
            change.breathe()
        except BaseException:
            locking.roll_back(self._view.connection)
            raise
        self._committed()
        return result

    def _began(self, call: Call[T] | Call[None]) -> None:
        locking.begin(self._view.connection, self._patience, call.is_cancelled)
        try:
            self._view.refresh()
        except BaseException:
            locking.roll_back(self._view.connection)
            raise

    def _committed(self) -> None:
        try:
            self._check()
        except BaseException:
            locking.roll_back(self._view.connection)
            raise
        locking.commit(self._view.connection, self._patience)

    def _allowed(self, function: Callable[[driver.Connection], T], call: Call[T]) -> T:
        self._check()
        connection = self._view.connection
        connection.may_write = True
        try:
            return locking.until_free(
                lambda: function(connection), self._patience, call.is_cancelled
            )
        finally:
            connection.may_write = False

    def _stepped(self, call: Call[T], stamp: Stamp, function: Callable[[Change], T]) -> T:
        self._savepoint(_STEP)
        self._held = _STEP
        try:
            self._view.refresh()
            change = Change(self._view, stamp, call.is_cancelled)
            result = function(change)
            change.breathe()
        except BaseException:
            self._take_step_back()
            raise
        return result

    def _take_step_back(self) -> None:
        self._held = None
        # After an error such as a full disk SQLite itself has rolled the whole transaction back.
        if self._view.connection.in_transaction:
            locking.back_to(self._view.connection, _STEP)

    def _savepoint(self, name: str) -> None:
        self._release_held()
        self._view.connection.execute(f"SAVEPOINT {name}")

    def _release_held(self) -> None:
        if self._held is not None:
            self._view.connection.execute(f"RELEASE {self._held}")
            self._held = None

    # Savepoints of nested blocks.

    async def enter_level(self, transaction: Transaction, note: str | None) -> Transaction:
        """Set the savepoint of a nested block, and return what it is to know of itself."""
        inner = transaction.inner
        name = _level(len(inner) + 1)
        call = Call(lambda _: self._savepoint(name))
        try:
            await self._run(call)
        except asyncio.CancelledError:
            if call.succeeded:
                self._held = name
            raise
        outer = inner[-1] if inner else transaction
        inner.append(Transaction(self, note if outer.note is None else outer.note, outer))
        return inner[-1]

    async def leave_level(self, transaction: Transaction, left: Transaction, *, keep: bool) -> None:
        """Keep what a nested block did, or take it back.

        Raises:
            TransactionError: The block around it was left before, and what this did is part of it.
        """
        if left not in transaction.inner:
            if not keep:
                raise TransactionError(
                    "A transaction block was left after the one around it, and can no longer be"
                    " taken back; leave blocks in the order of their nesting."
                )
            return
        at = transaction.inner.index(left)
        del transaction.inner[at:]
        name = _level(at + 1)
        if keep:
            # Releasing it now would be a hop that a cancellation can make look like a failure.
            self._held = name
            return
        self._held = None
        connection = self._view.connection
        call = Call(lambda _: locking.back_to(connection, name))
        try:
            await self._run(call)
        finally:
            if call.succeeded:
                left.settle("rolled_back")


def _level(depth: int) -> str:
    """Return the name of the savepoint of a nested block; the first is 1 deep."""
    return f"memglass_{depth}"
