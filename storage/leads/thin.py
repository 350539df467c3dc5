"""A strong belief on thin or doubtful evidence."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from storage.leads.beliefs import MOST, Belief, beliefs
from storage.leads.model import Evidence, Found, Lead, Run, told
from storage.leads.said import Said, after, said
from storage.leads.texts import doubts, is_person, objections, quoted
from storage.view import View

RULE: Final = "thin"

_STRONG: Final = 0.8
_FEW: Final = 3
_NEXT_TURNS: Final = 5
_MOST_BELIEFS: Final = 1000
_AT_ONCE: Final = 100


async def find(run: Run) -> AsyncIterator[Found]:
    """Look at beliefs of at least .80 on at most three sources, at least half of them doubtful.

    A source is doubtful where its words are a question, hedged or ironic, or where a person
    objected to it twice over within five turns. That it is the agent's own doing counts too, but
    not alone: habits are learned from what one does.

    Hedges, irony and objections are known by English phrases (`texts.py`): what was said in another
    language is doubtful only where it ends with a question mark.
    """
    looked = 0
    async for part in beliefs(run):
        thin = [each for each in part if _is_thin(each)]
        looked += len(thin)
        for start in range(0, len(thin), _AT_ONCE):
            for lead in await run(partial(_judged, beliefs=thin[start : start + _AT_ONCE])):
                yield lead
        if looked >= _MOST_BELIEFS:
            yield f"thin evidence was looked for in {looked:,} beliefs, the newest of {MOST:,}."
            return


def _is_thin(belief: Belief) -> bool:
    few = 0 < len(belief.sources) <= _FEW
    return few and belief.confidence is not None and belief.confidence >= _STRONG


def _judged(view: View, *, beliefs: Sequence[Belief]) -> list[Lead]:
    """Read the sources of beliefs together, and judge each belief."""
    found = said(view, [each for belief in beliefs for each in _interactions(belief)])
    next_turns = after(view, found.values(), _NEXT_TURNS)
    leads = [_judge(belief, found, next_turns) for belief in beliefs]
    return [lead for lead in leads if lead]


def _interactions(belief: Belief) -> list[str]:
    """Return what may be interactions of its sources."""
    return [each.record_id for each in belief.sources if each.kind != "pattern"]


def _judge(
    belief: Belief, found: Mapping[str, Said], next_turns: Mapping[str, Sequence[Said]]
) -> Lead | None:
    ids = [each.record_id for each in belief.sources]
    strong, weak = dict[str, str](), dict[str, str]()
    for each in (found[each] for each in ids if each in found):
        reason = _doubt(each, next_turns.get(each.id, ()))
        if reason:
            strong[each.id] = reason
        elif each.role and not is_person(each.role):
            weak[each.id] = "is the agent's own doing"
    if not strong or 2 * (len(strong) + len(weak)) < len(ids):
        return None
    reasons = strong | weak
    doubtful = [f"{each} {reason}: {quoted(found[each].text)}" for each, reason in reasons.items()]
    count = len(ids)
    noun = "source" if count == 1 else "sources"
    sure = told(belief.confidence or 0)
    return Lead(
        RULE,
        f"{belief.id}: {sure} on {count} {noun}, {len(reasons)} of them doubtful",
        f"“{belief.name}” is believed with {sure}. " + ". ".join(doubtful) + ".",
        "Read the sources; archive the pattern if they do not say it.",
        Evidence("pattern", belief.id, "the belief"),
        (
            Evidence("pattern", belief.id, "the belief"),
            *(Evidence("interaction", each, reason) for each, reason in reasons.items()),
            *(
                Evidence(each.kind or "interaction", each.record_id)
                for each in belief.sources
                if each.record_id not in reasons and (each.kind or each.record_id in found)
            ),
        ),
        weight=min(0.97, 0.7 + 0.35 * (belief.confidence or 0) * len(reasons) / count),
    )


def _doubt(turn: Said, next_turns: Iterable[Said]) -> str:
    own = doubts(turn.text) if is_person(turn.role) or not turn.role else []
    for each in next_turns:
        if is_person(each.role) and len(objections(each.text)) > 1:
            return " and ".join([*own, f"is objected to right after, in {each.id}"])
    return " and ".join(own)
