"""`memglass backup`: a copy of a memory that is whole, private, and in nobody's way."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from tui.cli import EMPTY, fail
from tui.memory_file import MEMORY
from tui.mirrors import as_named
from tui.shell import NOT_COPIED, ShellCommand, run
from tui.shell_options import SETTINGS, json_option, write_json

_HELP: Final = """\
Copy a memory to a file of its own.

The copy holds what was committed at one moment, also while an agent is writing, and damage is
copied as it is. It appears whole or not at all, and only you can read it (mode 0600). FILE is only
read, and nothing is ever written over.

\b
DEST  the new file, or a folder for it; without it, the copy stands beside
      FILE and is called FILE.backup- and the time in UTC

\b
Examples:
  memglass backup memory.db
  memglass backup memory.db /mnt/usb/
  memglass backup memory.db@before-the-night last-week.db

With --json, an object with path and bytes. FILE may be a mark (see memglass mark --help).

Exit status: 0 if the copy was made, 2 if something is wrong, 130 after Ctrl+C.
"""


@click.command(
    "backup",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Copy a memory to a file of its own.",
)
@click.argument("file", type=MEMORY)
@click.argument("dest", required=False, type=click.Path())
@json_option
def backup_command(file: Path, dest: str | None, *, as_json: bool) -> None:
    """Make the copy and say where it is."""
    from tui.text import safe_text
    from tui.wording import in_bytes

    if dest == "":
        fail(EMPTY)
    if dest is not None and dest.endswith(os.sep) and not Path(dest).is_dir():
        fail(f"There is no folder {dest}; make it first, or name another.")
    place = backup_place(file, None if dest is None else Path(dest))
    size = run(lambda: _copied(file, place), lambda: NOT_COPIED)
    if as_json:
        write_json({"path": str(place), "bytes": size})
    else:
        click.echo(safe_text(f"{place}  {in_bytes(size)}", 4000))


def backup_place(file: Path, dest: Path | None = None) -> Path:
    """Return where a backup goes: beside the file, into a folder, or just where it is said.

    Args:
        file: The memory.
        dest: What was said of it.
    """
    if dest is not None and not dest.is_dir():
        return dest
    # Unlike `resolve()`, it ends where links lead back to each other.
    real = Path(os.path.realpath(as_named(str(file))))
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return (dest or real.parent) / f"{real.name}.backup-{stamp}"


async def _copied(file: Path, place: Path) -> int:
    from storage import copy_memory

    return await copy_memory(file, place)
