"""Questions that were saved, with the ranks of their answers then, and how these moved since."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast, get_args

if TYPE_CHECKING:
    from storage import SearchHit

By = Literal["both", "words", "meaning"]
WAYS: Final[tuple[By, ...]] = get_args(By)
WAY_NAMES: Final[dict[str, str]] = {
    "both": "words + meaning",
    "words": "words only",
    "meaning": "meaning only",
}

MOST: Final = 100
"""How many questions are kept, the newest."""
_RANKS: Final = 50
_TEXT: Final = 10_000
_SNIPPET: Final = 80
# Far from what a state may hold in all, whatever ids a memory has.
_MOST_CHARACTERS: Final = 1_000_000


class Identity(NamedTuple):
    """What makes an answer the same one, wherever it ranks and whether it is archived by now."""

    kind: str
    record_id: str
    entity: str | None


class SavedHit(NamedTuple):
    """An answer as it was.

    Attributes:
        identity: Which one it is.
        list_kind: The kind of list that it stood in.
        key: Its key there, as two numbers.
        snippet: What was shown of it.
    """

    identity: Identity
    list_kind: str
    key: tuple[int, int]
    snippet: str


class SavedQuery(NamedTuple):
    """A question that was saved.

    Attributes:
        text: What was asked.
        by: Whether words, meaning or both answered.
        at: When, as ISO 8601.
        hits: The answers then, best first.
    """

    text: str
    by: By
    at: str
    hits: tuple[SavedHit, ...]

    @property
    def name(self) -> tuple[str, By]:
        """What it is found again by."""
        return self.text, self.by


def saved(text: str, by: By, found: Iterable[SearchHit]) -> SavedQuery:
    """Make a question to be saved of what answers it now."""
    hits = tuple(
        SavedHit(
            identity_of(hit), hit.list_kind, (hit.key.rank, hit.key.rowid), hit.snippet[:_SNIPPET]
        )
        for hit in found
    )
    return SavedQuery(text, by, datetime.now(UTC).isoformat(timespec="seconds"), hits[:_RANKS])


def identity_of(hit: SearchHit) -> Identity:
    """Say which one an answer is."""
    return Identity(hit.kind, hit.record_id, hit.entity)


class Moves(NamedTuple):
    """How the answers moved since a question was saved.

    Attributes:
        marks: Of each answer of now: `↑2` two ranks up, `↓1` one down, `=`, or `new`; nothing where
            it stands further down than ranks were saved.
        gone: What was among the answers then and is not now.
    """

    marks: tuple[str, ...]
    gone: tuple[SavedHit, ...]

    def summary(self) -> str:
        """Say in a few words what moved."""
        counts = Counter(
            {"\u2191": "up", "\u2193": "down", "=": "same"}.get(mark[0], mark)
            for mark in self.marks
            if mark
        )
        counts["gone"] = len(self.gone)
        told = [
            f"{counts[each]:,} {each}" for each in ("up", "down", "new", "gone") if counts[each]
        ]
        return ", ".join(told) or "nothing moved"


def moved(before: SavedQuery, now: Sequence[Identity]) -> Moves:
    """Compare the answers of now with those of then.

    Args:
        before: The question as it was saved.
        now: What answers it now, best first.
    """
    then = {hit.identity: rank for rank, hit in enumerate(before.hits)}
    # Where no more were saved than can be, there may have been others below.
    known = len(now) if len(before.hits) < _RANKS else _RANKS
    marks = tuple(
        _mark(then.get(each), rank) if rank < known or each in then else ""
        for rank, each in enumerate(now)
    )
    here = set(now)
    return Moves(marks, tuple(hit for hit in before.hits if hit.identity not in here))


def _mark(before: int | None, now: int) -> str:
    if before is None:
        return "new"
    if before == now:
        return "="
    return f"\u2191{before - now}" if before > now else f"\u2193{now - before}"


# In and out of what JSON can say.


def to_values(queries: Iterable[SavedQuery]) -> list[Any]:
    """Give questions as values that JSON can say: as many as can be kept, of the newest."""
    values: list[Any] = []
    size = 0
    for q in sorted(queries, key=lambda query: query.at, reverse=True)[:MOST]:
        value = [
            q.text,
            q.by,
            q.at,
            [[*h.identity, h.list_kind, *h.key, h.snippet] for h in q.hits],
        ]
        size += len(json.dumps(value))
        if size > _MOST_CHARACTERS:
            break
        values.append(value)
    return values


def from_values(values: Iterable[Any]) -> Iterator[SavedQuery]:
    """Yield the questions that `to_values` gave; what somebody else wrote there is passed over."""
    for value in values:
        try:
            text, by, at, hits = value
            query = SavedQuery(text, cast("By", by), at, tuple(map(_hit, hits)))
        except (TypeError, ValueError):
            continue
        if isinstance(text, str) and len(text) <= _TEXT and isinstance(at, str) and by in WAYS:
            yield query


def _hit(value: Any) -> SavedHit:
    kind, record_id, entity, list_kind, rank, rowid, snippet = value
    texts = (kind, record_id, list_kind, snippet, "" if entity is None else entity)
    if not all(isinstance(each, str) for each in texts) or not {type(rank), type(rowid)} == {int}:
        raise ValueError("no answer")
    return SavedHit(Identity(kind, record_id, entity), list_kind, (rank, rowid), snippet)
