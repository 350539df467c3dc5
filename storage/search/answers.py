"""From what an index found to hits: each is checked against its row as it stands now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, Literal, NamedTuple

from storage.moments import UNREADABLE
from storage.search.documents import Document, Source
from storage.search.query import Filters, Query
from storage.search.results import SearchHit, Why
from storage.search.searcher import Found
from storage.search.snippets import Snippet, snippets_of
from storage.search.tagging import note_of
from storage.view import View

_LABELS: Final = {
    "actions": ("interaction", "archived_interaction"),
    "types": ("pattern", "archived_pattern"),
    "domains": ("entity",),
}


Read = Callable[[View, Sequence[Source]], dict[Source, Document]]
"""Reads the documents at some places of the database, as they are now."""


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
    documents = read(view, [each.source for each in found])
    is_filtered = query.filters != Filters()
    kept, stale = [], []
    for each in found:
        document = documents.get(each.source)
        if document is None or document.digest != each.digest:
            stale.append(each.source)
        elif not is_filtered or fits(document, query.filters):
            kept.append((each, document))
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


def _hits(checked: Sequence[tuple[Found, Document]], query: Query) -> list[SearchHit]:
    shown = snippets_of([document.text for _, document in checked], query.terms)
    # What the text does not hold may stand in the details beside it.
    beside = {
        at: document.more
        for at, (found, document) in enumerate(checked)
        if found.ranked.by_words and not shown[at].words
    }
    more = snippets_of(list(beside.values()), query.terms) if beside else []
    for at, other in zip(beside, more, strict=True):
        shown[at] = other if other.words else shown[at]
    return [
        _hit(found, document, snippet)
        for (found, document), snippet in zip(checked, shown, strict=True)
    ]


def _hit(found: Found, document: Document, snippet: Snippet) -> SearchHit:
    ranked, source, kind = found.ranked, document.source, document.kind
    nearby = tuple([term.text for term in ranked.nearby])
    # By their places, because a named tuple takes thrice as long to be made by names.
    return SearchHit(
        kind.removeprefix("archived_"),
        document.record_id,
        source.part if kind == "entity" else None,
        kind.startswith("archived"),
        _record(document),
        ranked.score,
        Why(snippet.words, nearby, ranked.similarity, _found_by(found)),
        snippet.line,
        source.list_kind,
        source.key,
    )


def _found_by(found: Found) -> Literal["words", "meaning", "both", "filters"]:
    by_words, by_meaning = found.ranked.by_words, found.ranked.by_meaning
    if by_words:
        return "both" if by_meaning else "words"
    # What is neither was found for the sum of its neighbours' meaning.
    return "filters" if found.ranked.similarity is None else "meaning"


def _record(document: Document) -> dict[str, object]:
    record = _copied(document.record)
    is_own = document.kind != "entity" or isinstance(record, dict)
    return record if is_own else {"name": document.source.part, "value": record}


def _copied(value: Any) -> Any:
    """Return JSON that the caller may change, as deep as it may be."""
    if value.__class__ is not dict and value.__class__ is not list:
        return value
    copy = value.copy()
    waiting = [copy]
    for each in waiting:
        for key, held in each.items() if each.__class__ is dict else enumerate(each):
            if held.__class__ is dict or held.__class__ is list:
                each[key] = held.copy()
                waiting.append(each[key])
    return copy
