"""`memglass repair`: JSON that cannot be read, what it may have said, and mending it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.memory_file import CHANGED_MEMORY, MEMORY, GivenFile
from tui.reading import prepare
from tui.shell import FOUND, NOTHING, UNCHANGED, NothingDoneError, ShellCommand, run, say
from tui.shell_options import (
    SETTINGS,
    json_option,
    migrate_option,
    names_from,
    note_option,
    write_json,
)
from tui.wording import counted

if TYPE_CHECKING:
    from storage import HealthFinding, Repair, SQLiteStore

    Proposal = tuple[HealthFinding, Repair]

_HELP: Final = """\
Show the JSON that cannot be read, and what a repair would make of it.

Each broken field is shown with its place, what is wrong with it, and the proposed repair as a
diff, with what that would lose. Nothing is changed unless --apply is given; then the proposals are
written, all in one transaction, and each row as it was goes into the archive as corrupt. Have a
look first: what a proposal adds is a guess.

The archive keeps records just as they were, broken fields too; those are left alone. Restore one,
and it can be repaired.

\b
ID  only fields of these records; - reads ids from standard input

\b
Examples:
  memglass repair memory.db
  memglass repair memory.db int-0412 --apply
  memglass repair memory.db --json | jq -r 'select(.lost == 0).record_id' |
      memglass repair memory.db - --apply

With --json, a line for each field: an object with table, record_id, column, problem, message,
offset (the byte where it goes wrong, or null), raw (its text as it is), after (the proposal, or
null), lost and added (bytes), how or why_not (in words), and repaired (true or false).

Exit status: 0 if nothing is broken or all of it was repaired, 1 if something is still broken, 2 if
something is wrong, 130 after Ctrl+C.
"""

_PROBLEMS: Final = ("corrupt", "type")


@click.command(
    "repair",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Show broken JSON, and mend it.",
)
@click.argument("file", type=GivenFile())
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option("--apply", "is_applied", is_flag=True, help="Write the proposals.")
@note_option
@migrate_option
@json_option
def repair_command(
    file: Path,
    ids: tuple[str, ...],
    *,
    is_applied: bool,
    note: str,
    migrate: bool,
    as_json: bool,
) -> None:
    """Show proposals, or write them."""
    from tui.shell_store import done_anyway, undo_line

    file = (CHANGED_MEMORY if is_applied else MEMORY).convert(file, None, None)
    prepare(file, is_exact=as_json)
    names = names_from(ids)
    if is_applied:
        proposals, done, transaction_id = run(
            lambda: _repaired(file, names, note, migrate=migrate), lambda: UNCHANGED
        )
    else:
        proposals, done, transaction_id = run(lambda: _looked(file, names), lambda: "Stopped.")
    written = {finding for finding, _ in done}
    with done_anyway(file, transaction_id):
        for each in proposals:
            if as_json:
                write_json(_told(*each, repaired=each[0] in written))
            else:
                _print(*each)
    _sum_up(file, proposals, len(done))
    if transaction_id:
        say(undo_line(file, transaction_id))
    sys.exit(FOUND if len(done) == len(proposals) else NOTHING)


async def _looked(file: Path, names: Sequence[str]) -> tuple[list[Proposal], list[Proposal], str]:
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        return await _proposals(store, names), [], ""


async def _repaired(
    file: Path, names: Sequence[str], note: str, *, migrate: bool
) -> tuple[list[Proposal], list[Proposal], str]:
    from tui.changes import NothingToDoError
    from tui.mending import repair_fields
    from tui.shell_store import opened_to_change

    if migrate:
        looked = await _looked(file, names)
        if not any(repair.after is not None for _, repair in looked[0]):
            return looked
    async with opened_to_change(file, migrate=migrate) as store:
        proposals = await _proposals(store, names)
        can = [each for each in proposals if each[1].after is not None]
        if not can:
            return proposals, [], ""
        try:
            transaction_id, done = await repair_fields(store, can, note=note)
        except NothingToDoError as error:
            raise NothingDoneError(str(error)) from error
    return proposals, done, transaction_id


async def _proposals(store: SQLiteStore, names: Sequence[str]) -> list[Proposal]:
    """Find the broken fields (of these records), each with what is proposed.

    Raises:
        NothingDoneError: One of the records has no such field.
    """
    from storage import HealthFinding

    found = [
        each
        async for each in store.check_health()
        if isinstance(each, HealthFinding)
        and each.problem in _PROBLEMS
        # What an archived record held stands inside a field of the archive's own.
        and "." not in each.column
    ]
    if names:
        broken = {each.record_id for each in found}
        if sound := [name for name in names if name not in broken]:
            raise NothingDoneError(
                f"{sound[0]} has no broken field. memglass repair without ids shows all there are."
            )
        wanted = set(names)
        found = [each for each in found if each.record_id in wanted]
    return [(each, await store.propose_repair(each)) for each in found]


def _print(finding: HealthFinding, repair: Repair) -> None:
    from tui.health_documents import repair_lines
    from tui.lines import Line
    from tui.printing import print_lines

    at = "" if finding.offset is None else f" @{finding.offset:,}"
    head = f"{finding.table}  {finding.record_id}  {finding.column}{at}"
    lines = [Line(head, role="strong", full=True), Line(finding.message, "what", "bad")]
    if finding.archive_reason:
        lines.append(Line(f"archived as {finding.archive_reason}", "where"))
    print_lines([*lines, *repair_lines(repair), Line()])


def _told(finding: HealthFinding, repair: Repair, *, repaired: bool) -> dict[str, Any]:
    return {
        "table": finding.table,
        "record_id": finding.record_id,
        "column": finding.column,
        "problem": finding.problem,
        "message": finding.message,
        "offset": finding.offset,
        "raw": finding.raw.decode("utf-8", "surrogateescape"),
        "after": repair.after,
        "lost": repair.lost,
        "added": repair.added,
        "how": repair.how,
        "why_not": repair.why_not,
        "repaired": repaired,
    }


def _sum_up(file: Path, proposals: Sequence[Proposal], written: int) -> None:
    broken = len(proposals) - written
    can = sum(repair.after is not None for _, repair in proposals) - written
    if written:
        say(f"Repaired {counted(written, 'field')}; what stood there is archived as corrupt.")
    if not proposals:
        say(f"Every JSON field of the live records of {file} can be read.")
    elif broken and written:
        say(f"{counted(broken, 'field')} could not be repaired: see why above.")
    elif broken:
        told = f"--apply repairs {can:,} of them" if can else "nothing can be proposed"
        say(f"{counted(broken, 'field')} cannot be read; {told}. Nothing was changed.")
