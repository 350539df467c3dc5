"""Links into a memory, as they stand on the command line: `memory.db#pattern:pat-7`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

RECORDS: Final = ("interaction", "pattern", "snapshot", "world_model_state")
NARROWED: Final = {
    "session": ("interactions", "session_id"),
    "action": ("interactions", "action"),
    "type": ("patterns", "pattern_type"),
    "reason": ("archive", "archive_reason"),
    "domain": ("world_model", "domain"),
}
"""What leads to a pane that shows only some records: the pane, and the field of the filter."""


class Link(NamedTuple):
    """Where in a memory to begin.

    Attributes:
        kind: One of `RECORDS` or of `NARROWED`.
        value: The id of the record, or the value that the records of the list have.
    """

    kind: str
    value: str


def split_link(given: Path) -> tuple[Path, Link | None]:
    """Part a file from the link behind it; a file whose name holds a `#` stays whole.

    Args:
        given: What stands on the command line.

    Returns:
        The file, and where in it to begin, if that is said.
    """
    text = str(given)
    if "#" not in text or given.exists():
        return given, None
    found = list(_readings(text))
    # An id can hold a `#` as well as a name can: the reading counts whose file is there.
    for file, link in found:
        if file.exists():
            return file, link
    return found[-1] if found else (given, None)


def why_no_link(given: Path) -> str:
    """Return a sentence about what stands behind a file as a link and is none; empty otherwise."""
    file = _file_before(given)
    if not file:
        return ""
    text = str(given)
    kinds = ", ".join((*RECORDS, *NARROWED))
    return f"{text[len(file) :]} leads nowhere in {file}: write #KIND:ID, with one of {kinds}."


def why_no_file(given: Path) -> str:
    """Return a sentence about what stands where no link is followed, and is no file; or empty."""
    file = _file_before(given)
    return f"There is no file {given}, but there is {file}: name that alone." if file else ""


def _file_before(given: Path) -> str:
    """Give the file that is there before a `#`; empty where what is given is there itself."""
    text = str(given)
    before = (text[:at] for at, char in enumerate(text) if char == "#")
    files = [file for file in before if Path(file).is_file()]
    return files[-1] if files and not given.exists() else ""


def _readings(text: str) -> Iterator[tuple[Path, Link]]:
    for at, char in enumerate(text):
        kind, _, value = text[at + 1 :].partition(":")
        if char == "#" and at and value and kind in (*RECORDS, *NARROWED):
            yield Path(text[:at]), Link(kind, value)
