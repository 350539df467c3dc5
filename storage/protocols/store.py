"""Store: all that the program needs of a memory, whoever keeps it.

`SQLiteStore` keeps it in a file on this machine. What implements these Protocols over a database
that a team shares can be shown and corrected by the same program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from storage.protocols.changes import Changes, Undoing
from storage.protocols.health import Health, Overview
from storage.protocols.records import Lists, Records
from storage.protocols.searching import Searching

if TYPE_CHECKING:
    from pathlib import Path

    from storage.protocols.history import History


class Store(Records, Lists, Overview, Health, Undoing, Changes, Protocol):
    """A memory that is open or can be opened: to look at, and to correct with nothing lost.

    What is wrong is a `StorageError`. Any number of tasks may share one store.
    """

    @property
    def read_only(self) -> bool:
        """Whether changes are refused; known once the store is open."""

    @property
    def read_only_reason(self) -> str | None:
        """Why changes are refused, where the caller did not ask for it."""

    @property
    def backup(self) -> Path | None:
        """The copy that opening has made, because the memory was brought up to date."""

    @property
    def history(self) -> History:
        """What happened in the memory."""

    async def initialize(self) -> None:
        """Open the memory. Opening twice is harmless."""

    async def close(self) -> None:
        """Close the memory. Closing twice is harmless."""

    async def get_data_version(self) -> int:
        """Return a number that changes with every commit, whoever makes it."""


class SearchableStore(Store, Searching, Protocol):
    """A store that answers questions, too."""
