"""Searching without an index: the newest rows, by their own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from storage.search.answers import fits
from storage.search.documents import TABLES, Document, read_documents
from storage.search.query import WORD, Query, Term
from storage.search.ranking import Ranked
from storage.search.searcher import Found
from storage.search.stems import composed
from storage.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROWS: Final = 2000
"""How many rows of a table are looked at, the newest."""
_ROWS_PER_READ: Final = 50


def scan(view: View, query: Query, limit: int) -> list[Found]:
    """Return what holds most of the words of a query, of these the newest first."""
    scored: list[tuple[int, Document]] = []
    for table in range(len(TABLES)):
        for documents in _newest(view, table):
            scored += [
                (score, document)
                for document in documents
                if fits(document, query.filters) and (score := _score(document, query)) is not None
            ]
            scored.sort(key=lambda each: (-each[0], -each[1].moment))
            del scored[limit:]
    return [
        Found(Ranked(0, float(score), None, score > 0, False, ()), document.source, document.digest)
        for score, document in scored
    ]


def _newest(view: View, table: int) -> Iterator[list[Document]]:
    """Yield the documents of the newest rows of a table, a few rows at a time."""
    below = 2**63 - 1
    for _ in range(ROWS // _ROWS_PER_READ):
        where = f"rowid < ? ORDER BY rowid DESC LIMIT {_ROWS_PER_READ}"
        documents, numbers = read_documents(view, table, where, (below,))
        yield documents
        if len(numbers) < _ROWS_PER_READ:
            return
        below = numbers[-1]


def _score(document: Document, query: Query) -> int | None:
    """Return how many terms a document holds, or None where it is no answer."""
    words = [word.lower() for word in WORD.findall(composed(f"{document.text} {document.more}"))]
    if any(_holds(words, term) for term in query.excluded):
        return None
    if not all(_holds(words, term) for term in query.required):
        return None
    score = sum(_holds(words, term) for term in query.telling)
    return score if score or not query.terms else None


def _holds(words: Sequence[str], term: Term) -> bool:
    wanted = [word.lower() for word in term.words]
    size = len(wanted)
    for at in range(len(words) - size + 1):
        part = words[at : at + size]
        if part[:-1] == wanted[:-1] and (
            part[-1].startswith(wanted[-1]) if term.prefix else part[-1] == wanted[-1]
        ):
            return True
    return False
