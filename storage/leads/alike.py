"""Patterns that say nearly the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from storage.leads.model import Evidence, Lead, listed

if TYPE_CHECKING:
    from storage.search.results import DuplicateGroup

RULE: Final = "alike"

THRESHOLD: Final = 0.75
"""The least cosine; for short texts, as patterns are, it finds what is said in other words."""

MOST_PATTERNS: Final = 20_000
"""Every pair is looked at, so that more of them would take minutes."""

NO_INDEX: Final = "near-duplicates are looked for once the index is built."
TOO_MANY: Final = f"near-duplicates are not looked for among more than {MOST_PATTERNS:,} patterns."

_MOST_LEADS: Final = 5


def leads(groups: Sequence[DuplicateGroup]) -> list[Lead]:
    """Make leads of the groups of near-duplicates, the largest first."""
    return [_lead(group) for group in sorted(groups, key=_size, reverse=True)[:_MOST_LEADS]]


def _size(group: DuplicateGroup) -> tuple[int, float]:
    return len(group.record_ids), group.similarity


def _lead(group: DuplicateGroup) -> Lead:
    count = len(group.record_ids)
    evidence = tuple(Evidence(group.kind, each) for each in group.record_ids)
    return Lead(
        RULE,
        f"{count} {group.kind}s say nearly the same: {listed(list(group.record_ids), 2)}",
        f"Each of {listed(list(group.record_ids), 6)} is near to another in meaning (cosine of at"
        f" least {group.similarity:.2f}), so that one belief counts {count} times.",
        "Compare them; merge those that mean the same, which unites their evidence.",
        evidence[0],
        evidence,
        weight=min(0.6, 0.2 + 0.1 * count),
    )
