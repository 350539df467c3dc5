"""Records to read: single ones, lists of them, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from storage.lineage import Lineage
    from storage.listing import Key
    from storage.locating import Place
    from storage.moments import Time
    from storage.records import Record
    from storage.world_history import EntityEvent
    from storage.world_keys import EntityKey, RelationKey


class Records(Protocol):
    """Records by their public ids, as plain dicts with decoded JSON."""

    async def get_interaction(self, interaction_id: str) -> Record | None:
        """Return one live interaction, or None."""

    async def get_recent_interactions(
        self, limit: int | None = 100, *, session_id: str | None = None, before: str | None = None
    ) -> list[Record]:
        """Return live interactions, newest first; `before` is `cursor_of` the last one seen."""

    async def get_pattern(self, pattern_id: str) -> Record | None:
        """Return one live pattern, or None."""

    async def get_patterns(self, pattern_type: str | None = None) -> list[Record]:
        """Return all live patterns (of a type), the most confident first."""

    async def get_archived_interactions(
        self,
        interaction_id: str | None = None,
        archive_reason: str | None = None,
        limit: int | None = 100,
        before: str | None = None,
    ) -> list[Record]:
        """Return archived interactions, newest first by the time of archiving."""

    async def get_archived_patterns(
        self,
        pattern_id: str | None = None,
        archive_reason: str | None = None,
        limit: int | None = 100,
        before: str | None = None,
    ) -> list[Record]:
        """Return archived patterns, newest first by the time of archiving."""

    async def get_active_world_models(self, session_id: str | None = None) -> list[Record]:
        """Return the states that are active, by domain."""

    async def get_entity_history(
        self, key: EntityKey | RelationKey, domain: str | None = None
    ) -> list[EntityEvent]:
        """Return when an entity or relation appeared, changed and vanished, oldest first."""

    async def get_notes(
        self, kind: str | None = None, record_id: str | None = None
    ) -> list[Record]:
        """Return notes, the one changed last first."""

    async def get_tags(self, kind: str | None = None) -> dict[str, int]:
        """Return how many records (of a kind) have each tag, the most frequent tag first."""

    async def get_lineage(self, kind: str, record_id: str) -> Lineage:
        """Return what an interaction or pattern was made from, and what became of it."""

    async def get_patterns_naming(self, kind: str, ids: Iterable[str]) -> dict[str, list[str]]:
        """Return which patterns name each of these records as a source; the others left out."""


class Lists(Protocol):
    """Lists of any length: small keys of all rows at once, and the rows of a few keys.

    Kinds are interaction, pattern, archived_interaction, archived_pattern, world_model_state and
    snapshot.
    """

    async def list_keys(
        self,
        kind: str,
        *,
        limit: int | None = None,
        order: str | None = None,
        **filters: Time | Iterable[str] | None,
    ) -> Sequence[Key]:
        """Return the keys of all rows of a list, in its order.

        Orders beside the usual one are oldest, and frequency, last_seen, created and name of
        patterns, reason and record of archives. Filters are session_id, action, pattern_type,
        archive_reason, domain, tag, text, after, before and record_ids.
        """

    async def get_last_keys(self, kind: str) -> list[Key]:
        """Return the key of the row that was added last to each table of a list; 0 for none."""

    async def get_summaries(
        self, kind: str, keys: Iterable[Key], *, excerpt: int = 300
    ) -> list[Record | None]:
        """Return a short row for each key, in their order; None if gone.

        `excerpt` is how many characters the beginning of what the record tells has.
        """

    async def get_record(
        self, kind: str, record_id: str | int, key: Key | None = None
    ) -> Record | None:
        """Return a whole record, or None; that of `key` in its list, where several share the id."""

    async def get_records(self, kind: str, keys: Iterable[Key]) -> list[Record | None]:
        """Return the whole record for each key of a list, in their order; None if gone."""

    async def get_row(
        self, kind: str, record_id: str | int, key: Key | None = None
    ) -> Record | None:
        """Return the stored row, column → value exactly as it is kept, or None; as get_record()."""

    async def locate(self, kind: str, record_ids: Iterable[str]) -> dict[str, Place]:
        """Return in which list each record stands and with which key; ids that are gone left out.

        Interactions and patterns are looked for in their archive, too.
        """

    async def count_live(self, kind: str, record_ids: Iterable[str]) -> int:
        """Return how many live interactions or patterns have one of these ids, or share it."""

    async def get_values(self, kind: str, field: str, limit: int | None = 1000) -> dict[str, int]:
        """Return how many rows of a list have each value of a filter, the most frequent first."""

    async def get_pattern_types(self) -> dict[str, int]:
        """Return how many live patterns there are of each type."""

    async def get_archive_statistics(self) -> dict[str, dict[str, int]]:
        """Return how many rows each archive holds by reason: `interactions`, `patterns`, `rows`."""
