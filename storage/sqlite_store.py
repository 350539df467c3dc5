"""SQLiteStore: what an agent imports, and what the program shows. Every change is a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from storage import (
    archive,
    fields,
    interactions,
    maintenance,
    merging,
    notes,
    patterns,
    repairing,
    world_states,
)
from storage.database import Database
from storage.findings import HealthFinding
from storage.kinds import INTERACTION, PATTERN
from storage.moments import Time
from storage.records import Record
from storage.repair import Repair
from storage.undoing_store import UndoingStore

_BATCH = 1000


class SQLiteStore(UndoingStore):
    """An agent's memory in one SQLite file.

    Use it as `async with SQLiteStore(path) as store`, or call `initialize()` and `close()`. Any
    number of tasks may share one store. Arguments are never changed; records are plain dicts.

    Args:
        db_path: The file. It is made where it is missing.
        read_only: Open without changing the file in any way.
        migrate: Whether an older file may be brought up to date, after a backup beside it.
        actor: Who makes the changes, for the journal.
        busy_timeout: Seconds to wait for a lock that another process holds.
    """

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that it was opened in and has to be used in; None while it is closed."""
        return self._database.loop

    @property
    def database(self) -> Database:
        """The open file, for what `storage` does with a store from outside of this class."""
        return self._database

    # Interactions.

    async def add_interaction(self, data: Mapping[str, Any]) -> str:
        """Add one interaction and return its `interaction_id`.

        Keys without a column go into `metadata`; a missing id and time are made.

        Raises:
            ValidationError: A field holds what it cannot; the error names it.
            RecordExistsError: A live interaction has the id.
        """
        added = await self._database.change(lambda tx: interactions.add_many(tx, [data]))
        return added[0]

    async def add_interactions(self, data: Iterable[Mapping[str, Any]]) -> list[str]:
        """Add many in one transaction, a batch at a time, and return their ids in order."""
        ids: list[str] = []
        source = iter(fields.check_records("data", data))
        async with self.transaction():
            while batch := list(islice(source, _BATCH)):
                ids += await self._database.change(partial(interactions.add_many, batch=batch))
        return ids

    async def update_interaction(self, interaction_id: str, /, **changes: Any) -> None:
        """Change fields of one interaction; a field that stays as it reads keeps its bytes.

        Raises:
            RecordNotFoundError: No live interaction has the id.
            ValidationError: A field holds what it cannot, or cannot be changed.
        """
        await self._database.change(lambda tx: interactions.update(tx, interaction_id, changes))

    # Patterns.

    async def add_pattern(self, data: Mapping[str, Any]) -> str:
        """Add one pattern and return its id.

        Raises:
            ValidationError: A field holds what it cannot; the error names it.
            RecordExistsError: A live pattern has the id.
        """
        added = await self._database.change(lambda tx: patterns.add_many(tx, [data]))
        return added[0]

    async def add_patterns(self, data: Iterable[Mapping[str, Any]]) -> list[str]:
        """Add many in one transaction and return their ids in order."""
        batch = list(fields.check_records("data", data))
        return await self._database.change(lambda tx: patterns.add_many(tx, batch))

    async def update_pattern(self, pattern_id: str, /, **changes: Any) -> None:
        """Change fields of one pattern; a field that stays as it reads keeps its bytes.

        Raises:
            RecordNotFoundError: No live pattern has the id.
            ValidationError: A field holds what it cannot, or cannot be changed.
        """
        await self._database.change(lambda tx: patterns.update(tx, pattern_id, changes))

    async def update_pattern_confidence(self, pattern_id: str, confidence: float) -> None:
        """Set the confidence of one pattern, from 0 to 1."""
        await self.update_pattern(pattern_id, confidence=confidence)

    async def merge_patterns(self, keep: str, others: Sequence[str]) -> Record:
        """Merge patterns into one: evidence united, frequencies added, the others archived.

        They are archived with the reason `duplicate`, in one transaction, which can be undone.

        Args:
            keep: The pattern that stays.
            others: Those that say the same.

        Returns:
            The pattern that stays, as it is then.

        Raises:
            RecordNotFoundError: One of them is not there.
            ValidationError: The evidence of one cannot be read, or an id stands there twice.
        """
        ids = fields.check_ids("others", others)
        return await self._database.change(lambda tx: merging.merge(tx, keep, ids))

    async def preview_merge(self, keep: str, others: Sequence[str]) -> Record:
        """Return the pattern that would stay as `merge_patterns()` would leave it.

        Raises:
            RecordNotFoundError: As for `merge_patterns()`.
            ValidationError: As for `merge_patterns()`.
        """
        ids = fields.check_ids("others", others)
        return await self._database.read(lambda view: merging.preview(view, keep, ids))

    # The archive.

    async def archive_interactions(
        self,
        interaction_ids: Iterable[str],
        reason: str,
        consolidated_to: str | None = None,
        *,
        archived_at: Time | None = None,
    ) -> int:
        """Move interactions into the archive and return how many there were.

        Args:
            interaction_ids: Those that are not live are not counted.
            reason: Why.
            consolidated_to: The pattern that they became, if any.
            archived_at: When; now if it is None.

        Raises:
            ValidationError: The reason is blank, or another argument is not what it should be.
        """
        ids = fields.check_ids("interaction_ids", interaction_ids)
        return await self._database.change(
            lambda tx: archive.archive(tx, INTERACTION, ids, reason, consolidated_to, archived_at)
        )

    async def archive_old_interactions(self, before_date: Time, reason: str) -> int:
        """Archive all interactions strictly before a time; unreadable times are left alone.

        Raises:
            ValidationError: The reason is blank, or the time cannot be read.
        """
        return await self._database.change(
            lambda tx: archive.archive_before(tx, before_date, reason)
        )

    async def archive_patterns(
        self,
        pattern_ids: Iterable[str],
        reason: str,
        promoted_to: str | None = None,
        *,
        archived_at: Time | None = None,
    ) -> int:
        """Move patterns into the archive and return how many there were.

        Args:
            pattern_ids: Those that are not live are not counted.
            reason: Why.
            promoted_to: The pattern that they became, if any.
            archived_at: When; now if it is None.

        Raises:
            ValidationError: As for `archive_interactions()`.
        """
        ids = fields.check_ids("pattern_ids", pattern_ids)
        return await self._database.change(
            lambda tx: archive.archive(tx, PATTERN, ids, reason, promoted_to, archived_at)
        )

    async def restore_interactions(self, interaction_ids: Iterable[str]) -> int:
        """Give archived interactions back exactly as they were; return how many there were.

        Ids that are not in the archive are not counted; of several rows of one the newest comes.

        Raises:
            RecordExistsError: A live interaction has one of the ids.
            RestoreError: An archive row is corrupt or no longer fits.
        """
        ids = fields.check_ids("interaction_ids", interaction_ids)
        return await self._database.change(lambda tx: archive.restore(tx, INTERACTION, ids))

    async def restore_patterns(self, pattern_ids: Iterable[str]) -> int:
        """Give archived patterns back exactly as they were; return how many there were.

        Raises:
            RecordExistsError: As for `restore_interactions()`.
            RestoreError: As for `restore_interactions()`.
        """
        ids = fields.check_ids("pattern_ids", pattern_ids)
        return await self._database.change(lambda tx: archive.restore(tx, PATTERN, ids))

    # The world model.

    async def add_world_model_state(self, state: Mapping[str, Any]) -> str:
        """Add or update the state of a domain and session, keep a snapshot, return the id.

        `trigger_event` and `snapshot_time` (also of the change) are those of the snapshot. A
        snapshot that was read, of this memory or another, can be given as it is, or with None as
        its `snapshot_time` to be believed again from now on.
        """
        return await self._database.change(lambda tx: world_states.add(tx, state))

    # Notes.

    async def set_note(
        self, kind: str, record_id: str, *, tags: list[str] | None = None, text: str | None = None
    ) -> None:
        """Put tags, a text, or both on a record; what is None stays as it is.

        Kinds are interaction, pattern, world_model_state and snapshot, also for what is archived.

        Raises:
            ValidationError: There is no such kind, or a tag is not a string.
        """
        await self._database.change(lambda tx: notes.put(tx, kind, record_id, tags, text))

    async def add_notes(
        self,
        kind: str,
        record_ids: Iterable[str],
        *,
        add_tags: Iterable[str] = (),
        remove_tags: Iterable[str] = (),
        text: str = "",
    ) -> int:
        """Add tags and a text to what many records have already, and take tags off them.

        Args:
            kind: As for `set_note()`.
            record_ids: The records.
            add_tags: Come behind the tags that are there.
            remove_tags: Go, where they are there.
            text: Comes in a line of its own behind the text that is there, if it is not in it.

        Returns:
            How many notes are other than before.

        Raises:
            ValidationError: There is no such kind, or a tag is not a string.
        """
        ids = fields.check_ids("record_ids", record_ids)
        more = notes.Addition(add_tags, remove_tags, text)
        return await self._database.change(lambda tx: notes.add(tx, kind, ids, more))

    # Health and upkeep.

    async def repair_field(self, finding: HealthFinding, repair: Repair) -> None:
        """Write a proposal into the field of a finding; the row as it was is archived `corrupt`.

        Raises:
            FieldChangedError: The field is no longer what the proposal was made for.
            ValidationError: There is nothing proposed, or the field cannot be repaired.
        """
        await self._database.change(lambda tx: repairing.repair_field(tx, finding, repair))

    async def archive_found(self, findings: Iterable[HealthFinding], reason: str) -> int:
        """Archive the records that findings speak of, and return how many were still broken.

        Raises:
            ValidationError: One of them cannot be archived, or the reason is blank.
        """
        return await self._database.change(lambda tx: repairing.archive_found(tx, findings, reason))

    async def vacuum_database(self) -> int:
        """Give free space back to the file system; return how many bytes the file lost."""
        place = self._database.place
        return await self._database.maintain(lambda raw: maintenance.vacuum(raw, place))
