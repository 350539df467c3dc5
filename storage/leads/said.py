"""What interactions say, wherever they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from storage import archive_reading, interaction_reading
from storage.archive_reading import archived_id
from storage.kinds import INTERACTION, find
from storage.view import ROWS_PER_STATEMENT, View

_MOST_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class Said:
    """One interaction.

    Attributes:
        id: Its public id.
        role: Who it came from.
        text: What was said; of a long text the beginning.
        session: In which session.
        rowid: The number of its row while it was live, or None where that is not known.
        is_archived: Whether it stands in the archive.
    """

    id: str
    role: str
    text: str
    session: str
    rowid: int | None
    is_archived: bool


def said(view: View, ids: Iterable[str]) -> dict[str, Said]:
    """Read interactions, live ones and those of the archive; what is nowhere is left out."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Said] = {}
    for start in range(0, len(wanted), ROWS_PER_STATEMENT):
        part = wanted[start : start + ROWS_PER_STATEMENT]
        for each, rows in find(view, INTERACTION, part).items():
            found[each] = read(each, interaction_reading.read_row(rows[0]), rows[0].rowid)
        missing = [each for each in part if each not in found]
        for row in archive_reading.newest(view, INTERACTION, missing):
            each = archived_id(INTERACTION, row)
            found[each] = archived(each, archive_reading.read(INTERACTION, row))
    return found


def archived(record_id: str, row: Mapping[str, Any]) -> Said:
    """Make it of an archived record."""
    record = row.get("record")
    original = str(row.get("original_id") or "")
    number = int(original) if original.isdecimal() and len(original) < 19 else None
    return read(record_id, record if isinstance(record, Mapping) else {}, number, is_archived=True)


def read(
    record_id: str, record: Mapping[str, Any], rowid: int | None, *, is_archived: bool = False
) -> Said:
    """Make it of a record."""
    role, text, session = (record.get(name) for name in ("role", "content", "session_id"))
    is_question = "user_query" in record or (role is None and record.get("action") == "interaction")
    return Said(
        record_id,
        str(role or ("user" if is_question else "")),
        str(text or "")[:_MOST_CHARACTERS],
        str(session or ""),
        rowid,
        is_archived,
    )


def after(view: View, turns: Iterable[Said], count: int) -> dict[str, list[Said]]:
    """Read what came right after interactions in their sessions, by the numbers of the rows.

    Agents write turns as they happen, so that the next numbers are the next turns, also of those
    that went into the archive meanwhile.

    Returns:
        For each turn, by its id, the next ones, at most `count`.
    """
    asked = {each.id: each for each in turns if each.rowid is not None and each.session}
    wanted = {each.id: _numbers_after(each, count) for each in asked.values()}
    found = _numbered(view, sorted({number for each in wanted.values() for number in each}))
    return {
        each: [found[n] for n in wanted[each] if n in found and found[n].session == turn.session]
        for each, turn in asked.items()
    }


def _numbers_after(turn: Said, count: int) -> range:
    first = (turn.rowid or 0) + 1
    return range(first, first + count)


def _numbered(view: View, numbers: Sequence[int]) -> dict[int, Said]:
    """Read the interactions that have or had some row numbers, live ones before archived ones."""
    table = view.layout.get(INTERACTION.tables[0])
    if table is None:
        return {}
    found: dict[int, Said] = {}
    for start in range(0, len(numbers), ROWS_PER_STATEMENT):
        part = numbers[start : start + ROWS_PER_STATEMENT]
        for row in view.rows(table, f"rowid IN ({', '.join('?' * len(part))})", part):
            record = interaction_reading.read_row(row)
            found[row.rowid] = read(record["interaction_id"], record, row.rowid)
    gone = [each for each in numbers if each not in found]
    return {each.rowid: each for each in _archived_before(view, gone) if each.rowid} | found


def _archived_before(view: View, numbers: Sequence[int]) -> list[Said]:
    table = view.layout.get(INTERACTION.archive)
    if table is None or not numbers:
        return []
    # Nothing indexes this column, so that each statement reads the whole archive.
    marks = ", ".join("?" * len(numbers))
    rows = view.rows(
        table, f"{table.sql('original_id')} IN ({marks})", [str(each) for each in numbers]
    )
    return [
        archived(archived_id(INTERACTION, row), archive_reading.read(INTERACTION, row))
        for row in rows
    ]
