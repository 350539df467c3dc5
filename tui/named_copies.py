"""Marks: named copies of a memory, kept for this user, each read as `FILE@NAME`.

They stand in the folder for the data of programs, `memglass/marks/<file name>-<digits>/NAME.db`,
mode 0600, and the digits tell memories of one name in several folders apart. A mark is a database
like any other; it outlives the memory that it was made of.
"""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import Final, NamedTuple

from tui.places import data_folder, name_for
from tui.wording import of_system

NAMES: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
NAMES_IN_WORDS: Final = "letters, digits, dots, hyphens and underscores, 64 at most"
_AT: Final = "@"
_END: Final = ".db"
# What SQLite and the index put there; another mark may begin with the same name.
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".index", ".index-wal", ".index-shm")


class MarkError(Exception):
    """There is no such mark, or none can be called that: a sentence that says so."""


class Mark(NamedTuple):
    """A named copy of a memory.

    Attributes:
        name: What it is called.
        path: Where it is.
        made: When, in seconds since 1970.
        size: Its bytes.
    """

    name: str
    path: Path
    made: float
    size: int


def split_mark(given: Path) -> tuple[Path, str]:
    """Part a memory from the name of a mark behind it; a file whose name holds an `@` stays whole.

    Args:
        given: What stands on the command line: `FILE` or `FILE@NAME`.

    Returns:
        The memory, and the name; empty where none is meant.
    """
    memory, at, name = str(given).rpartition(_AT)
    if not at or not memory or not NAMES.fullmatch(name) or os.path.lexists(given):
        return given, ""
    file = Path(memory)
    return (file, name) if file.exists() or folder_of(file).is_dir() else (given, "")


def file_of_mark(memory: Path, name: str) -> Path:
    """Return the file of a mark.

    Raises:
        MarkError: The memory has no such mark.
    """
    there = place_of(memory, name)
    if there.is_file():
        return there
    names = ", ".join(mark.name for mark in marks_of(memory))
    has = f"it has {names}" if names else f"memglass mark {memory} {name} makes it"
    raise MarkError(f"{memory} has no mark {name}; {has}.")


def place_of(memory: Path, name: str) -> Path:
    """Return where a mark is, or would be.

    Raises:
        MarkError: No mark can have the name.
    """
    if not NAMES.fullmatch(name):
        raise MarkError(f"The name of a mark is {NAMES_IN_WORDS}; {name!r} is none.")
    return folder_of(memory) / f"{name}{_END}"


def folder_of(memory: Path) -> Path:
    """Return where the marks of a memory are, or would be."""
    return data_folder() / "marks" / name_for(memory)


def marks_of(memory: Path) -> list[Mark]:
    """Return the marks of a memory, the newest first.

    Raises:
        MarkError: Their folder cannot be read.
    """
    marks = []
    try:
        for path in folder_of(memory).iterdir():
            name = path.name.removesuffix(_END)
            # What SQLite puts beside a mark, and its index, are none.
            if path.name.endswith(_END) and NAMES.fullmatch(name) and path.is_file():
                found = path.stat()
                marks.append(Mark(name, path, found.st_mtime, found.st_size))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise MarkError(f"The marks of {memory} cannot be read: {of_system(error)}.") from error
    return sorted(marks, key=lambda mark: mark.made, reverse=True)


def remove_mark(memory: Path, name: str) -> Path:
    """Delete a mark, and what stands beside it.

    Raises:
        MarkError: There is no such mark.
        OSError: It could not be deleted.
    """
    path = place_of(memory, name)
    if not path.is_file():
        raise MarkError(f"{memory} has no mark {name}.")
    for rest in _BESIDE:
        Path(f"{path}{rest}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        path.parent.rmdir()
    return path
