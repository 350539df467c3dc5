"""What a lead is, and what the rules share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from storage.view import View

Run = Callable[[Callable[[View], Any]], Awaitable[Any]]
"""Runs a function on a reader and gives what it returns; one step of the work."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record that a lead rests on.

    Attributes:
        kind: interaction, pattern, world_model_state or snapshot; live or archived.
        record_id: Its public id.
        note: What it has to do with the lead, in a few words.
    """

    kind: str
    record_id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lead:
    """A suspicion.

    Attributes:
        rule: Name of the rule that found it: one of `RULES`, or `alike`, which needs an index.
        title: What is suspected, in one line.
        why: The figures that it rests on, in sentences.
        advice: What to do about it.
        about: The record that it is about, or None where it is about the file.
        evidence: Where to look, the most telling record first.
        weight: How much it matters, from 0 to 1.
        lost: An archived record that was perhaps archived wrongly, so that it can be restored.
    """

    rule: str
    title: str
    why: str
    advice: str
    about: Evidence | None
    evidence: tuple[Evidence, ...] = ()
    weight: float = 0.5
    lost: Evidence | None = None


@dataclass(frozen=True, slots=True)
class LeadProgress:
    """How far the search for leads is.

    Attributes:
        done: Rules that were followed to their end.
        total: Rules that there are.
        rule: The one that is followed now; empty at the end.
        limit: What that rule leaves out, in a sentence; empty where it looks at everything.
    """

    done: int
    total: int
    rule: str
    limit: str = ""


Found = Lead | str
"""What a rule yields: a lead, or a sentence on what it leaves out."""


def told(confidence: float) -> str:
    """Spell a confidence as `.91` or `1.00`."""
    return f"{confidence:.2f}".removeprefix("0")


def listed(ids: list[str], most: int = 3) -> str:
    """Join ids for a sentence, the first few of them."""
    shown = ", ".join(ids[:most])
    return shown if len(ids) <= most else f"{shown} and {len(ids) - most:,} more"
