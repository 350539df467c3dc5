"""Records of a source that a person changed here, so that both say different things."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Container, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from storage.leads.model import Evidence, Found, Lead, Run, listed

if TYPE_CHECKING:
    from storage.importers.model import Divergence
    from storage.view import View

RULE: Final = "diverged"

MOST: Final = 20_000
"""How many changed records are looked at, those that were changed last."""

_SHOWN: Final = 20


async def find(run: Run) -> AsyncIterator[Found]:
    """Look whether what was changed last, up to 20,000 records, is still as its source has it.

    It fires where a record that was taken over from a source was edited or archived since by
    anybody but the synchronisation, and is not as the import left it: synchronising leaves it
    alone, so that whoever reads the source reads something else.
    """
    found: dict[tuple[str, str], Divergence] = {}
    looked: dict[str, None] = {}
    before: int | None = None
    while True:
        part, ids, before = await run(partial(_part, before=before, but=looked.keys()))
        found |= {(each.kind, each.record_id): each for each in part}
        looked |= dict.fromkeys(ids)
        if before is None:
            break
        if len(looked) >= MOST:
            yield f"what differs from a source was looked for in the last {MOST:,} changed records."
            break
    if found:
        yield _lead(list(found.values()))


def _part(
    view: View, *, before: int | None, but: Container[str]
) -> tuple[list[Divergence], list[str], int | None]:
    from storage.importers import divergences

    ids, then = divergences.changed_last(view, before)
    fresh = [each for each in ids if each not in but]
    found = divergences.of_records(view, fresh)
    last = {record_id: place for place, record_id in enumerate(fresh)}
    return sorted(found, key=lambda each: last[each.record_id]), fresh, then


def _lead(found: Sequence[Divergence]) -> Lead:
    count = len(found)
    ids = [each.record_id for each in found]
    rest = f" and {count - 1:,} more" if count > 1 else ""
    differ = "records differ from their source" if count > 1 else "record differs from its source"
    ways = Counter(each.how for each in found)
    done = ", ".join(f"{number:,} {how}" for how, number in ways.most_common())
    names = list(dict.fromkeys(each.path.name for each in found))
    evidence = tuple(Evidence(each.kind, each.record_id, _done(each)) for each in found[:_SHOWN])
    return Lead(
        RULE,
        f"{count:,} {differ}: {ids[0]}{rest}",
        f"What came from {listed(names, 2)} was changed here since ({done}): {listed(ids, 6)}."
        " Synchronising leaves that alone, and whoever reads the source reads something else.",
        "Take back what was not meant. In a mirror = shows what the source says and how to change"
        " it there; in a shell `memglass diverged` does.",
        None,
        evidence,
        weight=0.35,
    )


def _done(each: Divergence) -> str:
    return f"{each.how} here as {each.reason}" if each.reason else f"{each.how} here"
