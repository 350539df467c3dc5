"""`memglass diverged`: what was changed in a mirror, and how to change its source the same way."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.memory_file import MEMORY
from tui.shell import DASHES_ARE_WORDS, FOUND, NOTHING, ShellCommand, run, say
from tui.shell_options import json_option, write_json

if TYPE_CHECKING:
    from storage import Explained

_HELP: Final = """\
List the records that were changed here and are other than in the source they came from.

FILE is what another agent remembers, of which memglass keeps a mirror, or a memory into which
sources were imported. A record that you edited or archived stays as you made it, whatever the
source does. For each, what the source says of it now is printed, and how the same change is made
there: the calls of that package's own API, with the values in them. Nothing is run, and the source
is only read.

\b
Examples:
  memglass diverged agents.db
  memglass diverged agents.db openai:s-1:7
  memglass diverged agents.db --json | jq -r .code

With --json, each line is a record: kind, record_id, how, reason, path, format, is_there,
differences (field, here, there), language, code and notes.

Exit status: 0 if there are some, 1 if there are none, 2 if something is wrong.
"""


@click.command(
    "diverged",
    cls=ShellCommand,
    context_settings=DASHES_ARE_WORDS,
    help=_HELP,
    short_help="List what was changed here and not in its source.",
)
@click.argument("file", type=MEMORY)
@click.argument("ids", metavar="[ID...]", nargs=-1)
@json_option
def diverged_command(file: Path, ids: tuple[str, ...], *, as_json: bool) -> None:
    """Tell of each record."""
    from tui.reading import prepare

    prepare(file)
    count = run(lambda: _told(file, ids, as_json=as_json), lambda: "Stopped.")
    if not count:
        say(f"{file} has no record{' of these' if ids else ''} that was changed here.")
    sys.exit(FOUND if count else NOTHING)


async def _told(file: Path, ids: tuple[str, ...], *, as_json: bool) -> int:
    from storage import explain_divergence, get_diverged
    from tui.divergences import explained_lines
    from tui.printing import print_lines
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        found = await get_diverged(store)
        wanted = [each for each in found if not ids or each.record_id in ids]
        for number, each in enumerate(wanted):
            explained = await explain_divergence(store, each)
            if as_json:
                write_json(_as_json(explained))
                continue
            if number:
                click.echo()
            print_lines(explained_lines(explained))
    return len(wanted)


def _as_json(explained: Explained) -> dict[str, Any]:
    each = explained.divergence
    return {
        "kind": each.kind,
        "record_id": each.record_id,
        "how": each.how,
        "reason": each.reason,
        "path": str(each.path),
        "format": each.format,
        "is_there": explained.is_there,
        "differences": [
            {"field": one.name, "here": one.here, "there": one.there}
            for one in explained.differences
        ],
        "language": explained.how_to.language,
        "code": explained.how_to.code,
        "notes": list(explained.how_to.notes),
    }
