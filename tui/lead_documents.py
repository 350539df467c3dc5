"""Leads as a list shows them and as the detail explains them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.documents import Document
from tui.lineage import Lineage
from tui.lines import Line
from tui.widgets.columns import Column

if TYPE_CHECKING:
    from storage import Evidence, Lead, Piece, Place
    from tui.memory import Memory
    from tui.widgets.columns import Row

RULES: Final = {
    "thin": "thin evidence",
    "rising": "drift",
    "contradicting": "contradiction",
    "buried": "maybe lost",
    "gone": "evidence gone",
    "diverged": "not as source",
    "terminal": "control codes",
    "broken": "broken",
    "alike": "duplicates",
}
"""How a person calls what a rule looks for."""


class LeadSource:
    """Leads as a table wants them, the weightiest first.

    Args:
        leads: The leads.
    """

    def __init__(self, leads: Sequence[Lead]) -> None:
        ordered = sorted(leads, key=lambda lead: (-lead.weight, lead.title))
        self._leads: dict[Hashable, Lead] = {key_of(lead): lead for lead in ordered}
        self.keys: Sequence[Hashable] = list(self._leads)

    @property
    def leads(self) -> Sequence[Lead]:
        """All leads, the weightiest first."""
        return list(self._leads.values())

    def lead(self, key: Hashable) -> Lead | None:
        """Give the lead of a key, or None."""
        return self._leads.get(key)

    def __getitem__(self, key: Hashable) -> Lead:
        """Give the lead of a key that is there."""
        return self._leads[key]

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the rows of these keys."""
        return [self._row(key) for key in keys]

    def _row(self, key: Hashable) -> dict[str, Any] | None:
        lead = self._leads.get(key)
        if lead is None:
            return None
        return {"kind": "lead", "what": RULES.get(lead.rule, lead.rule), "title": lead.title}


def key_of(lead: Lead) -> tuple[str, str]:
    """Give what a lead is known by, however its figures change."""
    return lead.rule, lead.about.record_id if lead.about is not None else lead.title


def evidence_of(lead: Lead) -> Sequence[Evidence]:
    """Give where a lead can take one, the most telling record first."""
    return lead.evidence or (() if lead.about is None else (lead.about,))


def lead_document(lead: Lead) -> Document:
    """Explain a lead: what it rests on, and what to do."""
    return Document([Line(lead.why), Line(lead.advice, role="accent")])


COLUMNS: Final = (
    Column("evidence", lambda row: row["tells"], 12, weight=2),
    Column("record", lambda row: row["record_id"], 12, weight=1, role="strong"),
    Column("state", lambda row: row["state"], 8, weight=1, needs=60),
    Column("what", lambda row: row["what"], 8, weight=4, role="dim"),
)
"""How the evidence of a lead looks in a list."""


class EvidenceSource(Lineage):
    """The records that a lead rests on, as a source of rows to follow.

    Args:
        memory: Where they are.
        pieces: The records, each with its place.
        notes: What each has to do with the lead, by its id.
    """

    def __init__(self, memory: Memory, pieces: Sequence[Piece], notes: Mapping[str, str]) -> None:
        super().__init__(memory.store, pieces)
        self._notes = notes

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the rows of pieces."""
        rows = await super().fetch(keys)
        return [
            None if row is None else {**row, "tells": self._notes.get(row["record_id"], "")}
            for row in rows
        ]


async def evidence_source(memory: Memory, lead: Lead) -> EvidenceSource:
    """Find out where the evidence of a lead stands.

    Raises:
        StorageError: It could not be read.
    """
    from storage import Piece

    evidence = list(evidence_of(lead))
    if len(evidence) > 1 and lead.about is not None and evidence[0] == lead.about:
        # What the lead is about needs no evidence of itself.
        del evidence[0]
    places: dict[tuple[str, str], Place] = {}
    for kind in dict.fromkeys(each.kind for each in evidence):
        ids = [each.record_id for each in evidence if each.kind == kind]
        for record_id, place in (await memory.store.locate(kind, ids)).items():
            places[kind, record_id] = place
    pieces = [
        Piece("source", 1, each.kind, each.record_id, places.get((each.kind, each.record_id)), ())
        for each in evidence
    ]
    return EvidenceSource(memory, pieces, {each.record_id: each.note for each in evidence})
