"""A change or a run of archiving as a record to read: what it did, and to which records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui.moments import short_time
from tui.panes.record_links import LINK_COLUMNS, RecordLinks, links_to, places_of
from tui.panes.transactions import sizes
from tui.sources import summaries
from tui.widgets.record_view import Links, Subject, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage import ArchiveRun, Place, TransactionSummary
    from tui.documents import Document
    from tui.memory import Memory

_ENTRIES: Final = 50
_SHOWN: Final = 300
_NOTHING: Final = "There is no record here to go to."


class ChangeRecord:
    """One change, read from the store when it is looked at.

    Args:
        memory: Where it is.
        number: Its number.
    """

    def __init__(self, memory: Memory, number: int) -> None:
        self._memory = memory
        self._number = number
        self._summary: TransactionSummary | None = None

    def subject(self) -> Subject:
        """Say how it is looked at."""
        views = (View("Change", self.document), View("Preview", self.preview))
        links = Links(LINK_COLUMNS, self.records, _NOTHING, "Records")
        return Subject(self.title, views, self.entries, links)

    def title(self) -> str:
        """Name it by when it was made."""
        return "" if self._summary is None else f"change of {short_time(self._summary['at'])}"

    async def summary(self) -> TransactionSummary:
        """Give it in short.

        Raises:
            LookupError: It is gone.
        """
        [told] = await self._memory.store.history.get_transactions([self._number])
        if told is None:
            raise LookupError("It is no longer in the journal.")
        self._summary = told
        return told

    async def entries(self) -> list[Any]:
        """Give the first of its journal entries, without what was worked out from others."""
        return list((await self._with_entries(_ENTRIES))["entries"])

    async def told(self) -> Mapping[str, Any]:
        """Give all that it did."""
        return await self._with_entries(None)

    async def _with_entries(self, limit: int | None) -> Mapping[str, Any]:
        summary = await self.summary()
        found = await self._memory.store.history.get_entries(self._number, limit)
        entries = [
            {name: value for name, value in each.items() if name != "changes"} for each in found
        ]
        return {**summary, "entries": entries}

    async def places(self) -> list[Place]:
        """Say where the records that it changed stand now."""
        return places_of(await links_to(self._memory, await self._named(None)))

    async def document(self, _limit: int) -> Document:
        """Show what it changed, old and new."""
        from tui.history_documents import transaction_document

        told = await self.summary()
        entries = await self._memory.store.history.get_entries(self._number, _ENTRIES)
        return transaction_document(told, entries)

    async def preview(self, _limit: int) -> Document:
        """Show what taking it back would do."""
        from tui.documents import Document
        from tui.history_documents import preview_lines

        told = await self.summary()
        preview = await self._memory.store.history.preview_undo(told["transaction_id"])
        return Document(preview_lines(preview))

    async def records(self) -> RecordLinks:
        """Give the records that it changed, as links."""
        named = (await self._named(_ENTRIES))[:_SHOWN]
        left = (await self.summary())["records"] - len(named)
        return RecordLinks(self._memory.store, await links_to(self._memory, named), left)

    async def _named(self, limit: int | None) -> list[tuple[str, str]]:
        entries = await self._memory.store.history.get_entries(self._number, limit)
        return [(entry["kind"], each) for entry in entries for each in entry["record_ids"]]


class RunRecord:
    """One run of archiving, with what came out of it.

    Args:
        memory: Where it is.
        run: The run.
    """

    def __init__(self, memory: Memory, run: ArchiveRun) -> None:
        self._memory = memory
        self._run = run

    def subject(self) -> Subject:
        """Say how it is looked at."""
        views = (View("In and out", self.document), View("Preview", self.preview))
        links = Links(LINK_COLUMNS, self.records, _NOTHING, "Records")
        return Subject(self.title, views, self.product, links)

    def title(self) -> str:
        """Name it by its size and time."""
        return f"run of {short_time(self._run.ended)}, {sizes(self._run)}"

    async def document(self, _limit: int) -> Document:
        """Show what went in beside what came out."""
        from tui.history_documents import run_document

        members = await self._memory.store.history.get_run_members(self._run, _SHOWN)
        keys = [(f"archived_{each.kind}", (0, each.key)) for each in members]
        rows = [row for row in await summaries(self._memory.store, keys) if row is not None]
        return run_document(self._run, rows, await self.product())

    async def told(self) -> Mapping[str, Any]:
        """Give it, and the records that are in the archive still."""
        members = await self._memory.store.history.get_run_members(self._run, None)
        run = self._run
        return {
            "reason": run.reason,
            "target": run.target,
            "began": run.began,
            "ended": run.ended,
            "interactions": run.interactions,
            "patterns": run.patterns,
            "record_ids": [each.record_id for each in members],
        }

    async def places(self) -> list[Place]:
        """Say where the records that left in it stand now."""
        return places_of(await links_to(self._memory, await self._named(None)))

    async def preview(self, _limit: int) -> Document:
        """Show what restoring it would bring back."""
        from tui.documents import Document
        from tui.history_documents import run_preview_lines

        members = await self._memory.store.history.get_run_members(self._run, _SHOWN)
        return Document(run_preview_lines(self._run, members))

    async def product(self) -> Any:
        """Give the record that came out, live or archived, or None."""
        target = self._run.target
        if not isinstance(target, str):
            return None
        store = self._memory.store
        place = (await store.locate("pattern", [target])).get(target)
        if place is None:
            return None
        [record] = await store.get_records(place.kind, [place.key])
        return record

    async def records(self) -> RecordLinks:
        """Give what came out, then what went in, as links."""
        target = self._run.target
        product = [("pattern", target)] if isinstance(target, str) else []
        named = await self._named(_SHOWN)
        links = await links_to(self._memory, [*product, *named])
        return RecordLinks(self._memory.store, links, self._run.count - len(named))

    async def _named(self, limit: int | None) -> list[tuple[str, str]]:
        members = await self._memory.store.history.get_run_members(self._run, limit)
        return [(each.kind, each.record_id) for each in members]
