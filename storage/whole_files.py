"""Files that appear whole or not at all: begun beside their place, mode 0600, and put there."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from pathlib import Path
from typing import Final

_ENDING: Final = ".memglass-part"
_BEGUN: Final = re.compile(rf"\..*-\w{{8}}{re.escape(_ENDING)}", re.DOTALL)
_ABANDONED_SECONDS: Final = 24 * 3600


def begin(place: Path) -> tuple[int, Path]:
    """Make the file that is to become another.

    Args:
        place: What it is to become.

    Returns:
        A descriptor to write it, and where it is: under a hidden name that nobody else has.

    Raises:
        OSError: It cannot be made.
    """
    descriptor, name = tempfile.mkstemp(_ENDING, f".{place.name[:100]}-", place.parent)
    return descriptor, Path(name)


def clear(folder: Path) -> None:
    """Remove what who was killed has left in a folder; who goes on writes all the time.

    Args:
        folder: The folder. It may hold many files, so that this may take a moment.
    """
    abandoned = time.time() - _ABANDONED_SECONDS
    # What cannot be removed is in nobody's way.
    with contextlib.suppress(OSError):
        for each in folder.iterdir():
            if _BEGUN.fullmatch(each.name) and each.lstat().st_mtime < abandoned:
                each.unlink()


def put(begun: Path, place: Path, *, over: bool = False) -> None:
    """Put a file that is complete into its place.

    Args:
        begun: What `begin()` made.
        place: Its place.
        over: Whether it replaces a file that stands there.

    Raises:
        FileExistsError: Something stands there, and is not to be replaced.
        OSError: It cannot be put there.
    """
    if over:
        begun.replace(place)
        return
    try:
        # Unlike renaming, it fails where a file has come meanwhile.
        place.hardlink_to(begun)
    except FileExistsError:
        raise
    except OSError:
        # A file system without links.
        if os.path.lexists(place):
            raise FileExistsError(str(place)) from None
        begun.rename(place)
