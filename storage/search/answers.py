"""From what an index found to hits: each is checked against its row as it stands now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

from storage.moments import UNREADABLE
from storage.search.documents import Document, Source
from storage.search.lines import line_of
from storage.search.query import Filters, Query
from storage.search.ranking import Ranked
from storage.search.results import SearchHit, Why
from storage.search.searcher import Found
from storage.search.shown import Shown
from storage.search.snippets import Snippet, snippets_of
from storage.search.tagging import note_of
from storage.view import View

_LABELS: Final = {
    "actions": ("interaction", "archived_interaction"),
    "types": ("pattern", "archived_pattern"),
    "domains": ("entity",),
}


Read = Callable[[View, Sequence[Source]], Sequence[Shown | None]]
"""Reads the documents at some places of the database, as they are now; None for what is gone."""


class Answer(NamedTuple):
    """What is left of what an index found.

    Attributes:
        hits: What is still as the index has read it and fits the filters.
        stale: Places whose rows are gone or others by now.
        looked_at: How much the index has found.
    """

    hits: list[SearchHit]
    stale: list[Source]
    looked_at: int


def answer(view: View, found: Sequence[Found], query: Query, limit: int, read: Read) -> Answer:
    """Read the rows of what was found, and make hits of those that are still so.

    Args:
        view: The database.
        found: What the index found, best first.
        query: What was asked.
        limit: How many hits at most.
        read: Reads the rows.
    """
    is_filtered = query.is_filtered
    kept, stale = [], []
    rows = read(view, [indexed.source for _, indexed in found])
    for (ranked, indexed), shown in zip(found, rows, strict=True):
        if shown is None or shown.document.digest != indexed.digest:
            stale.append(indexed.source)
        elif not is_filtered or fits(shown.document, query.filters):
            kept.append((ranked, shown))
    return Answer(_hits(kept[:limit], query), stale, len(found))


def fits(document: Document, filters: Filters) -> bool:
    """Say whether a document is what the filters ask for."""
    if any(fits(document, barred) for barred in filters.excluded):
        return False
    is_archived = document.kind.startswith("archived")
    labels = (
        getattr(filters, field) is None
        or (document.kind in kinds and document.label in getattr(filters, field))
        for field, kinds in _LABELS.items()
    )
    return (
        (filters.kinds is None or document.kind in filters.kinds)
        and all(labels)
        and (filters.records is None or note_of(document) in filters.records)
        and (filters.reasons is None or (is_archived and document.reason in filters.reasons))
        and (filters.sessions is None or document.session_id in filters.sessions)
        and (filters.archived is None or is_archived == filters.archived)
        and (filters.after is None or document.moment >= filters.after)
        and (filters.before is None or UNREADABLE < document.moment < filters.before)
    )


def _hits(checked: Sequence[tuple[Ranked, Shown]], query: Query) -> list[SearchHit]:
    snippets = snippets_of([shown.line for _, shown in checked], query.terms)
    # What the text does not hold may stand in the details beside it.
    beside = {
        at: line_of(shown.document.more)
        for at, (ranked, shown) in enumerate(checked)
        if ranked.by_words and not snippets[at][0]
    }
    more = snippets_of(list(beside.values()), query.terms) if beside else []
    for at, other in zip(beside, more, strict=True):
        snippets[at] = other if other[0] else snippets[at]
    return [
        _hit(ranked, shown, snippet)
        for (ranked, shown), snippet in zip(checked, snippets, strict=True)
    ]


def _hit(ranked: Ranked, shown: Shown, snippet: Snippet) -> SearchHit:
    words, line = snippet
    nearby = tuple([term.text for term in ranked.nearby]) if ranked.nearby else ()
    # By their places, because a named tuple takes thrice as long to be made by names.
    return SearchHit(
        shown.kind,
        shown.document.record_id,
        shown.entity,
        shown.archived,
        shown.copied(),
        ranked.score,
        Why(words, nearby, ranked.similarity, _found_by(ranked)),
        line,
        shown.list_kind,
        shown.key,
    )


def _found_by(ranked: Ranked) -> Literal["words", "meaning", "both", "filters"]:
    if ranked.by_words:
        return "both" if ranked.by_meaning else "words"
    # What is neither was found for the sum of its neighbours' meaning.
    return "filters" if ranked.similarity is None else "meaning"
