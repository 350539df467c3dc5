"""Searching without an index: the newest rows, by their own words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from storage.search.answers import fits
from storage.search.documents import TABLES, Document, read_documents
from storage.search.lines import line_of
from storage.search.marks import Marks
from storage.search.query import Query, Term
from storage.search.ranking import Ranked
from storage.search.searcher import Found, Indexed
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
            fitting = [document for document in documents if fits(document, query.filters)]
            scored += [
                (score, document)
                for score, document in zip(_scores(fitting, query), fitting, strict=True)
                if score is not None
            ]
            scored.sort(key=lambda each: (-each[0], -each[1].moment))
            del scored[limit:]
    return [
        (
            Ranked(float(score), None, score > 0, False, ()),
            Indexed(document.source, document.digest),
        )
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


def _scores(documents: Sequence[Document], query: Query) -> list[int | None]:
    """Return how many terms each document holds, or None where it is no answer."""
    lines = [line_of(f"{document.text} {document.more}") for document in documents]
    asked = dict.fromkeys((*query.excluded, *query.required, *query.telling))
    held = {term: Marks(lines, [term]) for term in asked}

    def score(at: int) -> int | None:
        def holds(term: Term) -> bool:
            return bool(held[term].places(at, 1))

        if any(map(holds, query.excluded)) or not all(map(holds, query.required)):
            return None
        return sum(map(holds, query.telling)) or (None if query.terms else 0)

    return [score(at) for at in range(len(documents))]
