"""The filter `tag:`: tags stand in the database alone, so that they are never out of date."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Final

from storage import notes
from storage.search.documents import KINDS, Document
from storage.search.query import Filters, Query
from storage.view import View

# An entity has the note of its state.
_ENTITIES: Final = {"world_model_state": frozenset({"entity"})}


def has_tags(filters: Filters) -> bool:
    """Say whether a filter, or what it excludes, asks for tags."""
    return bool(filters.tags) or any(map(has_tags, filters.excluded))


def resolved(view: View, query: Query) -> Query:
    """Return a query with the records that have the tags in the place of the tags."""
    return replace(query, filters=_resolved(view, query.filters))


def _resolved(view: View, filters: Filters) -> Filters:
    if not has_tags(filters):
        return filters
    records = None
    if filters.tags:
        records = reduce(frozenset.intersection, (notes.having(view, t) for t in filters.tags))
    excluded = tuple(_resolved(view, barred) for barred in filters.excluded)
    return replace(filters, tags=(), records=records, excluded=excluded)


def kinds_noted_as(noted: str) -> frozenset[str]:
    """Return the kinds of documents whose records have their notes under a kind."""
    return frozenset(_ENTITIES.get(noted, {noted, f"archived_{noted}"}).intersection(KINDS))


def note_of(document: Document) -> tuple[str, str]:
    """Return under what a document has its note: the kind and the public id of its record."""
    return notes.noted_as(document.source.list_kind), document.record_id
