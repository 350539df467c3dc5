"""Mirrors: memories of this user that follow what an agent of another kind remembers.

What `memglass FILE` opens is the file itself where it is a memory. Anything else that can be
imported is opened as its mirror: a memory in the folder for the data of programs,
`memglass/mirrors/<file name>-<digits>.db`, mode 0600. The source is only read. What the person is
told, and what they type, names the source and never the file of the mirror.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

from tui.places import data_folder, name_for

STAY: Final = "changes stay in this mirror"
STAY_SHORT: Final = "changes stay here"

_named: dict[str, str] = {}


class Mirror(NamedTuple):
    """A memory that follows a source.

    Attributes:
        source: The file or folder, as the person named it.
        file: The database of the mirror.
        title: What people call the format; empty if that was not looked for.
        is_missing: Whether the source is not there any more.
    """

    source: Path
    file: Path
    title: str = ""
    is_missing: bool = False


def mirror_of(given: Path) -> Mirror | None:
    """Return the mirror as which a file is opened; None if it is opened in place, if at all.

    Raises:
        UnknownSourceError: It is neither a memory nor of a format that can be imported.
        StorageError: It cannot be read.
    """
    from storage import is_foreign

    # What was a source once may be a memory now.
    is_native = not is_foreign(given)
    if is_native and os.path.lexists(given):
        return None
    file = place_of(given)
    if is_native:
        return _known(Mirror(given, file, is_missing=True)) if file.is_file() else None
    if file.is_file():
        # The synchronisation says what has become of the source.
        return _known(Mirror(given, file))
    from storage import detect_source

    return _known(Mirror(given, file, detect_source(given).title))


def place_of(source: Path) -> Path:
    """Return where the mirror of a source is, or would be."""
    return data_folder() / "mirrors" / f"{name_for(source)}.db"


def make_place(mirror: Mirror) -> None:
    """Make an empty file for a mirror that there is not yet, which nobody else can read.

    Raises:
        FileError: It could not be made.
    """
    from storage import FileError

    try:
        mirror.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(mirror.file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        folder = mirror.file.parent
        raise FileError(f"No mirror can be made in {folder}: {error.strerror}.") from error


def as_named(text: str) -> str:
    """Return a text for a person, with the source where the file of its mirror stands."""
    for file, source in _named.items():
        text = text.replace(file, source)
    return text


def _known(mirror: Mirror) -> Mirror:
    _named[str(mirror.file)] = str(mirror.source)
    return mirror
