"""What a search found, as rows of a list and as records to look at."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.lines import Line
from tui.moments import short_time
from tui.panes.subjects import StoredRecord
from tui.saved_queries import identity_of, moved
from tui.text import safe_text
from tui.widgets.columns import Column
from tui.widgets.record_view import Panel, Subject, View
from tui.wording import time_of

if TYPE_CHECKING:
    from storage import SearchHit, Why
    from tui.documents import Document
    from tui.memory import Memory
    from tui.saved_queries import SavedHit, SavedQuery
    from tui.widgets.columns import Row

_WORDS: Final = 12


class HitKey(NamedTuple):
    """What makes a hit another one than the others.

    Attributes:
        kind: The kind of list that its record stands in.
        key: The key of the record there.
        entity: The key of the entity, where it is one of a world model.
    """

    kind: str
    key: Any
    entity: str | None


COLUMNS: Final = (
    Column("#", lambda row: row["rank"], 5, role="dim", right=True),
    Column("kind", lambda row: row["what"], 11),
    Column("in", lambda row: row["where"], 4, role="dim"),
    Column("when", lambda row: short_time(row["time"]), 11, role="dim", needs=74),
    Column("why", lambda row: row["by"], 7, role="strong", needs=48),
    Column("words", lambda row: row["words"], 12, weight=1, role="strong", needs=100),
    Column("text", lambda row: row["snippet"], 10, weight=4),
)
"""The columns of the answers. A rank in brackets is one that the agent does not get."""

MOVED_COLUMNS: Final = (
    COLUMNS[0],
    Column("moved", lambda row: row["moved"], 5, role="accent"),
    *COLUMNS[1:],
)
"""The columns of the answers to a question that was saved."""


class Hits:
    """The answers to one question, best first, as a source of rows; behind them what is gone.

    Args:
        found: What the search gave.
        cut: How many answers the agent gets.
        before: The question as it was saved, if it was.
    """

    def __init__(
        self, found: Sequence[SearchHit], cut: int, before: SavedQuery | None = None
    ) -> None:
        self.answers = found
        self._cut = cut
        self._hits = {HitKey(hit.list_kind, hit.key, hit.entity): hit for hit in found}
        self._ranks = {key: rank for rank, key in enumerate(self._hits, 1)}
        now = [identity_of(hit) for hit in self._hits.values()]
        self._moves = None if before is None else moved(before, now)
        self._gone = {} if self._moves is None else dict(map(_gone_row, self._moves.gone))
        self.keys: Sequence[Hashable] = (
            *self._hits,
            *(k for k in self._gone if k not in self._hits),
        )

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, key: Any) -> SearchHit:
        return self._hits[key]

    @property
    def found(self) -> int:
        """How many answers there are."""
        return len(self._hits)

    @property
    def has_moves(self) -> bool:
        """Whether the question was saved, so that its ranks can be compared."""
        return self._moves is not None

    @property
    def summary(self) -> str:
        """What moved since the question was saved; empty if it was not."""
        return "" if self._moves is None else self._moves.summary()

    def get(self, key: Any) -> SearchHit | None:
        """Give a hit, or None if it is not among them."""
        return self._hits.get(key)

    def rank_line(self, key: Any) -> Line:
        """Say how far up an answer stands, and whether the agent gets it."""
        rank = self._ranks[key]
        reach = "the agent gets it" if rank <= self._cut else "the agent does not get it"
        return Line(f"{rank:,} of {self.found:,}; with k = {self._cut:,} {reach}", "rank")

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the rows of hits; they are here already."""
        return [self._row(key) for key in keys if isinstance(key, HitKey)]

    def _row(self, key: HitKey) -> Row:
        if key not in self._hits:
            return self._gone[key]
        rank = self._ranks[key]
        mark = "" if self._moves is None else self._moves.marks[rank - 1]
        shown = f"{rank}" if rank <= self._cut else f"({rank})"
        return {**row_of(self._hits[key]), "rank": shown, "moved": mark}


def _gone_row(hit: SavedHit) -> tuple[HitKey, Row]:
    """Make the row of what is no longer among the answers."""
    from storage import Key

    row = {
        "rank": "", "moved": "gone", "what": hit.identity.kind, "where": "", "time": None,
        "by": "", "words": "", "snippet": hit.snippet, "kind": hit.list_kind,
        "record_id": hit.identity.record_id,
    }  # fmt: skip
    return HitKey(hit.list_kind, Key(*hit.key), hit.identity.entity), row


def row_of(hit: SearchHit) -> Row:
    """Make the row of a hit."""
    return {
        "what": hit.kind,
        "where": "arch" if hit.archived else "live",
        "time": time_of(hit.record),
        "by": "nearby" if hit.why.nearby and not hit.why.words else hit.why.by,
        "words": ", ".join(dict.fromkeys((*hit.why.words, *hit.why.nearby))),
        "snippet": hit.snippet,
        "kind": hit.list_kind,
        "record_id": hit.record_id,
    }


class FoundRecord(StoredRecord):
    """A record that was found, with why it was.

    Args:
        memory: Where it is.
        hit: The hit.
        rank: A line that says how far up it stands.
    """

    def __init__(self, memory: Memory, hit: SearchHit, rank: Line) -> None:
        super().__init__(memory, (hit.list_kind, hit.key), None)
        self._hit = hit
        self._rank = rank

    def look(self, talk: Panel | None) -> Subject:
        """Say how it is looked at.

        Args:
            talk: Shows the conversation around it.
        """
        return self.subject(fields=View("Fields", self.found), beside=talk)

    def title(self) -> str:
        """Name it by its id; an entity by its own name."""
        if self._hit.entity is None:
            return super().title() or str(self._hit.record_id)[:100]
        from tui.world.rows import spelled_key

        domain = (self.row or {}).get("domain")
        return f"{spelled_key(self._hit.entity)[:60]} in {str(domain)[:40]}"

    async def found(self, limit: int) -> Document:
        """Show why it was found, then what it says."""
        why = [*why_lines(self._hit.why), self._rank]
        if self._hit.archived:
            # What it says stands further down, after what the archive says of it.
            why.append(Line(self._hit.snippet, "text"))
        if self._hit.entity is not None:
            document = await self._entity(self._hit.entity)
        else:
            document = await self.fields(limit)
        return document._replace(lines=[*why, Line(), *document.lines])

    async def _entity(self, key: str) -> Document:
        from storage import entities_of
        from tui.documents import Document, field_lines
        from tui.world.rows import spelled_key
        from tui.world_documents import model_document

        model = await self.record()
        entities = entities_of(model)
        if key not in entities:
            raise LookupError("This entity is no longer in the world model.")
        entity = entities[key]
        lines = [Line(spelled_key(key), "entity", "strong")]
        if isinstance(entity, Mapping):
            for name, value in entity.items():
                lines += field_lines(str(name), value)
        else:
            lines += field_lines("value", entity)
        lines += [Line(), Line("The world model that it stands in", role="strong", full=True)]
        return Document([*lines, *model_document(model).lines])


def why_lines(why: Why) -> list[Line]:
    """Say why a record was found."""
    alike = "" if why.similarity is None else f" ({why.similarity:.2f} alike)"
    reasons = {
        "its words": bool(why.words) or (why.by == "words" and not why.nearby),
        "words of the turns beside it": bool(why.nearby),
        f"its meaning{alike}": why.by in ("meaning", "both"),
        "the filters, which is all that was asked": why.by == "filters",
    }
    said = ", ".join(reason for reason, holds in reasons.items() if holds)
    lines = [Line(said, "found by")]
    if why.words:
        lines.append(Line(_listed(why.words), "words"))
    if why.nearby:
        lines.append(Line(_listed(why.nearby), "nearby"))
    return lines


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - _WORDS:,} more" if len(words) > _WORDS else ""
    return safe_text(", ".join(words[:_WORDS]), 400) + more
