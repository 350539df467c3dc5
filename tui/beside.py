"""Patterns beside or below each other, field by field, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from tui.json_lines import json_line
from tui.lines import Line
from tui.moments import TIMES, short_time
from tui.text import safe_text
from tui.values import is_list
from tui.widgets.cells import fit, wrap
from tui.wording import confidence

_FIELDS: Final = (
    *("name", "description", "pattern_type", "confidence", "frequency", "sequence"),
    *("metadata", "created_at", "last_seen"),
)
_LABEL: Final = 14
_GAP: Final = 2
_LEAST: Final = 14
_LONGEST: Final = 600
_TALLEST: Final = 6


def columns_that_fit(width: int) -> int:
    """Say how many records can stand beside each other in so many cells, two at least."""
    return max(2, min(4, (width - _LABEL) // (_LEAST * 2)))


def side_by_side(
    records: Sequence[Mapping[str, Any]], headings: Sequence[str], width: int
) -> Iterator[Line]:
    """Show records beside each other; a field in which they differ has a `≠`.

    Args:
        records: The records.
        headings: What stands above each.
        width: Cells of a line.
    """
    cell = max(4, (width - _LABEL) // max(1, len(records)) - _GAP)
    yield from _row("", headings, cell, "strong")
    for name in _FIELDS:
        values = _told(name, records)
        if any(values):
            sign = "≠" if _differs(name, records) else " "
            yield from _row(f"{sign} {_label(name)}", values, cell, "text")


def one_by_one(records: Sequence[Mapping[str, Any]], headings: Sequence[str]) -> Iterator[Line]:
    """Show of each record in what it differs from others, one below the other, then what is shared.

    Args:
        records: The records.
        headings: What stands above each.
    """
    differing = [name for name in _FIELDS if _differs(name, records)]
    told = {name: _told(name, records) for name in differing}
    for number, heading in enumerate(headings):
        yield Line(heading, role="strong", full=True)
        for name in differing:
            yield Line(told[name][number] or "nothing", f"  {_label(name)}")
        yield Line()
    yield Line("The same in all", role="strong", full=True)
    for name in _FIELDS:
        if name not in differing and (value := _spelled(name, records[0].get(name))):
            yield Line(value, f"  {_label(name)}")


def _differs(name: str, records: Sequence[Mapping[str, Any]]) -> bool:
    return len({json_line(record.get(name)) for record in records}) > 1


def _told(name: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Spell a field of some records; in full where they differ and would look alike."""
    values = [record.get(name) for record in records]
    told = [_spelled(name, value) for value in values]
    if len(set(told)) > 1 or not _differs(name, records):
        return told
    return [safe_text(value, _LONGEST) for value in values]


def _label(name: str) -> str:
    return name.removeprefix("pattern_")


def outcome(kept: Mapping[str, Any], merged: Mapping[str, Any]) -> Iterator[Line]:
    """Say what a merge does to the pattern that stays."""
    for name in _FIELDS:
        before: Any = kept.get(name)
        after = merged.get(name)
        if name == "metadata" or json_line(before) == json_line(after):
            continue
        yield Line(" \u2192 ".join(_told(name, (kept, merged))), f"  {name}")
    own, united = (each.get("metadata") or {} for each in (kept, merged))
    for name, evidence in united.items() if isinstance(united, Mapping) else ():
        if json_line(own.get(name)) != json_line(evidence) and is_list(evidence):
            before = own.get(name)
            count = len(before) if is_list(before) else int(bool(before))
            said = f"{count:,} \u2192 {len(evidence):,}: {safe_text(evidence, 60)}"
            yield Line(said, f"  {name}")


def _spelled(name: str, value: Any) -> str:
    if name in TIMES:
        return short_time(value)
    return confidence(value) if name == "confidence" else safe_text(value, _LONGEST)


def _row(label: str, values: Sequence[str], cell: int, role: Any) -> Iterator[Line]:
    wrapped = [list(wrap(safe_text(value, _LONGEST), cell))[:_TALLEST] for value in values]
    for number, pieces in enumerate(zip_longest(*wrapped, fillvalue="")):
        cells = (" " * _GAP).join(fit(piece, cell) for piece in pieces)
        yield Line(f"{fit(label if not number else '', _LABEL)}{cells}", role=role, full=True)
