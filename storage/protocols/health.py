"""How a memory is: what is suspicious or broken in it, how much there is, and upkeep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from storage.health import HealthFinding, HealthProgress
    from storage.leads.model import Lead, LeadProgress
    from storage.overview import Activity
    from storage.records import Record
    from storage.repair import Repair


class Overview(Protocol):
    """A memory at a glance."""

    async def get_overview(self) -> Record:
        """Return `counts` by kind, pattern `types`, archive `reasons`, and the `file`.

        What cannot be counted because a table is damaged is None.
        """

    def get_activity(self, zone: tzinfo | None = None) -> AsyncIterator[Activity]:
        """Count interactions by the days of a zone, or this machine's, in parts to be added up."""

    async def get_newest_between(self, first: date, end: date) -> str | None:
        """Return the id of the newest live interaction from `first` to before `end`, or None."""

    def find_leads(self) -> AsyncIterator[Lead | LeadProgress]:
        """Follow general rules to what is suspicious; what is left out is a progress' `limit`."""

    async def get_file_size(self) -> Record:
        """Return `bytes`, and `free_bytes` that `vacuum_database()` would win, and more of it."""


class Health(Protocol):
    """What is broken in a memory, and mending it."""

    def check_health(
        self, resume: HealthProgress | None = None
    ) -> AsyncIterator[HealthProgress | HealthFinding]:
        """Scan everything; yields findings as they are met, and progress in between."""

    async def read_field(self, finding: HealthFinding) -> bytes | None:
        """Return the bytes of a finding's field as they are now, or None where it is gone."""

    async def are_broken(self, findings: Iterable[HealthFinding]) -> list[bool | None]:
        """Say of each finding whether its field still is broken; None where its row is gone."""

    async def propose_repair(self, finding: HealthFinding) -> Repair:
        """Propose what the field of a finding may have said; nothing is changed."""

    async def repair_field(self, finding: HealthFinding, repair: Repair) -> None:
        """Write a proposal into the field of a finding; the row as it was is archived `corrupt`.

        Raises:
            FieldChangedError: The field is no longer what the proposal was made for.
        """

    async def archive_found(self, findings: Iterable[HealthFinding], reason: str) -> int:
        """Archive the records that findings speak of, and return how many were still broken."""

    async def vacuum_database(self) -> int:
        """Give free space back; return how many bytes that was."""
