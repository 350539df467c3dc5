"""How the records of a store are looked at: the views that most kinds share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from tui.sources import public_id_of
from tui.widgets.record_view import Links, Panel, Subject, View

if TYPE_CHECKING:
    from tui.documents import Document
    from tui.lineage import Lineage
    from tui.memory import Memory


class StoredRecord:
    """One record of a list, read from the store when it is looked at.

    Args:
        memory: Where it is.
        key: Its kind and key in the list.
        row: Its short row, if the list has it already.

    Attributes:
        row: Its short row, once it is known.
    """

    def __init__(self, memory: Memory, key: tuple[str, Any], row: Any | None) -> None:
        self._memory = memory
        self._key = key
        self.row = row

    @property
    def kind(self) -> str:
        """What it is."""
        return self._key[0]

    @property
    def key(self) -> Any:
        """Its key in the list."""
        return self._key[1]

    def subject(
        self, *extra: View | Panel, fields: View | None = None, beside: Panel | None = None
    ) -> Subject:
        """Say how it is looked at.

        Args:
            extra: Views that come first.
            fields: Shows the fields, where that is not done as for any record.
            beside: A view that comes after the fields.
        """
        from tui.lineage import COLUMNS, NOTHING

        own = fields or View("Fields", self.fields)
        own = own._replace(document=partial(self._with_note, own.document))
        links = Links(COLUMNS, self.lineage, NOTHING) if self.has_lineage else None
        views = (*extra, own, *([] if beside is None else [beside]), View("Raw", self.raw))
        return Subject(self.title, views, self.record, links, View("History", self.history))

    @property
    def has_lineage(self) -> bool:
        """Whether something can have been made from it, or it from something."""
        return self.kind.removeprefix("archived_") in ("interaction", "pattern")

    async def _with_note(
        self, document: Callable[[int], Awaitable[Document]], limit: int
    ) -> Document:
        """Show what a person put on the record above what it says."""
        shown = await self._with_divergence(await document(limit))
        if "tags" not in (self.row or {}):
            return shown
        from tui.notes import note_lines, note_of

        note = await note_of(self._memory.store, self.row or {}, self.kind)
        return shown._replace(lines=[*note_lines(note), *shown.lines])

    async def _with_divergence(self, shown: Document) -> Document:
        """Say of a record in a mirror that it is other than in the source, above all else."""
        mirroring = self._memory.mirroring
        if mirroring is None or not mirroring.diverged or not self.has_lineage:
            return shown
        from tui.divergences import divergence_lines

        kind = self.kind.removeprefix("archived_")
        divergence = mirroring.diverged.get((kind, await self.public_id()))
        if divergence is None:
            return shown
        lines = await divergence_lines(mirroring, divergence)
        return shown._replace(lines=[*lines, *shown.lines])

    def title(self) -> str:
        """Name it by its id."""
        return public_id_of(self.row or {})[:100]

    async def record_id(self) -> Any:
        """Give its id.

        Raises:
            LookupError: It is gone.
        """
        if self.row is None:
            self.row = (await self._memory.store.get_summaries(self.kind, [self._key[1]]))[0]
        if self.row is None:
            raise LookupError("It is no longer there.")
        return self.row["record_id"]

    async def public_id(self) -> str:
        """Give the id that it is known by, live or archived.

        Raises:
            LookupError: It is gone.
        """
        await self.record_id()
        return public_id_of(self.row or {})

    async def lineage(self) -> Lineage:
        """Give what it was made from and what became of it."""
        from tui.lineage import lineage_of

        return await lineage_of(self._memory.store, self.kind, await self.public_id())

    async def history(self, _limit: int) -> Document:
        """Show what happened to it."""
        from tui.history_documents import history_document

        kind, known_by = self.kind.removeprefix("archived_"), await self.public_id()
        if kind == "snapshot":
            # What a snapshot is one moment of.
            kind, known_by = "world_model_state", str((await self.record())["world_model_id"])
        events = await self._memory.store.history.get_record_history(kind, known_by)
        # What changed in a huge model takes longer to spell than a key press should wait.
        return await asyncio.to_thread(history_document, events)

    async def record(self) -> dict[str, Any]:
        """Give the whole record.

        Raises:
            LookupError: It is gone.
        """
        record_id = await self.record_id()
        record = await self._memory.store.get_record(self.kind, record_id, self.key)
        if record is None:
            raise LookupError("It is no longer there.")
        return record

    async def fields(self, _limit: int) -> Document:
        """Show it field by field."""
        from tui.documents import fields_document

        return fields_document(await self.record())

    async def raw(self, limit: int) -> Document:
        """Show every column as it is stored."""
        from tui.documents import raw_document

        row = await self._memory.store.get_row(self.kind, await self.record_id(), self.key)
        return raw_document(row or {}, limit)
