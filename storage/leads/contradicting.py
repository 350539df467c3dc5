"""Domains of the world model that contradict each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Any, Final

from storage import world_states
from storage.contradictions import Contradiction, find_contradictions
from storage.leads.model import Evidence, Found, Lead, Run
from storage.leads.texts import quoted
from storage.view import View

RULE: Final = "contradicting"

_MOST_STATES: Final = 200
_MOST_LEADS: Final = 10
_MOST_BYTES: Final = 8_000_000


async def find(run: Run) -> AsyncIterator[Found]:
    """Compare what the active states of all domains say, as `find_contradictions` does."""
    states, is_all = await run(_states)
    if not is_all:
        yield "contradictions were looked for in a part of the domains: the others are too large."
    found = await run(partial(_compare, states=states))
    for each in found[:_MOST_LEADS]:
        yield _lead(each)
    if len(found) > _MOST_LEADS:
        yield f"{len(found) - _MOST_LEADS:,} more contradictions are not listed."


def _states(view: View) -> tuple[list[Any], bool]:
    states = world_states.active(view, None)
    small: list[Any] = []
    size = 0
    for state in states:
        size += len(str(state.get("entities"))) + len(str(state.get("relations")))
        if size > _MOST_BYTES or len(small) == _MOST_STATES:
            return small, False
        small.append(state)
    return small, True


def _compare(_: View, *, states: Sequence[Any]) -> list[Contradiction]:
    # In the thread of a reader, because comparing many entities takes a while.
    return find_contradictions(states)


def _lead(found: Contradiction) -> Lead:
    thing = found.key if isinstance(found.key, str) else " ".join(found.key)
    field = ".".join(found.path.split(".")[-1:]) if found.keys else ""
    name = f"{thing}.{field}" if field else thing
    says = [
        f"{domain} says {quoted(str(value), 40)}" if field else f"{domain} speaks of it"
        for domain, value in zip(found.domains, found.values, strict=True)
    ]
    states = [
        Evidence("world_model_state", str(claim.state_id), f"domain {claim.domain}")
        for claim in found.claims
        if claim.state_id is not None
    ]
    return Lead(
        RULE,
        f"{' and '.join(found.domains)} contradict each other on {quoted(name, 60)}",
        f"On {quoted(name, 80)}: " + "; ".join(says) + ".",
        "Look when each domain learned it, and correct the one that is wrong.",
        states[0] if states else None,
        tuple(states),
        weight=0.85,
    )
