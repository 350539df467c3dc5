"""`memglass log`: the journal as transactions, newest first: who changed what, and why."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.memory_file import MEMORY
from tui.shell import FOUND, NOTHING, ShellCommand, quoted, run, say
from tui.shell_options import SETTINGS, WORD

if TYPE_CHECKING:
    from storage import SQLiteStore, TransactionSummary

OPERATIONS: Final = ("add", "update", "archive", "restore")

_HELP: Final = """\
Show what was changed in a memory: who did what, when and why, the newest change first.

FILE is only read. Each entry is a transaction, which is what is undone as a whole; the id below it
is what memglass undo takes. An agent that writes the file by itself leaves no journal.

In a pipe each line is: time, transaction, who, what, why, state (undone or nothing), reason of the
archive, parted by tabs, nothing cut.

\b
Examples:
  memglass log memory.db
  memglass log memory.db --by person --since yesterday -p
  memglass log memory.db --record int-0388
  memglass log memory.db --operation archive --since 2026-09-01 --limit 100
  memglass log memory.db --json | jq -r 'select(.role == "undo") | .takes_back'

Times may be 2026-10-02, '10-02 14:05', 3d (three days ago) or yesterday; without a zone they are
local. With --json, each line is an object: number, first, transaction_id, at, actor, note, records,
operations, record_id, role, takes_back, undone_by; with -p also entries, each with changes (path,
kind, old, new).

Exit status: 0 with changes, 1 with none, 2 if something is wrong.
"""

_AT_ONCE: Final = 200
_ENTRIES: Final = 100


@click.command(
    "log",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Show who changed what, and why.",
)
@click.argument("file", type=MEMORY)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show N transactions at most.",
)
@click.option("--all", "everything", is_flag=True, help="Show all of them, whatever --limit says.")
@click.option(
    "--by",
    "actor",
    metavar="WHO",
    help="Only what this actor did: person (on screen), shell (by commands), an agent …",
)
@click.option("--since", type=WORD, metavar="TIME", help="Only what was done then or later.")
@click.option("--before", type=WORD, metavar="TIME", help="Only what was done before that.")
@click.option("--record", "record_id", metavar="ID", help="Only what changed this record.")
@click.option(
    "--tag", type=WORD, metavar="TAG", help="Only what touched a record that has this tag now."
)
@click.option("--operation", type=click.Choice(OPERATIONS), help="Only what did such a thing.")
@click.option("-p", "--patch", is_flag=True, help="Show each change, as it was and as it became.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, one line for each transaction.")
def log_command(
    file: Path, *, limit: int, everything: bool, patch: bool, as_json: bool, **asked: str | None
) -> None:
    """Show the journal."""
    from tui.reading import prepare

    prepare(file)
    wanted = {name: value for name, value in asked.items() if value is not None}
    shown = run(
        lambda: _shown(file, None if everything else limit, wanted, patch=patch, as_json=as_json),
        lambda: "Stopped.",
    )
    if not shown and not as_json:
        all_of_it = f"no such change; memglass log {quoted(file)} shows all of it"
        say(f"The journal of {file} holds {all_of_it if wanted else 'nothing yet'}.")
    sys.exit(FOUND if shown else NOTHING)


async def _shown(
    file: Path, limit: int | None, wanted: Mapping[str, str], *, patch: bool, as_json: bool
) -> int:
    from tui.reading import moment_of
    from tui.shell_store import opened_to_read

    times = {name: moment_of(wanted[name]) for name in ("since", "before") if name in wanted}
    count = 0
    async with opened_to_read(file) as store:
        async for page in _pages(store, limit, {**wanted, **times}):
            if as_json:
                await _write_json(store, page, patch=patch)
            elif patch:
                await _write_patches(store, page, is_first=not count)
            else:
                _write_list(await _with_noted(store, page), await _reasons(store, page))
            count += len(page)
    if count and not as_json:
        from tui.printing import print_zone

        print_zone()
    return count


async def _pages(
    store: SQLiteStore, limit: int | None, wanted: Mapping[str, Any]
) -> AsyncIterator[list[TransactionSummary]]:
    """Give the transactions that are meant, newest first, some hundreds at a time."""
    asked = dict(wanted)
    record_id = asked.pop("record_id", None)
    of_record = None if record_id is None else await _of_record(store, record_id)
    numbers = await store.history.list_transactions(None if of_record else limit, **asked)
    if of_record is not None:
        numbers = [number for number in numbers if number in of_record][:limit]
    for start in range(0, len(numbers), _AT_ONCE):
        found = await store.history.get_transactions(numbers[start : start + _AT_ONCE])
        yield [each for each in found if each is not None]


async def _of_record(store: SQLiteStore, record_id: str) -> set[int]:
    """Give the numbers of the transactions that changed a record."""
    entries = await store.get_journal(None, record_id=record_id)
    found = set()
    for transaction_id in dict.fromkeys(str(each["transaction_id"]) for each in entries):
        summary = await store.history.get_transaction(transaction_id)
        if summary is not None:
            found.add(summary["number"])
    return found


async def _reasons(store: SQLiteStore, page: Sequence[TransactionSummary]) -> dict[int, str]:
    """Give the archive reason of each transaction that archived something or restored it."""
    found = {}
    for each in page:
        done = {operation["operation"] for operation in each["operations"]}
        if done & {"archive", "restore"}:
            entries = await store.history.get_entries(each["number"], _LOOKED_AT)
            reasons = dict.fromkeys(one["reason"] for one in entries if one["reason"])
            found[each["number"]] = ", ".join(reasons)
    return found


async def _with_noted(
    store: SQLiteStore, page: Sequence[TransactionSummary]
) -> list[Mapping[str, Any]]:
    """Name the record that a note is on, where a transaction changed that note alone."""
    from tui.history_wording import noun

    def changes_note(each: Mapping[str, Any]) -> bool:
        return each["record_id"] is not None and each["operations"][0]["kind"] == "note"

    rows: list[Mapping[str, Any]] = [*page]
    if not any(map(changes_note, rows)):
        return rows
    on = {
        str(note["id"]): f"{note['id']} on {noun(note['kind'])} {note['record_id']}"
        for note in await store.get_notes()
    }
    return [
        {**row, "record_id": on.get(row["record_id"], row["record_id"])}
        if changes_note(row)
        else row
        for row in rows
    ]


_LOOKED_AT: Final = 3


def _write_list(page: Sequence[Mapping[str, Any]], reasons: Mapping[int, str]) -> None:
    """Write transactions: below each other in a terminal, where a line has no room for an id."""
    from tui.history_wording import state, what, why
    from tui.lines import Line
    from tui.moments import exact_time, short_time
    from tui.printing import is_terminal, print_lines, print_table
    from tui.text import safe_text
    from tui.widgets.columns import Column

    if not is_terminal():
        columns = (
            Column("at", lambda row: exact_time(row["at"]), 25),
            Column("transaction", lambda row: row["transaction_id"], 36),
            Column("by", lambda row: row["actor"], 8),
            Column("what", what, 20),
            Column("why", why, 10),
            Column("state", state, 6),
            Column("reason", lambda row: reasons.get(row["number"], ""), 10),
        )
        print_table(columns, page)
        return
    for each in page:
        undone = ", undone" if state(each) else ""
        reason = safe_text(reasons.get(each["number"], ""), 100)
        done = f"{safe_text(what(each), _WHAT)}{f' as {reason}' if reason else ''}"
        told = f"{done} by {safe_text(each['actor'], 60)}{undone}"
        said = (each["transaction_id"], safe_text(why(each), _WHAT))
        print_lines(
            [
                Line(told, short_time(each["at"]), "strong"),
                Line("  ".join(part for part in said if part), role="dim"),
            ],
            indent=_TIME,
        )


_WHAT: Final = 400
_TIME: Final = 13


async def _write_patches(
    store: SQLiteStore, page: Sequence[TransactionSummary], *, is_first: bool
) -> None:
    from tui.history_documents import transaction_document
    from tui.lines import Line
    from tui.printing import print_lines

    for number, summary in enumerate(page):
        entries = await store.history.get_entries(summary["number"], _ENTRIES)
        if number or not is_first:
            print_lines([Line()])
        print_lines(transaction_document(summary, entries).lines)


async def _write_json(
    store: SQLiteStore, page: Sequence[TransactionSummary], *, patch: bool
) -> None:
    from tui.json_shapes import changes_json
    from tui.shell_options import write_json

    for summary in page:
        told: dict[str, Any] = dict(summary)
        if patch:
            entries = await store.history.get_entries(summary["number"], None)
            told["entries"] = [
                {**each, "changes": changes_json(each["changes"])} for each in entries
            ]
        write_json(told)
