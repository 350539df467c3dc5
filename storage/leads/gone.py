"""A pattern whose evidence is gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from functools import partial
from itertools import chain
from typing import Final

from storage.leads.beliefs import MOST, Belief, beliefs
from storage.leads.model import Evidence, Found, Lead, Run, listed, told
from storage.orphans import absent
from storage.view import View

RULE: Final = "gone"

_MOST_LEADS: Final = 20
_GONE: Final = 0.5


async def find(run: Run) -> AsyncIterator[Found]:
    """Look for patterns of whose sources at least half are neither live nor archived."""
    leads = looked = 0
    async for part in beliefs(run):
        looked += len(part)
        for lead in await run(partial(_judge, part=part)):
            leads += 1
            yield lead
        if leads >= _MOST_LEADS:
            yield f"gone evidence: {leads} leads are enough; see the orphans in Health."
            return
    if looked >= MOST:
        yield f"gone evidence was looked for in the newest {MOST:,} patterns."


def _judge(view: View, *, part: Sequence[Belief]) -> list[Lead]:
    # What names no kind may be anything, such as a file.
    named = [
        [each.record_id for each in belief.sources if each.kind == "interaction"] for belief in part
    ]
    nowhere = absent(view, chain.from_iterable(named))
    return [
        _lead(belief, sources, gone)
        for belief, sources in zip(part, named, strict=True)
        if (gone := [each for each in sources if each in nowhere])
        and len(gone) >= _GONE * len(sources)
    ]


def _lead(belief: Belief, sources: Sequence[str], gone: list[str]) -> Lead:
    count = len(sources)
    are = "is" if len(gone) == 1 else "are"
    share = f"all {count:,}" if len(gone) == count else f"{len(gone):,} of {count:,}"
    share = "its only" if count == 1 else share
    noun = "source" if count == 1 else "sources"
    sure = "" if belief.confidence is None else f", with confidence {told(belief.confidence)}"
    left = [each for each in sources if each not in set(gone)]
    return Lead(
        RULE,
        f"{belief.id}: {share} {noun} {are} nowhere",
        f"“{belief.name}” is believed{sure}, but {listed(gone)} can be found neither among the"
        " interactions nor in the archive.",
        "Nobody can say any more why this is believed: confirm it, or archive it.",
        Evidence("pattern", belief.id, "the belief"),
        (
            Evidence("pattern", belief.id, "the belief"),
            *(Evidence("interaction", each, "a source that is left") for each in left[:20]),
        ),
        weight=0.45 + 0.3 * (belief.confidence or 0) * len(gone) / len(sources),
    )
