"""`memglass restore`: records come back from the archive, just as they were."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from tui.cli import fail
from tui.completing import complete_reasons_there
from tui.memory_file import CHANGED_MEMORY
from tui.reading import moment_of, prepare
from tui.shell import UNCHANGED, NothingDoneError, ShellCommand, run, say
from tui.shell_options import (
    SETTINGS,
    WORD,
    dry_run_option,
    json_option,
    migrate_option,
    names_from,
    note_option,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage import Store
    from tui.record_names import Found

_HELP: Final = """\
Bring interactions and patterns back from the archive, just as they were.

All of them come back in one transaction, or none does. Of several archived versions of one record,
the newest comes back.

\b
ID  interaction_id, id of a pattern, or the name that only one pattern has;
    interaction:ID and pattern:ID say which of two is meant;
    - reads ids from standard input, one a line

Instead of ids, --reason, --before and --after bring back all that was archived so. That is shown
first and asked for, or wants --yes. What is live by now, or was archived anew later, is left out.

\b
Examples:
  memglass restore memory.db int-0388
  memglass restore memory.db --reason night --after 2026-09-11 --dry-run
  memglass restore memory.db --reason manual --before yesterday --yes

Times are such as 2026-09-12, "09-12 14:05", 3d or yesterday; --before does not include its own.

With --json, an object with transaction_id (null with --dry-run), and records, a list of kind and
record_id.

Exit status: 0 if it was done, 1 if one of them is not there or nothing fits (then nothing was
changed), 2 if something is wrong, 130 after Ctrl+C.
"""


class _Filter(NamedTuple):
    """What archived records are chosen by; what is None does not narrow."""

    reason: str | None
    after: str | None
    before: str | None


@click.command(
    "restore",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Bring records back from the archive.",
)
@click.argument("file", type=CHANGED_MEMORY)
@click.argument("ids", metavar="[ID...]", nargs=-1)
@click.option(
    "--reason",
    shell_complete=complete_reasons_there,
    help="All that was archived for this reason.",
)
@click.option("--before", type=WORD, metavar="TIME", help="All that was archived before this.")
@click.option(
    "--after", type=WORD, metavar="TIME", help="All that was archived at this time or later."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@note_option
@dry_run_option
@migrate_option
@json_option
def restore_command(
    file: Path,
    ids: tuple[str, ...],
    *,
    reason: str | None,
    before: str | None,
    after: str | None,
    yes: bool,
    note: str,
    dry_run: bool,
    migrate: bool,
    as_json: bool,
) -> None:
    """Restore, and say what came back."""
    narrowed = _Filter(reason, after, before)
    if bool(ids) == any(narrowed):
        fail(
            "Give ids, or --reason, --before or --after, but not both; see memglass restore --help."
        )
    prepare(file)
    names = names_from(ids)
    records, lines = run(lambda: _previewed(file, names, narrowed), lambda: "Stopped.")
    moved = None
    if not dry_run:
        if any(narrowed) and not yes:
            _ask(file, lines)
        moved = run(lambda: _restored(file, records, note, migrate=migrate), lambda: UNCHANGED)
    if as_json:
        from tui.record_names import moved_json
        from tui.shell_store import done_anyway

        with done_anyway(file, moved):
            write_json(moved_json(records, moved))
    else:
        _write(file, lines, moved)


def _ask(file: Path, lines: Sequence[str]) -> None:
    from tui.text import safe_text
    from tui.wording import counted

    if not sys.stdin.isatty():
        fail(f"{counted(len(lines), 'record')} would come back; --yes says that this is meant.")
    for line in lines:
        click.echo(safe_text(line, 2000), err=True)
    question = f"Bring {counted(len(lines), 'record')} back into {file}?"
    if not click.confirm(safe_text(question, 4000), err=True):
        say("Nothing was changed.")
        sys.exit(1)


async def _previewed(
    file: Path, names: Sequence[str], narrowed: _Filter
) -> tuple[list[Found], list[str]]:
    from tui.record_names import described, find_records
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        if names:
            records = await find_records(store, names, archived=True)
        else:
            records = await _narrowed(store, narrowed)
        await _refuse_in_time(store, records)
        return records, await described(store, records)


async def _refuse_in_time(store: Store, records: Sequence[Found]) -> None:
    """Refuse what the memory would refuse, before anybody is asked or told what would come back.

    Raises:
        RestoreError: One of them cannot come back, so that none would.
    """
    from storage import RestoreError
    from tui.record_names import wanted_of

    for kind, ids in wanted_of(records):
        why = await store.history.why_not_restored(kind.removeprefix("archived_"), ids)
        if why:
            raise RestoreError(f"{why} Nothing was changed.")


async def _narrowed(store: Store, narrowed: _Filter) -> list[Found]:
    """Find what was archived so, without what cannot come back as it was archived then.

    Raises:
        NothingDoneError: There is nothing of that kind.
    """
    from tui.moves import batches
    from tui.record_names import KINDS, Found

    after, before = (
        None if given is None else moment_of(given) for given in (narrowed.after, narrowed.before)
    )
    found: list[Found] = []
    looked_at = 0
    for kind in KINDS:
        name = f"archived_{kind}"
        keys = await store.list_keys(
            name, archive_reason=narrowed.reason, after=after, before=before
        )
        looked_at += len(keys)
        for part in batches(keys):
            rows = [row for row in await store.get_summaries(name, part) if row is not None]
            ids = {row["key"]: str(row[f"{kind}_id"]) for row in rows}
            places = await store.locate(kind, ids.values())
            found += [
                Found(name, key, record_id)
                for key, record_id in ids.items()
                if places.get(record_id) == (name, key)
            ]
    if left := looked_at - len(found):
        say(f"{left:,} of {looked_at:,} are live by now or were archived anew, and are left out.")
    if not found:
        raise NothingDoneError("Nothing was archived so; nothing was changed.")
    return found


async def _restored(file: Path, records: Sequence[Found], note: str, *, migrate: bool) -> str:
    from tui.moves import restore_records
    from tui.record_names import wanted_of
    from tui.shell_store import opened_to_change

    async with opened_to_change(file, migrate=migrate) as store:
        return (await restore_records(store, wanted_of(records), note=note)).transaction_id


def _write(file: Path, lines: Sequence[str], transaction_id: str | None) -> None:
    from tui.shell_store import write_moved
    from tui.wording import counted

    done = "Restored" if transaction_id else "Would restore"
    write_moved(file, f"{done} {counted(len(lines), 'record')}", lines, transaction_id)
