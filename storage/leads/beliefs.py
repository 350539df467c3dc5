"""Live patterns as the rules look at them, read a part at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from storage.evidence import Source, read_evidence
from storage.kinds import PATTERN, public_id, tables_of
from storage.leads.model import Run
from storage.rows import Value, quote, tolerant_text
from storage.view import View

MOST: Final = 20_000
"""How many patterns are looked at, those with the highest row ids."""

_AT_ONCE: Final = 500
_MOST_SOURCES: Final = 500


@dataclass(frozen=True, slots=True)
class Belief:
    """A live pattern.

    Attributes:
        id: Its public id.
        name: Its name.
        text: Name and description.
        confidence: From 0 to 1, or None where none can be read.
        sources: The records that it says it was made from, each once, the first 500 of them.
    """

    id: str
    name: str
    text: str
    confidence: float | None
    sources: tuple[Source, ...]


async def beliefs(run: Run) -> AsyncIterator[list[Belief]]:
    """Give the live patterns, newest rows first, a few hundred a step and 20,000 in all."""
    last: int | None = None
    for _ in range(MOST // _AT_ONCE):
        part, last = await run(partial(_part, last=last))
        if part:
            yield part
        if last is None:
            return


def _part(view: View, *, last: int | None) -> tuple[list[Belief], int | None]:
    found = tables_of(view, PATTERN)
    if not found:
        return [], None
    table = found[0]
    names = ("id", "name", "description", "confidence", "metadata")
    rows = view.fetch(
        f"SELECT rowid, {', '.join(map(table.sql, names))} FROM {quote(table.name)}"
        f" WHERE rowid < ? ORDER BY rowid DESC LIMIT {_AT_ONCE}",
        (2**63 - 1 if last is None else last,),
    )
    part = [read(number, *values) for number, *values in rows]
    return part, rows[-1][0] if len(rows) == _AT_ONCE else None


def read(
    number: int, key: Value, name: Value, description: Value, confidence: Value, metadata: Value
) -> Belief:
    """Make a belief of the columns of a row."""
    words = [each for each in map(text_of, (name, description)) if each]
    return Belief(
        public_id(key, number),
        words[0] if words else public_id(key, number),
        "\n".join(words),
        confidence_of(confidence),
        sources_of(metadata),
    )


def sources_of(metadata: Value) -> tuple[Source, ...]:
    """Read what a pattern was made from in its stored metadata, the first 500 records of it."""
    return tuple(read_evidence(metadata).records()[:_MOST_SOURCES])


def confidence_of(value: Any) -> float | None:
    """Read a confidence; None where it is no number from 0 to 1."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value <= 1 else None


def text_of(value: Any) -> str:
    """Read a stored value as text; empty where it is none."""
    return tolerant_text(value) if isinstance(value, bytes) else str(value or "")
