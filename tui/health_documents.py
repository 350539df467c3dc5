"""What is broken, as text to read: where, in words, what a repair would do, and the bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from tui.documents import Document
from tui.lines import Line
from tui.told_keys import key_for
from tui.values import corrupt_window
from tui.wording import counted

if TYPE_CHECKING:
    from storage import Repair, RepairPiece
    from tui.broken import Found

_SHOWN: Final = 2_000
_CONTEXT: Final = 24
_PIECES: Final = 60
_A_LINE: Final = 8
_PLACE: Final = "\u27eb"
_BEFORE: Final = 2
_CHARACTERS_A_LINE: Final = 45


def finding_document(
    found: Found, raw: bytes | None, repair: Repair | None, advice: Sequence[str]
) -> Document:
    """Show a finding: what is wrong, where, and what it could be made to say.

    Args:
        found: The finding.
        raw: The bytes of the field as they are now; None where there is no field.
        repair: What is proposed; None while that is being looked for.
        advice: What can be done, a sentence each.
    """
    finding = found.finding
    lines = [Line(_told(found), "what", "bad")]
    if found.state != "broken":
        lines.append(Line(_by_now(found), "by now", "strong"))
    if finding.archive_reason:
        lines.append(Line(f"archived as {finding.archive_reason[:200]}", "where"))
    if raw is not None and finding.problem in ("corrupt", "type"):
        lines += [_window(found, raw), *repair_lines(repair)]
    lines += [Line(each, "can be done" if not number else "") for number, each in enumerate(advice)]
    return Document(lines)


_STATES: Final = {
    "left": "You left it as it is; {leave} takes that back.",
    "put away": "It was put away as corrupt, and is kept as it was.",
    "mended": "The field reads well by now.",
    "gone": "The record is no longer there; the archive may have it.",
}


def _by_now(found: Found) -> str:
    if found.state == "gone" and found.finding.archive_reason:
        return "The record no longer stands in the archive; it may be live again."
    return _STATES[found.state].format(leave=key_for("leave"))


def _told(found: Found) -> str:
    finding = found.finding
    at = "" if finding.offset is None else f", at byte {finding.offset:,} of {found.size:,}"
    return f"{finding.column} {finding.message}{at}.".strip()


def _window(found: Found, raw: bytes) -> Line:
    from storage import CorruptJSON

    offset = found.finding.offset
    around = corrupt_window(CorruptJSON(raw, found.finding.message, offset))[0]
    # Where lines are broken at spaces, one after the dots would leave them alone on a line.
    return Line(around.replace("\u2026 ", "\u2026", 1), "text")


def repair_lines(repair: Repair | None) -> Iterator[Line]:
    """Show a proposal as a diff, with what it would lose and invent."""
    if repair is None:
        yield Line("looking for what it may have said \u2026", "repair", "dim")
        return
    if repair.after is None:
        yield Line(f"None. {repair.why_not}", "repair")
        return
    yield Line(f"{loss_of(repair)}: {repair.how}", "repair", "strong")
    label = "diff"
    for line in _diff(repair.pieces):
        yield line._replace(label=label)
        label = ""


def loss_of(repair: Repair) -> str:
    """Say what a proposal would lose and add: `would lose 212 bytes, adds 2`."""
    lost = counted(repair.lost, "byte") if repair.lost else "nothing"
    adds = f", adds {counted(repair.added, 'byte')}" if repair.added else ""
    return f"would lose {lost}{adds}"


def _diff(pieces: Sequence[RepairPiece]) -> Iterator[Line]:
    changed = False
    for piece in pieces[:_PIECES]:
        if piece.op == "same":
            yield Line(f" {_middle(piece.text)}", "", "dim")
            continue
        changed = True
        sign, role = ("\u2212", "removed") if piece.op == "removed" else ("+", "added")
        yield Line(f"{sign}{_cut(piece.text)}", "", "removed" if role == "removed" else "added")
    if len(pieces) > _PIECES:
        yield Line(f"{len(pieces) - _PIECES:,} more places", "", "dim")
    if not changed:
        yield Line("It says the same, spelled as JSON.", "", "dim")


def _middle(text: str) -> str:
    """Shorten what stays to what is beside the places that change."""
    if len(text) <= 3 * _CONTEXT:
        return text
    return f"{text[:_CONTEXT]}\u2026{text[-_CONTEXT:]}"


def _cut(text: str) -> str:
    if len(text) <= _SHOWN:
        return text
    return f"{text[:_SHOWN]} \u2026 ({counted(len(text) - _SHOWN, 'more character')})"


def bytes_document(raw: bytes | None, offset: int | None, limit: int) -> Document:
    """Show the bytes of a field in hex, from a little before the place that is wrong.

    Args:
        raw: The bytes; None where there is no field.
        offset: Where it goes wrong, if it does so in one place.
        limit: Characters that are shown altogether.
    """
    if raw is None:
        return Document([Line("There is no field to show bytes of.")])
    at = offset or 0
    start = max(0, at // _A_LINE - _BEFORE) * _A_LINE
    end = min(len(raw), start + limit // _CHARACTERS_A_LINE * _A_LINE)
    lines = [Line(f"{counted(len(raw), 'byte')}, from {start:,} on", "", "dim")]
    for place in range(start, end, _A_LINE):
        part = raw[place : place + _A_LINE]
        is_there = offset is not None and place <= at < place + _A_LINE
        text = _hex(part, at - place if is_there else None)
        lines.append(Line(text, f"{place:08x}", "bad" if is_there else "text"))
    return Document(lines, has_more=end < len(raw))


def _hex(part: bytes, fault: int | None) -> str:
    codes = "".join(
        (_PLACE if number == fault else " ") + f"{byte:02x}" for number, byte in enumerate(part)
    )
    letters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "\u00b7" for byte in part)
    return f"{codes:<{3 * _A_LINE}}  {letters}"


def sound_text(rows: dict[str, int], seconds: float) -> str:
    """Say that nothing is broken, and what was looked at.

    Args:
        rows: How many rows of each table were looked at.
        seconds: How long that took.
    """
    held = [f"{count:,} in {table}" for table, count in rows.items() if count and table]
    listed = ", ".join(held) or "no rows yet"
    return (
        "Nothing is broken.\n"
        f"Looked at every JSON field ({listed}), at what records say of each other, and at the"
        f" file itself, in {seconds:.1f} s. {key_for('scan')} looks again."
    )
