"""`memglass mark`: a named copy of a memory, to come back to and to compare with."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from tui.cli import check, fail
from tui.completing import complete_marks
from tui.memory_file import GivenFile, current
from tui.named_copies import Mark, MarkError, marks_of, place_of, remove_mark
from tui.shell import FOUND, NOT_COPIED, NOTHING, ShellCommand, quoted, run, say
from tui.shell_options import SETTINGS, WORD, json_option, write_json

_HELP: Final = """\
Keep a named copy of a memory, to look at and to compare with later.

A mark is read wherever a memory is read, as FILE@NAME: in memglass FILE@NAME, which opens it
read-only, in search, diff, export and so on. Nothing changes it, and it outlives FILE. The name has
letters, digits, dots, hyphens and underscores.

Without NAME the marks of FILE are listed, the newest first.

\b
Marks are databases, one file each, only for you (mode 0600), usually in
  ~/.local/share/memglass/marks/, or else in $XDG_DATA_HOME/memglass/marks/

\b
Examples:
  memglass mark memory.db before-the-night
  memglass diff memory.db@before-the-night memory.db
  memglass mark memory.db
  memglass mark memory.db --remove before-the-night

With --json, an object with name, path, bytes and made, with --list a line of that for each, or
with --remove an object with removed (the name) and path.

Exit status: 0 if it was done, 1 if --list or --remove find no mark, 2 if something is wrong,
130 after Ctrl+C.
"""


@click.command(
    "mark",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Keep a named copy, to compare with later.",
)
@click.argument("file", type=GivenFile())
@click.argument("name", required=False, type=WORD)
@click.option("--list", "is_listed", is_flag=True, help="List the marks of FILE.")
@click.option(
    "--remove",
    type=WORD,
    metavar="NAME",
    shell_complete=complete_marks,
    help="Delete a mark of FILE.",
)
@json_option
def mark_command(
    file: Path, name: str | None, *, is_listed: bool, remove: str | None, as_json: bool
) -> None:
    """Make, list or delete a mark."""
    if sum(map(bool, (name, is_listed, remove))) > 1:
        fail("Give a NAME, --list or --remove, but not two of them; see memglass mark --help.")
    if remove:
        _remove(file, remove, as_json=as_json)
    elif name:
        _make(file, name, as_json=as_json)
    else:
        _list(file, as_json=as_json)


def _make(file: Path, name: str, *, as_json: bool) -> None:
    from tui.text import safe_text
    from tui.wording import in_bytes

    memory = current(file)
    check(memory)
    try:
        place = place_of(file, name)
    except MarkError as error:
        fail(str(error))
    if place.exists():
        fail(
            f"{file} has a mark {name} already, and it stays as it is; choose another name, or"
            f" delete it first: memglass mark {quoted(file)} --remove {name}"
        )
    size = run(lambda: _copied(memory, place), lambda: NOT_COPIED)
    if as_json:
        write_json(_told(Mark(name, place, place.stat().st_mtime, size)))
    else:
        click.echo(safe_text(f"{file}@{name}  {in_bytes(size)}  {place}", 4000))


async def _copied(file: Path, place: Path) -> int:
    from storage import copy_memory

    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return await copy_memory(file, place)


def _remove(file: Path, name: str, *, as_json: bool) -> None:
    from tui.text import safe_text

    try:
        path = remove_mark(file, name)
    except MarkError as error:
        say(str(error))
        sys.exit(NOTHING)
    except OSError as error:
        fail(f"The mark {name} could not be deleted: {error.strerror}.")
    if as_json:
        write_json({"removed": name, "path": str(path)})
    else:
        click.echo(safe_text(f"The mark {name} is deleted.", 4000))


def _list(file: Path, *, as_json: bool) -> None:
    from tui.moments import exact_time
    from tui.text import safe_text
    from tui.wording import in_bytes

    try:
        marks = marks_of(file)
    except MarkError as error:
        fail(str(error))
    if not marks:
        check(current(file))
        say(f"{file} has no marks; this makes one: memglass mark {quoted(file)} NAME")
    for mark in marks:
        if as_json:
            write_json(_told(mark))
            continue
        when = exact_time(_made(mark))
        click.echo(safe_text(f"{mark.name:<20}  {when}  {in_bytes(mark.size):>10}", 4000))
    sys.exit(FOUND if marks else NOTHING)


def _made(mark: Mark) -> str:
    return datetime.fromtimestamp(mark.made, UTC).isoformat()


def _told(mark: Mark) -> dict[str, Any]:
    return {
        "name": mark.name,
        "path": str(mark.path),
        "bytes": mark.size,
        "made": _made(mark),
    }
