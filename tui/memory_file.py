"""What stands on the command line for a memory: a file, or one of its marks as `FILE@NAME`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import click

from tui.cli import EMPTY, fail, file_and_mark, mirror_as_which
from tui.links import why_no_file
from tui.named_copies import split_mark


class GivenFile(click.Path):
    """A file that is named; an empty name, which would mean this folder, ends the process."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return what is named."""
        is_typed = ctx is None or not ctx.resilient_parsing
        if is_typed and not os.fspath(value):
            fail(EMPTY)
        return Path(os.fsdecode(super().convert(value, param, ctx)))


class MemoryFile(GivenFile):
    """A memory to be read; where it is to be changed, no mark, because a mark stays as it was.

    Args:
        is_changed: Whether it is to be changed.
        in_place: Whether the file itself is meant, and not the mirror of what is no memory.
        may_be_link: Whether a link into it (`FILE#KIND:ID`) is left as it is.
    """

    name = "file"

    def __init__(
        self, *, is_changed: bool = False, in_place: bool = False, may_be_link: bool = False
    ) -> None:
        super().__init__()
        self._takes_any = in_place or may_be_link
        self._is_changed = is_changed
        self._in_place = in_place

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Return the file that is meant; a mark that is not there ends the process."""
        given = super().convert(value, param, ctx)
        if ctx is not None and ctx.resilient_parsing:
            return given
        if not self._takes_any and (why := why_no_file(given)):
            fail(why)
        if self._is_changed:
            memory, name = split_mark(given)
            if name:
                fail(f"{given} is a mark, which stays as it was made; change {memory} itself.")
        file, mark = file_and_mark(given)
        return file if mark or self._in_place else current(file, is_changed=self._is_changed)


def current(file: Path, *, is_changed: bool = False) -> Path:
    """Return the memory that is opened for a file: itself, or its mirror, brought up to date.

    Args:
        file: What stands on the command line.
        is_changed: Whether it is to be changed, which is then said of a mirror.
    """
    mirror = mirror_as_which(file)
    if mirror is None:
        return file
    from tui.mirror_update import update

    update(mirror, is_changed=is_changed)
    return mirror.file


MEMORY: Final = MemoryFile()
"""A memory to be read."""

LINKED_MEMORY: Final = MemoryFile(may_be_link=True)
"""A memory to be read, or a link to a record of one."""

CHANGED_MEMORY: Final = MemoryFile(is_changed=True)
"""A memory to be changed."""

FILLED_MEMORY: Final = MemoryFile(is_changed=True, in_place=True)
"""A memory to be filled, which is made where there is none."""
