"""What of a record can be copied: its text, its JSON, its id, each of its fields."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from tui.json_lines import json_line
from tui.notes import noted_as
from tui.values import is_corrupt, is_list

_TEXTS: Final = ("content", "description", "name")
_NOT_FIELDS: Final = frozenset({"data"})


class Copyable(NamedTuple):
    """Something that can be copied.

    Attributes:
        name: What it is.
        text: What is copied, exactly as it stands in the record.
    """

    name: str
    text: str


def copyables(
    record: Mapping[str, Any], row: Mapping[str, Any], own: Sequence[str], view: str = ""
) -> list[Copyable]:
    """Give what can be copied of one record; first what the view shows.

    Args:
        record: The record; one from the archive holds the source record.
        row: Its stored row.
        own: Its public id, and the link to it.
        view: The view that is shown, such as `json` or `raw`.
    """
    inner = record.get("record")
    source = inner if isinstance(inner, Mapping) else record
    found = [Copyable("text", text) for text in _text_of(source)]
    found.append(Copyable("JSON", json_line(record)))
    found.append(Copyable("row, as it is stored", json_line(row)))
    found += [Copyable("id", own[0]), Copyable("link", own[1])]
    first = {"json": "JSON", "raw": "row, as it is stored"}.get(view)
    found.sort(key=lambda each: each.name != first)
    fields = [
        Copyable(f"field {name}", exact_text(value))
        for name, value in source.items()
        if name not in _NOT_FIELDS and (is_corrupt(value) or value not in (None, "", [], {}))
    ]
    return found + fields


def many_copyables(records: Iterable[Mapping[str, Any]], ids: Sequence[str]) -> list[Copyable]:
    """Give what can be copied of many records."""
    return [
        Copyable("JSON, a line each", "".join(f"{json_line(record)}\n" for record in records)),
        Copyable("ids, a line each", "".join(f"{each}\n" for each in ids)),
    ]


def exact_text(value: Any) -> str:
    """Spell a value as it stands in its record; JSON as JSON, bytes as surrogate escapes."""
    if isinstance(value, str):
        return value
    raw = value.raw if is_corrupt(value) else value
    if isinstance(raw, bytes):
        return raw.decode("utf-8", "surrogateescape")
    if isinstance(value, Mapping) or is_list(value):
        return json_line(value)
    return "" if value is None else str(value)


def link_to(path: Path, kind: str, record_id: str) -> str:
    """Give the command that opens a memory at one record."""
    return f"memglass {shlex.quote(f'{path}#{noted_as(kind)}:{record_id}')}"


def _text_of(record: Mapping[str, Any]) -> Iterator[str]:
    """Give the text that a record is about."""
    for name in _TEXTS:
        if isinstance(record.get(name), str) and record[name]:
            yield record[name]
            return
