"""Records as text to read: field by field, or every column exactly as it is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple

from tui.lines import Line
from tui.moments import TIMES, long_time
from tui.text import PAGE_LIMIT
from tui.told_keys import key_for
from tui.values import as_text, corrupt_window, is_corrupt, is_list
from tui.wording import confidence, counted

_TEXT_LIMIT: Final = 4_000
_VALUE_LIMIT: Final = 500
_ENTRIES: Final = 40
_ONE_LINE: Final = 100
# What a person wants to know comes first, what only the database needs comes last.
_FIRST: Final = (
    *("name", "content", "description", "archive_reason", "consolidated_to", "promoted_to"),
    *("archived_at", "timestamp", "role", "action", "session_id", "file_path", "pattern_type"),
    *("confidence", "frequency", "record"),
)
_LAST: Final = ("created_at", "last_seen", "interaction_id", "original_id", "id")
_RANK: Final = {
    **{name: number - len(_FIRST) for number, name in enumerate(_FIRST)},
    **{name: number + 1 for number, name in enumerate(_LAST)},
}
_CONFIDENCES: Final = frozenset({"confidence", "domain_confidence"})


class Document(NamedTuple):
    """A text for the detail view.

    Attributes:
        lines: The text.
        has_more: Whether a larger limit would give more of it.
        beside: What stands beside the lines where there is space, else below them.
    """

    lines: Sequence[Line]
    has_more: bool = False
    beside: Sequence[Line] = ()


def fields_document(record: Mapping[str, Any]) -> Document:
    """Show a record field by field, what matters most first; what is empty is only named."""
    return Document(list(_record_lines(record)))


def _record_lines(record: Mapping[str, Any]) -> Iterator[Line]:
    empty: list[str] = []
    for name, value in sorted(record.items(), key=lambda item: _RANK.get(item[0], 0)):
        if name == "data" and "record" in record:
            continue  # The same row, as the archive keeps it: Raw shows it.
        if not is_corrupt(value) and (value is None or value in ("", [], {})):
            empty.append(name)
        elif name == "record" and isinstance(value, Mapping):
            yield Line()
            yield Line("What stands in the archive", role="strong", full=True)
            yield from _record_lines(value)
            yield Line()
            yield Line("Its row in the archive", role="strong", full=True)
        else:
            yield from field_lines(name, value)
    if empty:
        yield Line(", ".join(empty), "empty", "dim")


def field_lines(name: str, value: Any) -> Iterator[Line]:
    """Show one field; entries of a mapping or list stand below its name."""
    if is_corrupt(value):
        yield from corrupt_lines(name, value)
    elif name in TIMES:
        yield Line(long_time(value), name)
    elif name in _CONFIDENCES:
        yield Line(confidence(value), name)
    elif isinstance(value, Mapping):
        entries = [(f"  {key}", held) for key, held in islice(value.items(), _ENTRIES)]
        yield from _entry_lines(name, entries, len(value))
    elif is_list(value):
        entries = [(f"  {index}", held) for index, held in enumerate(value[:_ENTRIES])]
        yield from _entry_lines(name, entries, len(value))
    else:
        yield Line(value, name, limit=_TEXT_LIMIT)


def _entry_lines(name: str, entries: Sequence[tuple[str, Any]], total: int) -> Iterator[Line]:
    yield Line("", name)
    for label, held in entries:
        if is_corrupt(held):
            yield from corrupt_lines(label, held)
        else:
            yield Line("null" if held is None else held, label, limit=_VALUE_LIMIT)
    if total > len(entries):
        yield Line(f"{total - len(entries):,} more; JSON shows them", "", "dim")


def corrupt_lines(name: str, value: Any) -> Iterator[Line]:
    """Show a field that cannot be decoded: what is wrong, where, and the text around it."""
    where = "" if value.offset is None else f" at byte {value.offset:,}"
    yield Line(f"corrupt: {value.error}{where}", name, "bad")
    for line in corrupt_window(value):
        yield Line(line, " ", "dim")


def raw_document(row: Mapping[str, Any], limit: int = PAGE_LIMIT) -> Document:
    """Show every column exactly as it is stored, with its storage class.

    Args:
        row: Column and stored value.
        limit: Characters or bytes that are shown altogether.
    """
    lines: list[Line] = []
    left = limit
    for name, value in row.items():
        shown, size = _cut(value, max(0, left))
        left -= size
        if isinstance(value, str | bytes) and (size > _ONE_LINE or "\n" in as_text(shown, size)[0]):
            lines.append(Line(_storage_class(value), name, "dim"))
            lines.append(Line(shown, " ", limit=limit))
        else:
            lines.append(Line(f"{_class_name(value):<8}{as_text(shown, limit)[0]}", name))
    if left < 0:
        more = counted(-left, "more character")
        lines.append(Line(f"{more}; {key_for('more')} shows the next 64 KB", "", "strong"))
    return Document(lines, has_more=left < 0)


def _cut(value: Any, limit: int) -> tuple[Any, int]:
    """Cut a stored value, and say how long the whole is."""
    if isinstance(value, str | bytes):
        return value[:limit], len(value)
    return "" if value is None else value, 0


def _class_name(value: Any) -> str:
    names = {bytes: "blob", str: "text", float: "real", int: "integer"}
    return names.get(type(value), "null")


def _storage_class(value: str | bytes) -> str:
    unit = "bytes" if isinstance(value, bytes) else "characters"
    return f"{_class_name(value)}, {len(value):,} {unit}"
