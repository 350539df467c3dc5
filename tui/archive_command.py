"""`memglass archive`: records leave a memory for its archive, with a reason."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.cli import fail
from tui.completing import complete_usual_reasons
from tui.memory_file import CHANGED_MEMORY
from tui.reading import prepare
from tui.shell import UNCHANGED, ShellCommand, run
from tui.shell_options import (
    SETTINGS,
    dry_run_option,
    json_option,
    migrate_option,
    names_from,
    note_option,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.record_names import Found

_HELP: Final = """\
Move interactions and patterns into the archive, with a reason.

All of them go in one transaction, or none does. They can be read and searched there as before, and
come back unchanged with memglass restore or memglass undo.

\b
ID  interaction_id, id of a pattern, or the name that only one pattern has;
    interaction:ID and pattern:ID say which of two is meant;
    - reads ids from standard input, one a line

The reason is yours; manual, duplicate, wrong and corrupt are usual. There is none by default.

\b
Examples:
  memglass archive memory.db pat-no-approval --reason wrong --note "ask Mara"
  memglass archive memory.db int-0007 int-0009 --reason duplicate --dry-run
  memglass search memory.db 'session:s-91' --live --limit 9999 --json |
      jq -r .record_id | memglass archive memory.db - --reason manual

With --json, an object with transaction_id (null with --dry-run), reason, and records, a list of
kind and record_id.

Exit status: 0 if it was done, 1 if one of them is not there (then nothing was changed), 2 if
something is wrong, 130 after Ctrl+C.
"""


@click.command(
    "archive",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Move records into the archive, with a reason.",
)
@click.argument("file", type=CHANGED_MEMORY)
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option(
    "--reason",
    required=True,
    shell_complete=complete_usual_reasons,
    help="Why; kept with each record in the archive.",
)
@note_option
@dry_run_option
@migrate_option
@json_option
def archive_command(
    file: Path,
    ids: tuple[str, ...],
    *,
    reason: str,
    note: str,
    dry_run: bool,
    migrate: bool,
    as_json: bool,
) -> None:
    """Archive, and say what was archived."""
    if not reason.strip():
        fail("The reason is empty; say why the records go, such as --reason wrong.")
    prepare(file)
    names = names_from(ids)
    if dry_run:
        records, lines, count = run(lambda: _previewed(file, names), lambda: "Stopped.")
        moved = None
    else:
        records, lines, count, moved = run(
            lambda: _archived(file, names, reason, note, migrate=migrate), lambda: UNCHANGED
        )
    if as_json:
        from tui.record_names import moved_json
        from tui.shell_store import done_anyway

        with done_anyway(file, moved):
            write_json(moved_json(records, moved, reason=reason))
    else:
        _write(file, reason, lines, count, moved)


async def _previewed(file: Path, names: Sequence[str]) -> tuple[list[Found], list[str], int]:
    from tui.moves import count_live
    from tui.record_names import described, find_records, wanted_of
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        records = await find_records(store, names, archived=False)
        count = await count_live(store, wanted_of(records))
        return records, await described(store, records), count


async def _archived(
    file: Path, names: Sequence[str], reason: str, note: str, *, migrate: bool
) -> tuple[list[Found], list[str], int, str]:
    from tui.moves import archive_records
    from tui.record_names import described, find_records, wanted_of
    from tui.shell_store import opened_to_change

    if migrate:
        # Nothing is brought up to date for records that are not there.
        await _previewed(file, names)
    async with opened_to_change(file, migrate=migrate) as store:
        records = await find_records(store, names, archived=False)
        lines = await described(store, records)
        moved = await archive_records(store, wanted_of(records), reason, note=note)
    return records, lines, moved.total, moved.transaction_id


def _write(file: Path, reason: str, lines: Sequence[str], count: int, transaction_id: Any) -> None:
    from tui.shell_store import write_moved
    from tui.wording import counted, with_those_beside

    done = "Archived" if transaction_id else "Would archive"
    what = with_those_beside(counted(len(lines), "record"), more := max(0, count - len(lines)))
    if more:
        what += ","
    write_moved(file, f"{done} {what} as {reason}", lines, transaction_id)
