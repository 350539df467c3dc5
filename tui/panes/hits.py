"""What a search found, as rows of a list and as records to look at."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.panes.subjects import StoredRecord
from tui.text import safe_text
from tui.widgets.record_view import Subject, View
from tui.widgets.text_view import Line

if TYPE_CHECKING:
    from storage import SearchHit, Why
    from tui.documents import Document
    from tui.memory import Memory
    from tui.widgets.columns import Row

_TIMES: Final = ("timestamp", "last_seen", "created_at", "updated_at")
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


class Hits:
    """The answers to one question, best first, as a source of rows.

    Args:
        found: What the search gave.
    """

    def __init__(self, found: Sequence[SearchHit]) -> None:
        self._hits = {HitKey(hit.list_kind, hit.key, hit.entity): hit for hit in found}
        self.keys: Sequence[Hashable] = tuple(self._hits)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, key: Any) -> SearchHit:
        return self._hits[key]

    def get(self, key: Any) -> SearchHit | None:
        """Give a hit, or None if it is not among them."""
        return self._hits.get(key)

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the rows of hits; they are here already."""
        return [row_of(self._hits[key]) for key in keys if isinstance(key, HitKey)]


def row_of(hit: SearchHit) -> Row:
    """Make the row of a hit."""
    return {
        "what": hit.kind,
        "where": "arch" if hit.archived else "live",
        "time": _time(hit.record),
        "by": "nearby" if hit.why.nearby and not hit.why.words else hit.why.by,
        "words": ", ".join(dict.fromkeys((*hit.why.words, *hit.why.nearby))),
        "snippet": hit.snippet,
        "kind": hit.list_kind,
        "record_id": hit.record_id,
    }


def _time(record: Mapping[str, Any]) -> object:
    inner = record.get("record")
    for each in (inner if isinstance(inner, Mapping) else {}, record):
        for name in _TIMES:
            if each.get(name):
                return each[name]
    return record.get("archived_at")


class FoundRecord(StoredRecord):
    """A record that was found, with why it was.

    Args:
        memory: Where it is.
        hit: The hit.
    """

    def __init__(self, memory: Memory, hit: SearchHit) -> None:
        super().__init__(memory, (hit.list_kind, hit.key), None)
        self._hit = hit

    def look(self) -> Subject:
        """Say how it is looked at."""
        return self.subject(fields=View("Fields", self.found))

    def title(self) -> str:
        """Name it by its id; an entity by its own name."""
        if self._hit.entity is None:
            return super().title() or str(self._hit.record_id)[:100]
        domain = (self.row or {}).get("domain")
        return f"{self._hit.entity[:60]} in {str(domain)[:40]}"

    async def found(self, limit: int) -> Document:
        """Show why it was found, then what it says."""
        why = why_lines(self._hit.why)
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
        from tui.world_documents import model_document

        model = await self.record()
        entity = entities_of(model).get(key)
        if entity is None:
            raise LookupError("This entity is no longer in the world model.")
        lines = [Line(key, "entity", "strong")]
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
