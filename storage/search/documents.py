"""What of a record can be found: its text, and what a search filters and orders it by."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from storage import archive_reading, interaction_reading, rows, world_states
from storage.embedders import clean_text
from storage.json_utils import CorruptJSON
from storage.kinds import INTERACTION, PATTERN, STATE, public_id
from storage.layout import TableLayout
from storage.listing import Key
from storage.lists import LISTS
from storage.moments import parse_moment
from storage.records import Record, Shape
from storage.schema import PATTERNS
from storage.view import StoredRow, View
from storage.world_keys import entities_of

KINDS: Final = ("interaction", "pattern", "archived_interaction", "archived_pattern", "entity")
"""The kinds of document; a record that is archived is of another kind than a live one."""

TABLES: Final = (
    *INTERACTION.tables,
    *PATTERN.tables,
    INTERACTION.archive,
    PATTERN.archive,
    *STATE.tables,
)
"""The tables that can be searched; an index knows each by its place in here."""

MAX_TEXT: Final = 100_000
"""How many characters of a record can be found."""

_MAX_NAME: Final = 40
# What stands in names beside letters with their marks, and digits.
_IN_NAMES: Final = dict.fromkeys(map(ord, " ._-'\u2019\u200c\u200d"))
_LIST_KINDS: Final = {
    INTERACTION.archive: "archived_interaction",
    PATTERN.archive: "archived_pattern",
    STATE.tables[0]: "world_model_state",
    **dict.fromkeys(INTERACTION.tables, "interaction"),
    **dict.fromkeys(PATTERN.tables, "pattern"),
}

_LISTED_AS: Final = [_LIST_KINDS[name] for name in TABLES]
_RANKS: Final = [LISTS[_LIST_KINDS[name]].tables.index(name) for name in TABLES]


class Source(NamedTuple):
    """Where a document stands.

    Attributes:
        table: Its place in `TABLES`.
        number: The rowid.
        part: The key of an entity within its state; empty otherwise.
    """

    table: int
    number: int
    part: str

    @property
    def list_kind(self) -> str:
        """The kind of list that shows the row."""
        return _LISTED_AS[self.table]

    @property
    def key(self) -> Key:
        """The key of the row in that list."""
        return Key(_RANKS[self.table], self.number)


class Document(NamedTuple):
    """One thing that a search can find.

    Attributes:
        source: Where it stands.
        kind: One of `KINDS`.
        record_id: The public id of the record.
        session_id: The session whose order gives it neighbours; empty if it has none.
        author: Who speaks: the name that a turn begins with, else its role.
        time: When, as it is stored.
        label: What `action:`, `type:` and `domain:` filter: action, pattern type or domain.
        reason: The archive reason; empty for what is live.
        text: What is said, for words and meaning.
        beside: What stands beside it, texts and JSON values, for words only.
        digest: Of the whole row, so that a hit can be checked against what is there now.
        record: The public record; of an entity, the entity as it stands in the state.
    """

    source: Source
    kind: str
    record_id: str
    session_id: str
    author: str
    time: Any
    label: str
    reason: str
    text: str
    beside: Sequence[Any]
    digest: bytes
    record: Any

    @property
    def moment(self) -> int:
        """When, in microseconds."""
        return parse_moment(self.time)

    @property
    def more(self) -> str:
        """The text of what stands beside it."""
        return clean_text(" ".join(filter(None, map(strings_of, self.beside))), MAX_TEXT)


def read_documents(
    view: View, table_number: int, where: str, values: Sequence[Any] = ()
) -> tuple[list[Document], list[int]]:
    """Read what can be found in some rows of a table.

    Args:
        view: Where to read.
        table_number: Which of `TABLES`.
        where: The SQL that chooses the rows, with an order and a limit if need be.
        values: Its values.

    Returns:
        The documents, and the rowids of all rows, also of those that hold no document.
    """
    table = view.layout.get(TABLES[table_number])
    if table is None:
        return [], []
    found = view.fetch(
        f"SELECT rowid, {rows.names(table.columns)} FROM {rows.quote(table.name)} WHERE {where}",
        values,
    )
    digests = rows.digests(table.columns, (row[1:] for row in found))
    make = _MAKERS[TABLES[table_number]]
    documents: list[Document] = []
    for record, row, digest in zip(_records(view, table, found), found, digests, strict=True):
        documents += make(record, Source(table_number, row[0], ""), digest)
    return documents, [row[0] for row in found]


def _records(view: View, table: TableLayout, found: Sequence[Sequence[Any]]) -> Iterable[Record]:
    name = table.name.lower()
    if name in INTERACTION.tables:
        return view.layout.made(interaction_reading.source_of, name).read(found)
    if name in PATTERN.tables:
        return view.layout.made(_pattern_shape, name).records(found)
    stored = (
        StoredRow(table, row[0], dict(zip(table.columns, row[1:], strict=True))) for row in found
    )
    if name in STATE.tables:
        return map(world_states.read_state, stored)
    kind = INTERACTION if name == INTERACTION.archive else PATTERN
    return (archive_reading.read(kind, row) for row in stored)


def _pattern_shape(table: TableLayout) -> Shape:
    return Shape(PATTERNS, table, PATTERN.key)


def _turn(
    record: Record, source: Source, digest: bytes, *, shown: Record | None = None, reason: str = ""
) -> list[Document]:
    content, details = _text(record.get("content")), record.get("details")
    return [
        Document(
            source,
            "interaction" if shown is None else "archived_interaction",
            _text((record if shown is None else shown).get("interaction_id")),
            _text(record.get("session_id")),
            author_of(record.get("role"), content),
            record.get("timestamp"),
            _text(record.get("action")),
            reason,
            # A turn that says nothing is what its details say.
            clean_text(content or strings_of(details), MAX_TEXT),
            (details if content else None, record.get("file_path")),
            digest,
            record if shown is None else shown,
        )
    ]


def _pattern(
    record: Record, source: Source, digest: bytes, *, shown: Record | None = None, reason: str = ""
) -> list[Document]:
    said = [_text(record.get("name")), _text(record.get("description"))]
    record_id = record.get("id") if shown is None else shown.get("original_id")
    return [
        Document(
            source,
            "pattern" if shown is None else "archived_pattern",
            public_id(record_id if isinstance(record_id, str | int) else None, source.number),
            "",
            "",
            record.get("last_seen") or record.get("created_at"),
            _text(record.get("pattern_type")),
            reason,
            clean_text(". ".join(filter(None, said)), MAX_TEXT),
            (record.get("sequence"), record.get("metadata")),
            digest,
            record if shown is None else shown,
        )
    ]


def _archived(record: Record, source: Source, digest: bytes) -> list[Document]:
    make = _turn if TABLES[source.table] == INTERACTION.archive else _pattern
    inner = record["record"] if isinstance(record["record"], dict) else {}
    return make(inner, source, digest, shown=record, reason=_text(record.get("archive_reason")))


def _entities(state: Record, source: Source, digest: bytes) -> list[Document]:
    domain = _text(state.get("domain"))
    record_id = public_id(state.get("id"), source.number)
    return [
        Document(
            Source(source.table, source.number, key),
            "entity",
            record_id,
            "",
            "",
            state.get("updated_at"),
            domain,
            "",
            clean_text(f"{key} {strings_of(entity)}", MAX_TEXT),
            (domain,),
            digest,
            entity,
        )
        for key, entity in entities_of(state).items()
    ]


_MAKERS: Final = {
    **dict.fromkeys(INTERACTION.tables, _turn),
    **dict.fromkeys(PATTERN.tables, _pattern),
    INTERACTION.archive: _archived,
    PATTERN.archive: _archived,
    **dict.fromkeys(STATE.tables, _entities),
}


def author_of(role: Any, content: str) -> str:
    """Return who speaks, in lower case: the `Name:` that a turn begins with, else its role."""
    name, colon, _ = content[:_MAX_NAME].partition(":")
    return (_speaker(name) if colon else "") or _text(role).lower()


@lru_cache(maxsize=1024)
def _speaker(text: str) -> str:
    """Return the name that stands before a colon, in lower case; empty where it is none."""
    words = text.strip()
    is_name = words[:1].isalpha() and all(map(_is_in_names, words.translate(_IN_NAMES)))
    return words.lower() if is_name else ""


def _is_in_names(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def strings_of(value: Any) -> str:
    """Return the strings that a JSON value holds, without its keys, which every row repeats."""
    if not value:
        return ""
    found: list[str] = []
    size = 0
    waiting = [value]
    while waiting and size < MAX_TEXT:
        item = waiting.pop()
        if isinstance(item, str):
            found.append(item)
            size += len(item)
        elif isinstance(item, CorruptJSON):
            found.append(rows.tolerant_text(item.raw[:MAX_TEXT]))
        elif isinstance(item, dict):
            waiting.extend(reversed(item.values()))
        elif isinstance(item, list):
            waiting.extend(reversed(item))
    return " ".join(found)
