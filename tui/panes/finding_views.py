"""How a finding is looked at: what is wrong, what it may have said, its bytes, its record."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui.health_documents import bytes_document, finding_document
from tui.panes.mending import advice
from tui.panes.subjects import StoredRecord
from tui.toasts import report
from tui.widgets.record_view import Subject, View
from tui.work import begin

if TYPE_CHECKING:
    from storage import Repair
    from tui.broken import Found
    from tui.documents import Document
    from tui.panes.health import HealthPane

_QUIET: Final = 0.1


class FindingViews:
    """The views of the findings of a pane; what is proposed for one is looked for once.

    Args:
        pane: Where they stand.
    """

    def __init__(self, pane: HealthPane) -> None:
        self._pane = pane
        self._proposal: tuple[str, Repair] | None = None
        self._proposing = ""

    def subject(self, key: Hashable) -> Subject:
        """Show a finding, and the record that it is in."""
        found = self._pane.found(key)
        views = (
            View("Finding", partial(self._finding, key)),
            View("Bytes", partial(self._bytes, key)),
        )
        title = "" if found is None else str(found.row()["record_id"])[:100]
        if found is not None and found.place is not None:
            own = StoredRecord(self._pane.memory, found.place, None).subject(*views)
            # What says what is wrong does not read the record, which so would have no name.
            return own._replace(title=lambda: title)
        return Subject(lambda: title, views, partial(self._told, key))

    async def _told(self, key: Hashable) -> dict[str, Any]:
        found = self._pane.found(key)
        return {} if found is None else dict(found.row())

    async def _raw(self, found: Found) -> bytes | None:
        return await self._pane.memory.store.read_field(found.finding)

    async def _finding(self, key: Hashable, _limit: int) -> Document:
        found = self._pane.found(key)
        if found is None:
            raise LookupError("It is no longer among the findings.")
        raw = await self._raw(found)
        proposal = None
        if self._proposal is not None and self._proposal[0] == key:
            proposal = self._proposal[1]
        if proposal is not None and proposal.before != (raw or b""):
            proposal = None
        if proposal is None and raw is not None and self._proposing != found.mark:
            self._proposing = found.mark
            begin(self._pane, partial(self._propose, found), group="propose", exclusive=True)
        return finding_document(found, raw, proposal, advice(found, proposal))

    async def _propose(self, found: Found) -> None:
        """Look for what a field may have said, unless the cursor moves on at once."""
        try:
            await asyncio.sleep(_QUIET)
            proposal = await self._pane.memory.store.propose_repair(found.finding)
        except Exception as error:  # noqa: BLE001 - said to the person
            report(self._pane, error)
            return
        finally:
            # One that was cancelled must not speak for the one that took its place.
            if self._proposing == found.mark:
                self._proposing = ""
        self._proposal = (found.mark, proposal)
        if self._pane.table.cursor_key == found.mark:
            self._pane.look_anew()

    async def _bytes(self, key: Hashable, limit: int) -> Document:
        found = self._pane.found(key)
        raw = None if found is None else await self._raw(found)
        return bytes_document(raw, None if found is None else found.finding.offset, limit)
