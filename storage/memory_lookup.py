"""MemoryLookup: records of a memory, found by what they are called, or by what they hold."""

from __future__ import annotations

from collections.abc import Sequence

from storage import comparable, dangling, naming
from storage.comparable import Spot, Traces
from storage.dangling import Dangling
from storage.database import Database
from storage.locating import Place
from storage.naming import Named
from storage.records import Record


class MemoryLookup:
    """Finds records by id or name, and reads what is needed to compare two memories.

    Args:
        database: The open file.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, text: str, kind: str | None = None) -> list[Named]:
        """Return what somebody may mean by an id or a name; empty where there is no such thing.

        What has `text` as its id counts before what has it as its name: patterns, world-model
        states (by their domain) and sessions.

        Args:
            text: An id or a name.
            kind: interaction, pattern, world_model_state, snapshot or session; None for any.

        Raises:
            ValidationError: There is no such kind.
        """
        return await self._database.read(lambda view: naming.named(view, text, kind))

    async def dangling(self) -> list[Dangling]:
        """Return what archived records are said to have become and what is nowhere, most first."""
        return await self._database.read_committed(dangling.dangling)

    async def traces(self, kind: str, spot: Spot) -> Traces:
        """Return the key and a digest of some records of a kind, and where the next ones begin.

        Args:
            kind: One of `storage.comparable.COMPARED`.
            spot: `Spot()` to begin with, then what the part before says.
        """
        return await self._database.read_committed(lambda view: comparable.traces(view, kind, spot))

    async def contents(self, kind: str, places: Sequence[Place]) -> list[Record | None]:
        """Return what is compared of records, in their order; None where one is gone."""
        return await self._database.read_committed(
            lambda view: comparable.contents(view, kind, places)
        )
