"""Documents as their hits show them, whatever was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from storage.listing import Key
from storage.records import Record
from storage.search.documents import Document, Source
from storage.search.lines import Line, line_of
from storage.search.reading import read_sources
from storage.view import View


class Shown(NamedTuple):
    """What every hit of a document has; whoever types asks for it with each letter.

    Attributes:
        document: The document.
        line: Its text as one line.
        kind: `interaction`, `pattern` or `entity`.
        entity: The key of the entity; None for all else.
        archived: Whether it stands in the archive.
        list_kind: The kind of list that it stands in.
        key: Its key in that list.
        record: The public record, which nobody may change.
        nested: Under which of its keys lists and objects stand, and what copies each.
    """

    document: Document
    line: Line
    kind: str
    entity: str | None
    archived: bool
    list_kind: str
    key: Key
    record: Record
    nested: tuple[tuple[str, Callable[[Any], Any]], ...]

    def copied(self) -> Record:
        """Return the record so that the caller may change it, as deep as it may be."""
        copy = self.record.copy()
        for name, copied in self.nested:
            copy[name] = copied(copy[name])
        return copy


def shown(document: Document) -> Shown:
    """Return a document as its hits show it."""
    source, record, is_entity = document.source, document.record, document.kind == "entity"
    if is_entity and not isinstance(record, dict):
        record = {"name": source.part, "value": record}
    return Shown(
        document,
        line_of(document.text),
        document.kind.removeprefix("archived_"),
        source.part if is_entity else None,
        document.kind.startswith("archived"),
        source.list_kind,
        source.key,
        record,
        tuple([(name, _copier(held)) for name, held in record.items() if _is_nested(held)]),
    )


def read_shown(view: View, sources: Sequence[Source]) -> list[Shown | None]:
    """Read the documents at some places of the database, as they are now; None for what is gone."""
    found = read_sources(view, sources)
    return [shown(found[source]) if source in found else None for source in sources]


def _is_nested(value: Any) -> bool:
    return value.__class__ is dict or value.__class__ is list


def _copier(value: Any) -> Callable[[Any], Any]:
    """Return what copies a value like this one, as deep as need be."""
    if any(map(_is_nested, value.values() if value.__class__ is dict else value)):
        return _deep_copied
    return dict.copy if value.__class__ is dict else list.copy


def _deep_copied(value: Any) -> Any:
    copy = value.copy()
    waiting = [copy]
    for each in waiting:
        for name, held in each.items() if each.__class__ is dict else enumerate(each):
            if _is_nested(held):
                each[name] = held.copy()
                waiting.append(each[name])
    return copy
