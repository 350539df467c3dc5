"""How a lead is looked at: why, the record that it is about, what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.panes.subjects import StoredRecord
from tui.widgets.record_view import Links, Subject, View

if TYPE_CHECKING:
    from storage import Lead
    from tui.documents import Document
    from tui.lead_documents import EvidenceSource
    from tui.memory import Memory

_NOTHING = "This lead is about no single record."


class LeadSubject:
    """One lead.

    Args:
        memory: What it is about.
        lead: The lead.
    """

    def __init__(self, memory: Memory, lead: Lead) -> None:
        self._memory = memory
        self._lead = lead

    def subject(self) -> Subject:
        """Say how it is looked at."""
        from tui.lead_documents import COLUMNS

        views = (View("Lead", self.lead), View("Record", self.fields))
        links = Links(COLUMNS, self.evidence, _NOTHING)
        return Subject(self.title, views, self.record, links)

    def title(self) -> str:
        """Name what it is about."""
        return "" if self._lead.about is None else self._lead.about.record_id

    async def lead(self, _limit: int) -> Document:
        """Explain it."""
        from tui.lead_documents import lead_document

        return lead_document(self._lead)

    async def evidence(self) -> EvidenceSource:
        """List what it rests on."""
        from tui.lead_documents import evidence_source

        return await evidence_source(self._memory, self._lead)

    async def record(self) -> dict[str, Any]:
        """Give the record that Enter goes to.

        Raises:
            LookupError: It is gone, or there is none.
        """
        return await (await self._stored()).record()

    async def fields(self, limit: int) -> Document:
        """Show the record that Enter goes to."""
        return await (await self._stored()).fields(limit)

    async def _stored(self) -> StoredRecord:
        from tui.lead_documents import evidence_of

        for each in evidence_of(self._lead)[:1]:
            found = await self._memory.store.locate(each.kind, [each.record_id])
            for place in found.values():
                return StoredRecord(self._memory, (place.kind, place.key), None)
        raise LookupError(_NOTHING)
