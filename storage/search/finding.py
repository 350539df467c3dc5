"""Searching from end to end: the index proposes, the database has the last word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from storage.database import Database
from storage.embedders import Embedder
from storage.errors import IndexUnavailableError, RecordNotFoundError, ValidationError
from storage.kinds import INTERACTION, PATTERN, STATE, Kind
from storage.moments import parse_moment
from storage.search import answers, duplicates, scanning, tagging
from storage.search.documents import TABLES, Source
from storage.search.index import SearchIndex
from storage.search.query import Query, filters_of, parse_query
from storage.search.reading import places_of, read_sources
from storage.search.recent import Recent
from storage.search.results import By, DuplicateGroup, IndexStatus, SearchHit, State
from storage.search.searcher import Found, Searcher
from storage.search.shown import read_shown
from storage.view import View

T = TypeVar("T")

_ROUNDS: Final = 4
_COMPARED_AT_ONCE: Final = 200
# More than an index can hold, so that no multiple of it is a number too large for SQLite.
_MOST: Final = 2**31
_BY: Final = ("both", "words", "meaning")
_KINDS: Final = {kind.name: kind for kind in (INTERACTION, PATTERN)}
_LIKE: Final = {**_KINDS, "entity": STATE}
_SCANNED: Final = (
    f"There is no index, so only the newest {scanning.ROWS:,} rows of each table were searched,"
    " by their words."
)


Scan = Callable[[View, int], list[Found]]
"""Finds at most so many without an index."""


class Propose(Protocol):
    """Asks an index for what may be an answer."""

    def __call__(self, reading: Searcher, count: int) -> list[Found]:
        """Return `count` candidates at most, best first."""
        ...


class Finder:
    """Searches one open database.

    Args:
        database: The database.
        embedder: What makes vectors; None for the default.
        index_path: Where to keep the index; None for the default.
    """

    def __init__(
        self, database: Database, embedder: Embedder | None, index_path: Path | None
    ) -> None:
        self.index = SearchIndex(database, embedder, index_path)
        self._recent = Recent()
        self._database = database

    async def close(self) -> None:
        """Close the index."""
        await self.index.close()

    async def search(self, typed: str, limit: int, by: By, **filters: Any) -> list[SearchHit]:
        """Return the best hits for a question.

        Raises:
            ValidationError: The question is no string, or another argument makes no sense.
        """
        asked, count = _asked(_read(typed), filters), _count(limit)
        if by not in _BY:
            raise ValidationError(f"by must be one of {', '.join(_BY)}.", field="by")
        await self._open()
        query = await self._resolved(asked)
        # Without vectors to compare it with, that of the question would be asked for in vain.
        file = self.index.file
        has_vectors = file is not None and file.has_vectors and by != "words"
        embedder = self.index.embedder if has_vectors else None
        vector = await self.index.asker.vector(query, embedder)

        def propose(reading: Searcher, count: int) -> list[Found]:
            asked = vector()
            if by == "meaning" and asked is not None:
                return reading.nearest(asked, query, count)
            return reading.rank(query, asked, count)

        return await self._hits(query, count, propose)

    async def typeahead(self, typed: str, limit: int, **filters: Any) -> list[SearchHit]:
        """Return the newest hits that hold every term of what is typed so far.

        Raises:
            ValidationError: An argument beside the question makes no sense.
        """
        asked, most = _asked(_read(typed, is_typing=True), filters), _count(limit)
        query = await self._resolved(asked)

        def scan(view: View, count: int) -> list[Found]:
            needed = tuple(replace(each, required=True) for each in query.telling)
            return scanning.scan(view, replace(query, terms=needed), count)

        return await self._hits(
            query, most, lambda reading, count: reading.typeahead(query, count), scan
        )

    async def similar(
        self, record_id: str, kind: str | None, limit: int, **filters: Any
    ) -> list[SearchHit]:
        """Return what is nearest in meaning to a record.

        Raises:
            RecordNotFoundError: No record has the id.
            ValidationError: Another argument makes no sense.
        """
        asked, most = _asked(Query(), filters), _count(limit)
        wanted = list(_LIKE.values()) if kind is None else [_kind(kind, _LIKE)]

        def locate(view: View) -> list[tuple[int, int]]:
            return [
                place for each in wanted for place in sorted(places_of(view, each, [record_id]))
            ]

        places = await self._database.read(locate)
        if not places:
            raise RecordNotFoundError(f"No record has the id {record_id}.")
        query = await self._resolved(asked)
        table, number = places[0]
        return await self._hits(
            query,
            most,
            lambda reading, count: reading.similar(table, number, query, count),
            # Without an index nothing is known of meaning.
            lambda _view, _count: [],
        )

    async def catch_up(self) -> None:
        """Bring the index up to date, where there can be one."""
        try:
            await self.index.catch_up()
        except IndexUnavailableError as error:
            self.index.trouble["index"] = str(error)
        else:
            self.index.trouble.pop("index", None)

    async def _resolved(self, query: Query) -> Query:
        if not tagging.has_tags(query.filters):
            return query
        return await self._database.read(lambda view: tagging.resolved(view, query))

    async def _open(self) -> None:
        try:
            await self.index.open()
        except IndexUnavailableError as error:
            self.index.trouble["index"] = f"{error} {_SCANNED}"

    async def _hits(
        self, query: Query, limit: int, propose: Propose, scan: Scan | None = None
    ) -> list[SearchHit]:
        def check(view: View, found: list[Found]) -> answers.Answer:
            return answers.answer(view, found, query, limit, self._recent.read)

        def look(view: View, most: int) -> answers.Answer:
            found = scan(view, most) if scan else scanning.scan(view, query, most)
            # Others may be reading at the same time.
            return answers.answer(view, found, query, limit, read_shown)

        count = limit
        for _ in range(_ROUNDS):
            try:
                answer = await self.index.search(partial(propose, count=count), check)
            except IndexUnavailableError as error:
                self.index.trouble["index"] = f"{error} {_SCANNED}"
                answer = await self._database.read(partial(look, most=count))
            self.index.note_stale(answer.stale)
            if len(answer.hits) == limit or answer.looked_at < count:
                break
            count *= 4
        return answer.hits

    async def status(self, *, is_followed: bool) -> IndexStatus:
        """Return how far the index is."""
        await self._open()
        file, progress, embedder = self.index.file, self.index.progress, self.index.embedder
        state: State = "off"
        if file is not None:
            if await self.index.is_caught_up():
                state = "ready"
            elif not is_followed and not self.index.is_busy:
                state = "paused"
            else:
                state = "catching_up" if progress.is_complete else "building"
        has_vectors = file is not None and file.has_vectors and embedder is not None
        return IndexStatus(
            state=state,
            done=progress.done,
            total=progress.total,
            path=file.path if file else None,
            size=file.size if file else 0,
            embedder=embedder.name if has_vectors and embedder else None,
            sends_text_to=getattr(embedder, "sends_text_to", ""),
            missing=self.index.missing(),
        )

    async def duplicates(self, kind: str, threshold: float) -> list[DuplicateGroup]:
        """Return groups of live records of a kind that say nearly the same."""
        tables = {TABLES.index(name) for name in _kind(kind).tables}
        ask = partial(self.index.search, partial(Searcher.all_vectors, tables=tables), _unchecked)
        try:
            held, vectors = await ask()
        except IndexUnavailableError:
            # It was damaged, and is made anew.
            await self.index.catch_up()
            held, vectors = await ask()
        members: list[_Member] = []
        for start in range(0, len(held), _COMPARED_AT_ONCE):
            part = held[start : start + _COMPARED_AT_ONCE]
            members += await self._database.read(partial(_members, held=part, first=start))
        # The first of a group is the one to keep: the most confident, most frequent, oldest.
        members.sort(key=attrgetter("preference"))
        vectors = vectors[[member.number for member in members]]
        found = await asyncio.to_thread(duplicates.groups, vectors, threshold)
        return [
            DuplicateGroup(kind, tuple(members[each].record_id for each in group), similarity)
            for group, similarity in found
        ]


def _unchecked(_view: View, found: T) -> T:
    return found


def _read(typed: str, *, is_typing: bool = False) -> Query:
    if not isinstance(typed, str):
        raise ValidationError(f"query must be a string, not {type(typed).__name__}.", field="query")
    return parse_query(typed, is_typing=is_typing)


def _asked(query: Query, filters: Mapping[str, Any]) -> Query:
    given = {name: value for name, value in filters.items() if value is not None}
    return replace(query, filters=query.filters.both(filters_of(**given))) if given else query


def _count(limit: Any) -> int:
    # All of a memory are no answer, so that None is none.
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValidationError("limit must be an integer of at least 1.", field="limit")
    return min(int(limit), _MOST)


def _kind(name: str, known: Mapping[str, Kind] = _KINDS) -> Kind:
    try:
        return known[name]
    except (KeyError, TypeError):
        raise ValidationError(f"kind must be one of {', '.join(known)}.", field="kind") from None


class _Member(NamedTuple):
    """A record that may have duplicates.

    Attributes:
        number: Of its vector.
        record_id: Its public id.
        preference: Less of those that should rather be kept.
    """

    number: int
    record_id: str
    preference: tuple[float, float, int]


def _members(view: View, held: Sequence[tuple[Source, bytes]], first: int) -> list[_Member]:
    """Return those of some documents whose rows are as the index has read them."""
    documents = read_sources(view, (source for source, _ in held))
    return [
        _Member(number, document.record_id, _preference(document.record))
        for number, (source, digest) in enumerate(held, first)
        if (document := documents.get(source)) is not None and document.digest == digest
    ]


def _preference(record: Any) -> tuple[float, float, int]:
    return (
        -_number(record.get("confidence")),
        -_number(record.get("frequency")),
        parse_moment(record.get("timestamp") or record.get("created_at")),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and value == value else 0.0
