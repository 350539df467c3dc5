"""The blocks of transactions: what `async with` enters, and what it knows of its outcome."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from storage.errors import TransactionError
from storage.ids import new_id
from storage.view import Stamp

if TYPE_CHECKING:
    from storage.transaction import Door

State = Literal["open", "committed", "rolled_back"]


class Transaction:
    """A transaction that is or was open, or a block inside of one.

    Attributes:
        id: What the journal calls it, and what `undo()` takes.
        note: Why, in the words of whoever opened it, or the block around it where that says why.
        outer: The block around this one; None for the outermost, which begins and commits.
    """

    __slots__ = ("_outcome", "door", "id", "inner", "note", "outer", "owner", "stamp")

    def __init__(self, door: Door, note: str | None, outer: Transaction | None = None) -> None:
        self.id: str = new_id() if outer is None else outer.id
        self.note = note
        self.outer = outer
        self.owner = asyncio.current_task()
        self.door = door
        self.stamp = Stamp(self.id, door.actor, note)
        # Of the outermost: the blocks that are open inside of it, each around the next.
        self.inner: list[Transaction] = []
        self._outcome: State = "open"

    @property
    def state(self) -> State:
        """What became of it: `open`, `committed` or `rolled_back`; true also after a cancellation.

        A block that was taken back alone is `rolled_back`; one that ended well is what the block
        around it is, for as long as that is open, that can still take it back.
        """
        if self.outer is None or self._outcome == "rolled_back":
            return self._outcome
        return self.outer.state

    def settle(self, outcome: State) -> None:
        """Remember what became of it."""
        self._outcome = outcome

    def __repr__(self) -> str:
        return f"<Transaction {self.id} {self.state}>"


class Block:
    """The `async with` block that `store.transaction()` returns."""

    __slots__ = ("_door", "_entered", "_note", "_transaction")

    def __init__(self, door: Door, note: str | None) -> None:
        self._door = door
        self._note = note
        # What began here, and the transaction that it is part of or is itself.
        self._entered: Transaction | None = None
        self._transaction: Transaction | None = None

    async def __aenter__(self) -> Transaction:
        """Begin.

        Raises:
            TransactionError: The task was started inside a transaction that is still open.
            StoreBusyError: Another process kept the lock.
        """
        if self._transaction is not None:
            raise TransactionError("A transaction block cannot be entered twice; ask for another.")
        owned = self._door.owned()
        if owned is None:
            self._transaction = self._entered = await self._door.begin(self._note)
        else:
            refuse_ended(owned)
            self._entered = await self._door.enter_level(owned, self._note)
            self._transaction = owned
        return self._entered

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Commit, or roll back if the block raised."""
        transaction, entered = self._transaction, self._entered
        if transaction is None or entered is None:
            raise TransactionError("A transaction block was left that was never entered.")
        lost = transaction.state == "rolled_back"
        if entered is transaction:
            await self._door.end(transaction, commit=error is None)
        elif not lost:
            await self._door.leave_level(transaction, entered, keep=error is None)
        if lost and error is None:
            refuse_ended(transaction)


def refuse_ended(transaction: Transaction) -> None:
    """Refuse what belongs into a transaction that is over.

    Raises:
        TransactionError: It is.
    """
    if transaction.state != "open":
        raise TransactionError(
            f"Transaction {transaction.id} was rolled back by an error of SQLite; open another."
        )
