"""HealthReader: how a memory is, as far as it is read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from storage import fields, health, overview, repair, repairing, statistics
from storage.database import Database
from storage.records import Record

if TYPE_CHECKING:
    from storage.leads.model import Lead, LeadProgress


class HealthReader:
    """What is broken or suspicious in an open memory, and how much there is of what."""

    _database: Database

    async def check_health(
        self, resume: health.HealthProgress | None = None
    ) -> AsyncIterator[health.HealthProgress | health.HealthFinding]:
        """Scan every JSON field, live and archived, the references and the file itself.

        Args:
            resume: What an interrupted scan told last, to go on from there.
        """
        if resume is not None:
            fields.check_class("resume", resume, health.HealthProgress)
        async for each in health.check(self._database.read, resume):
            yield each

    async def find_leads(self) -> AsyncIterator[Lead | LeadProgress]:
        """Follow general rules to what is suspicious; what is left out is a progress' `limit`."""
        from storage.leads.finding import find

        async for each in find(self._database.read):
            yield each

    async def read_field(self, finding: health.HealthFinding) -> bytes | None:
        """Return the bytes of a finding's field as they are now, or None where it is gone."""
        return await self._database.read(lambda view: repairing.read_field(view, finding))

    async def are_broken(self, findings: Iterable[health.HealthFinding]) -> list[bool | None]:
        """Say of each finding whether its field still is broken; None where its row is gone."""
        looked_at = fields.check_classes("findings", findings, health.HealthFinding)
        return await self._database.read(
            lambda view: [repairing.is_broken(view, each) for each in looked_at]
        )

    async def propose_repair(self, finding: health.HealthFinding) -> repair.Repair:
        """Propose what the field of a finding may have said; it may take a few seconds.

        Nothing is changed. Where there is nothing to propose, `why_not` says why.
        """
        raw = await self.read_field(finding) or b""
        return await asyncio.to_thread(repairing.proposal, finding, raw)

    async def get_file_size(self) -> Record:
        """Return the `bytes` of the file, its `wal_bytes`, and what else `file_size` tells of it.

        Of `free_bytes` VACUUM gives back at least as many.
        """
        return await self._database.read(
            lambda view: statistics.file_size(view, self._database.place)
        )

    async def get_overview(self) -> Record:
        """Return `counts` by kind, pattern `types`, archive `reasons`, and the `file`.

        What cannot be counted because a table is damaged is None.
        """
        return await self._database.read(
            lambda view: overview.at_a_glance(view, self._database.place)
        )

    async def get_activity(self, zone: tzinfo | None = None) -> AsyncIterator[overview.Activity]:
        """Count interactions by day, in parts to be added up.

        Args:
            zone: Whose days; those of this machine if None.
        """
        if zone is not None:
            fields.check_class("zone", zone, tzinfo)
        async for part in overview.activity(self._database.read, zone):
            yield part

    async def get_newest_between(self, first: date, end: date) -> str | None:
        """Return the id of the newest live interaction from `first` to before `end`, or None."""
        fields.check_class("first", first, date)
        fields.check_class("end", end, date)
        return await self._database.read(lambda view: overview.newest_between(view, first, end))

    async def get_statistics(self) -> Record:
        """Return rows and bytes per table, the size of the file, and the growth."""
        return await self._database.read(
            lambda view: statistics.collect(view, self._database.place)
        )
