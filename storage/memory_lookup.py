"""MemoryLookup: records of a memory, found by what a person calls them."""

from __future__ import annotations

from storage import naming
from storage.database import Database
from storage.naming import Named


class MemoryLookup:
    """Finds records by id or name.

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
