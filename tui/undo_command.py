"""`memglass undo` and `memglass redo`: changes taken back, and done again."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.cli import fail
from tui.memory_file import CHANGED_MEMORY
from tui.reading import prepare
from tui.shell import NOTHING, UNCHANGED, NothingDoneError, ShellCommand, quoted, run, say
from tui.shell_options import SETTINGS, WORD, dry_run_option, json_option, write_json
from tui.shell_store import ACTOR, done_anyway, undo_line

if TYPE_CHECKING:
    from storage import SQLiteStore, TransactionSummary, UndoPreview

_HELP: Final = """\
Take back what was changed.

Without TRANSACTION that is the newest change that still holds and that was made by hand, in the
shell or on screen: an agent may have written since. memglass log lists all changes with their ids,
and any of them can be taken back. Undoing is a change of its own: nothing is lost, memglass redo
does again what was undone, and the journal tells of both.

With --to, all that came after a transaction is taken back, the newest first, as one change.

Where a record is no longer what the change left, nothing is undone, and a sentence says which
record is in the way.

\b
Examples:
  memglass undo memory.db
  memglass undo memory.db 0199f3c2a7d47b1c --dry-run
  memglass undo memory.db --to 0199f3c2a7d47b1c

With --json, an object with transaction_id (what undid it; null with --dry-run), undone (the
transaction), what (in words), and of a --dry-run effects, conflicts, records (how many changes it
takes back) and looked_at (of how many of these the effects and conflicts tell).

Exit status: 0 if it was undone, 1 if there is nothing to undo or something is in the way, 2 if
something is wrong, 130 after Ctrl+C.
"""

_REDO_HELP: Final = """\
Do again what memglass undo took back last.

Once something else was changed from the shell, there is nothing to go forward to any more; then
memglass undo takes back the undo itself, by its id.

\b
Example:
  memglass redo memory.db

With --json, an object with transaction_id and what (in words).

Exit status: 0 if it was done, 1 if there is nothing to do again or something is in the way, 2 if
something is wrong, 130 after Ctrl+C.
"""

_PAGE: Final = 100
_BY_HAND: Final = (ACTOR, "person")
_TAKEN_BACK: Final = ("undo", "undo back to")


@click.command(
    "undo",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Take a change back, or all since a point.",
)
@click.argument("file", type=CHANGED_MEMORY)
@click.argument("transaction", required=False, type=WORD)
@click.option(
    "--to", "back_to", type=WORD, metavar="TRANSACTION", help="All that came after this one."
)
@dry_run_option
@json_option
def undo_command(
    file: Path, transaction: str | None, *, back_to: str | None, dry_run: bool, as_json: bool
) -> None:
    """Undo, and say what was undone."""
    if transaction and back_to:
        fail("Give a TRANSACTION or --to, but not both; see memglass undo --help.")
    prepare(file)
    if dry_run:
        summary, preview = run(lambda: _previewed(file, transaction, back_to), lambda: "Stopped.")
        _write_preview(summary, preview, back_to, as_json=as_json)
        return
    summary, undone_by = run(lambda: _undone(file, transaction, back_to), lambda: UNCHANGED)
    told = _told(summary, back_to)
    if as_json:
        of_what = summary["transaction_id"]
        with done_anyway(file, undone_by):
            write_json({"transaction_id": undone_by, "undone": of_what, "what": told})
        return
    say(f"Undone: {told}.")
    say(f"Do it again with: memglass redo {quoted(file)}")


@click.command(
    "redo",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_REDO_HELP,
    short_help="Do again what undo took back last.",
)
@click.argument("file", type=CHANGED_MEMORY)
@json_option
def redo_command(file: Path, *, as_json: bool) -> None:
    """Redo, and say what was done."""
    prepare(file)
    summary = run(lambda: _redone(file), lambda: UNCHANGED)
    told = _told(summary, None)
    if as_json:
        with done_anyway(file, summary["transaction_id"]):
            write_json({"transaction_id": summary["transaction_id"], "what": told})
        return
    say(f"Done again: {told}.")
    say(undo_line(file, summary["transaction_id"]))


async def _undone(
    file: Path, transaction: str | None, back_to: str | None
) -> tuple[TransactionSummary, str]:
    from storage import UndoConflictError
    from tui.moves import done_or_not
    from tui.shell_store import opened_to_change

    async with opened_to_change(file, migrate=None) as store:
        summary = await _chosen(file, store, back_to or transaction)
        try:
            async with done_or_not(store):
                undo = store.undo if back_to is None else store.undo_to
                undone_by = await undo(summary["transaction_id"])
        except UndoConflictError as error:
            raise NothingDoneError(f"{error} Nothing was changed.") from error
    if undone_by is None:
        raise NothingDoneError(f"Nothing was changed in {file} after {back_to}.")
    return summary, undone_by


async def _previewed(
    file: Path, transaction: str | None, back_to: str | None
) -> tuple[TransactionSummary, UndoPreview]:
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        summary = await _chosen(file, store, back_to or transaction)
        look = store.history.preview_undo_to if back_to else store.history.preview_undo
        return summary, await look(summary["transaction_id"])


async def _redone(file: Path) -> TransactionSummary:
    from storage import UndoConflictError
    from tui.moves import done_or_not
    from tui.shell_store import opened_to_change

    async with opened_to_change(file, migrate=None) as store:
        try:
            async with done_or_not(store):
                transaction_id = await store.redo()
        except UndoConflictError as error:
            raise NothingDoneError(f"{error} Nothing was changed.") from error
        if transaction_id is None:
            raise NothingDoneError(f"There is nothing in {file} to do again.")
        return await _chosen(file, store, transaction_id)


async def _chosen(file: Path, store: SQLiteStore, named: str | None) -> TransactionSummary:
    """Return the transaction that is named, else the newest change by hand that still holds.

    Raises:
        NothingDoneError: There is no such.
    """
    if named is not None:
        summary = await store.history.get_transaction(named)
        if summary is None:
            raise NothingDoneError(
                f"{file} has no transaction {named}; memglass log {quoted(file)} lists them."
            )
        return summary
    newest: TransactionSummary | None = None
    numbers = await store.history.list_transactions()
    for start in range(0, len(numbers), _PAGE):
        for each in await store.history.get_transactions(numbers[start : start + _PAGE]):
            if each is None or each["role"] in _TAKEN_BACK or each["undone_by"]:
                continue
            if each["actor"] in _BY_HAND:
                return each
            newest = newest or each
    raise NothingDoneError(_nothing_to_undo(file, newest))


def _nothing_to_undo(file: Path, newest: TransactionSummary | None) -> str:
    if newest is None:
        return f"There is nothing in {file} to undo."
    line = f"memglass undo {quoted(file)} {newest['transaction_id']}"
    return (
        f"Nothing in {file} was changed by hand. The newest change is that of {newest['actor']}"
        f" ({_told(newest, None)}); {line} takes it back."
    )


def _told(summary: TransactionSummary, back_to: str | None) -> str:
    from tui.history_wording import what

    # That it was done again, and not for the first time, is nothing to undoing it.
    told = what(summary).removeprefix("redo: ")
    return f"all that came after {back_to} ({told})" if back_to else told


def _write_preview(
    summary: TransactionSummary, preview: UndoPreview, back_to: str | None, *, as_json: bool
) -> None:
    told = _told(summary, back_to)
    if as_json:
        write_json(
            {
                "transaction_id": None,
                "undone": summary["transaction_id"],
                "what": told,
                "effects": [_effect(each) for each in preview.effects],
                "conflicts": [asdict(each) for each in preview.conflicts],
                "looked_at": preview.looked_at,
                "records": preview.records,
            }
        )
    else:
        from tui.history_documents import preview_lines
        from tui.printing import print_lines

        print_lines(preview_lines(preview))
        say(f"Would undo: {told}; nothing was changed.")
    sys.exit(NOTHING if preview.conflicts or not preview.records else 0)


def _effect(effect: Any) -> dict[str, Any]:
    return {
        "kind": effect.kind,
        "record_id": effect.record_id,
        "effect": effect.effect,
        "fields": [change.path for change in effect.changes],
    }
