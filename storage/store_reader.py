"""StoreReader: all that can be read of a memory, by whoever has it open."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from storage import (
    archive,
    fields,
    interaction_reading,
    journal,
    lineage,
    listing,
    locating,
    notes,
    patterns,
    record_reading,
    world_states,
)
from storage.cursors import cursor_of
from storage.database import Database
from storage.evidence_map import EvidenceReader
from storage.health_reader import HealthReader
from storage.kinds import INTERACTION, PATTERN
from storage.lists import EXCERPT
from storage.moments import Time
from storage.records import Record
from storage.world_keys import EntityKey, RelationKey

if TYPE_CHECKING:
    from storage.memory_history import MemoryHistory
    from storage.memory_lookup import MemoryLookup
    from storage.world_history import EntityEvent

_PAGE = 500


class StoreReader(HealthReader):
    """An open memory, as far as it is read. Any number of tasks may share it.

    Args:
        db_path: The file. It is made where it is missing.
        read_only: Open without changing the file in any way.
        migrate: Whether an older file may be brought up to date, after a backup beside it.
        actor: Who makes the changes, for the journal.
        busy_timeout: Seconds to wait for a lock that another process holds.
    """

    def __init__(
        self,
        db_path: str | os.PathLike[str],
        *,
        read_only: bool = False,
        migrate: bool = True,
        actor: str = "api",
        busy_timeout: float = 5.0,
    ) -> None:
        patience = fields.seconds("busy_timeout", busy_timeout)
        self._database = Database(
            Path(db_path), read_only=read_only, migrate=migrate, actor=actor, patience=patience
        )
        self._evidence = EvidenceReader(self._database)

    # Loaded when they are first used: a program shows what is in a memory sooner.

    @cached_property
    def history(self) -> MemoryHistory:
        """What happened in it: transactions, runs of archiving, what undoing would do."""
        from storage.memory_history import MemoryHistory

        return MemoryHistory(self._database)

    @cached_property
    def lookup(self) -> MemoryLookup:
        """Records by what a person calls them."""
        from storage.memory_lookup import MemoryLookup

        return MemoryLookup(self._database)

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    @property
    def read_only(self) -> bool:
        """Whether changes are refused; also True where the file demands it."""
        return self._database.read_only

    @property
    def read_only_reason(self) -> str | None:
        """Why changes are refused, where the caller did not ask for it."""
        return self._database.read_only_reason

    @property
    def backup(self) -> Path | None:
        """The backup that a migration made on opening."""
        return self._database.backup

    async def initialize(self) -> None:
        """Open the file. Opening twice is harmless.

        Raises:
            FileError: It cannot be opened, is no database, or is damaged.
            MigrationRequiredError: Its schema is older and `migrate` is False.
            SchemaError: A table has one of our names and is something else.
            StoreBusyError: Another process kept the lock.
        """
        await self._database.open()

    async def close(self) -> None:
        """Close the file. Closing twice is harmless."""
        await self._database.close()

    async def __aenter__(self) -> Self:
        await self.initialize()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def get_data_version(self) -> int:
        """Return a number that changes with every commit, whoever makes it."""
        return await self._database.data_version()

    # Interactions.

    async def get_interaction(self, interaction_id: str) -> Record | None:
        """Return one live interaction, or None."""
        return await self._database.read(lambda view: interaction_reading.get(view, interaction_id))

    async def get_recent_interactions(
        self,
        limit: int | None = 100,
        *,
        session_id: str | None = None,
        action: str | None = None,
        before: str | None = None,
    ) -> list[Record]:
        """Return live interactions, newest first; `before` is `cursor_of` the last one seen."""
        return await self._database.read(
            lambda view: interaction_reading.recent(view, limit, session_id, action, before)
        )

    async def iter_interactions(
        self, *, session_id: str | None = None, action: str | None = None
    ) -> AsyncIterator[Record]:
        """Yield all live interactions, newest first, a page at a time."""
        before: str | None = None
        while page := await self.get_recent_interactions(
            _PAGE, session_id=session_id, action=action, before=before
        ):
            before = cursor_of(page[-1])
            for record in page:
                yield record

    # Patterns.

    async def get_pattern(self, pattern_id: str) -> Record | None:
        """Return one live pattern, or None."""
        return await self._database.read(lambda view: patterns.get(view, pattern_id))

    async def get_patterns(self, pattern_type: str | None = None) -> list[Record]:
        """Return all live patterns (of a type), the most confident first."""
        return await self._database.read(lambda view: patterns.page(view, pattern_type, None))

    async def get_patterns_by_type(
        self, pattern_type: str, limit: int | None = 100, before: str | None = None
    ) -> list[Record]:
        """Return live patterns of a type, the most confident first."""
        read = partial(patterns.page, pattern_type=pattern_type, limit=limit, before=before)
        return await self._database.read(read)

    async def get_pattern_types(self) -> dict[str, int]:
        """Return how many live patterns there are of each type."""
        return await self._database.read(patterns.types)

    # The archive.

    async def get_archived_interactions(
        self,
        interaction_id: str | None = None,
        archive_reason: str | None = None,
        limit: int | None = 100,
        before: str | None = None,
    ) -> list[Record]:
        """Return archived interactions, newest first by the time of archiving."""
        return await self._database.read(
            lambda view: archive.page(
                view, INTERACTION, interaction_id, archive_reason, limit, before
            )
        )

    async def get_archived_patterns(
        self,
        pattern_id: str | None = None,
        archive_reason: str | None = None,
        limit: int | None = 100,
        before: str | None = None,
    ) -> list[Record]:
        """Return archived patterns, newest first by the time of archiving."""
        return await self._database.read(
            lambda view: archive.page(view, PATTERN, pattern_id, archive_reason, limit, before)
        )

    async def get_archive_statistics(self) -> dict[str, dict[str, int]]:
        """Return how many rows each archive holds by reason: `interactions`, `patterns`, `rows`."""
        return await self._database.read(archive.statistics)

    # The world model.

    async def get_world_model_snapshots(
        self, limit: int | None = 100, domain: str | None = None, before: str | None = None
    ) -> list[Record]:
        """Return snapshots, newest first."""
        read = partial(world_states.snapshots, limit=limit, domain=domain, before=before)
        return await self._database.read(read)

    async def get_active_world_models(self, session_id: str | None = None) -> list[Record]:
        """Return the states that are active, by domain."""
        return await self._database.read(lambda view: world_states.active(view, session_id))

    async def get_entity_history(
        self, key: EntityKey | RelationKey, domain: str | None = None
    ) -> list[EntityEvent]:
        """Return when an entity or relation appeared, changed and vanished, oldest first.

        It is `entity_history` over all snapshots (of a domain) and the states as they are now: what
        no snapshot shows is an event without `snapshot_id` and trigger.
        """
        from storage import history_reading

        return await history_reading.read_history(self._database.read, key, domain)

    # Journal and notes.

    async def get_journal(
        self,
        limit: int | None = 100,
        before: str | None = None,
        record_id: str | None = None,
        kind: str | None = None,
    ) -> list[Record]:
        """Return changes, newest first; of one record, if an id is given, or of one kind."""
        read = partial(journal.read, limit=limit, before=before, record_id=record_id, kind=kind)
        return await self._database.read(read)

    async def get_notes(
        self, kind: str | None = None, record_id: str | None = None
    ) -> list[Record]:
        """Return notes, the one changed last first.

        Kinds are interaction, pattern, world_model_state and snapshot: a record keeps its note
        when it is archived, and gets it back with its id.
        """
        return await self._database.read(lambda view: notes.read(view, kind, record_id))

    async def get_tags(self, kind: str | None = None) -> dict[str, int]:
        """Return how many records (of a kind) have each tag, the most frequent tag first."""
        return await self._database.read(lambda view: notes.tags(view, kind))

    # Lists on screen.

    async def list_keys(
        self,
        kind: str,
        *,
        limit: int | None = None,
        order: str | None = None,
        **filters: Time | Iterable[str] | None,
    ) -> listing.Keys:
        """Return the keys of all rows of a list, in its order, 9 bytes a row.

        Kinds are interaction, pattern, archived_interaction, archived_pattern, world_model_state
        and snapshot. Orders beside the usual one are oldest, and frequency, last_seen, created and
        name of patterns, reason and record of archives. Filters are session_id, action,
        pattern_type, archive_reason, domain, tag, text, after, before and record_ids.
        """
        return await self._database.read(
            lambda view: listing.keys(view, kind, limit, filters, order)
        )

    async def get_last_keys(self, kind: str) -> list[listing.Key]:
        """Return the key of the row that was added last to each table of a list; 0 for none."""
        return await self._database.read(lambda view: listing.last_keys(view, kind))

    async def get_values(self, kind: str, field: str, limit: int | None = 1000) -> dict[str, int]:
        """Return how many rows of a list have each value of a filter, the most frequent first."""
        return await self._database.read(lambda view: listing.values(view, kind, field, limit))

    async def get_summaries(
        self, kind: str, keys: Iterable[listing.Key], *, excerpt: int = EXCERPT
    ) -> list[Record | None]:
        """Return a short row for each key, in their order; None where it is gone.

        Texts are cut to 300 characters. A row whose record has tags or a note has them as `tags`
        and `note`; others lack these.

        Args:
            kind: As for `list_keys()`.
            keys: Keys of its list.
            excerpt: How many characters `excerpt` has, the beginning of what the record tells.
        """
        wanted = listing.checked(keys)
        return await self._database.read(
            lambda view: listing.summaries(view, kind, wanted, excerpt)
        )

    async def get_record(
        self, kind: str, record_id: str | int, key: listing.Key | None = None
    ) -> Record | None:
        """Return a whole record, or None; that of `key` in its list, where several share the id."""
        return await self._database.read(
            lambda view: record_reading.record_of(view, kind, record_id, key)
        )

    async def get_records(self, kind: str, keys: Iterable[listing.Key]) -> list[Record | None]:
        """Return the whole record for each key of a list, in their order; None where it is gone."""
        wanted = listing.checked(keys)
        return await self._database.read(lambda view: record_reading.records_of(view, kind, wanted))

    async def get_row(
        self, kind: str, record_id: str | int, key: listing.Key | None = None
    ) -> Record | None:
        """Return the stored row, column → value exactly as it stands in the table, or None."""
        row = await self._database.read(
            lambda view: record_reading.row_of(view, kind, record_id, key)
        )
        return None if row is None else dict(row.values)

    async def locate(self, kind: str, record_ids: Iterable[str]) -> dict[str, locating.Place]:
        """Return in which list each record stands and with which key; ids that are gone left out.

        Kinds are interaction and pattern (the archive where a record is not live),
        archived_interaction, archived_pattern, world_model_state and snapshot.
        """
        ids = fields.check_ids("record_ids", record_ids)
        return await self._database.read(lambda view: locating.locate(view, kind, ids))

    async def count_live(self, kind: str, record_ids: Iterable[str]) -> int:
        """Return how many live interactions or patterns have one of these ids, or share it."""
        ids = fields.check_ids("record_ids", record_ids)
        return await self._database.read(lambda view: locating.count_live(view, kind, ids))

    # Lineage.

    async def get_lineage(self, kind: str, record_id: str) -> lineage.Lineage:
        """Return what an interaction or pattern was made from, and what became of it.

        Both as the metadata of patterns and the columns of the archive tell it, live and archived.
        """
        evidence = await self._evidence.read()
        return await self._database.read(
            lambda view: lineage.lineage(view, evidence, kind, record_id)
        )

    async def get_patterns_naming(self, kind: str, ids: Iterable[str]) -> dict[str, list[str]]:
        """Return which patterns name each of these records as a source; the others left out."""
        named = fields.check_ids("ids", ids)
        return lineage.named_by(await self._evidence.read(), kind, named)
