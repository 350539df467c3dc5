"""`memglass import`: what agents of other kinds remember, brought into a memory."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from tui.cli import check, fail
from tui.memory_file import FILLED_MEMORY, GivenFile
from tui.shell import FOUND, NOTHING, ShellCommand, quoted, run, say
from tui.shell_options import SETTINGS, dry_run_option, json_option, migrate_option, write_json
from tui.wording import counted

if TYPE_CHECKING:
    from storage import Found, ImportProgress, ImportReport

_HELP: Final = """\
Bring what agents of other kinds remember into a memory of memglass.

What a SOURCE is, is seen by what is in it, not by its name. It is only read, also while its agent
writes to it. Run it again, and only what is new or changed comes in; what the source deleted goes
into the archive as gone_from_source; a record that you changed in FILE stays as it is. What cannot
be read comes in too, as a record that shows its bytes and its place.

\b
SOURCE  MCP memory file (JSON lines), Claude Code transcript or a folder of them, OpenAI Agents SDK
        sessions, LangGraph store and checkpoints, mem0 history, llm logs (all SQLite), and whatever
        else memglass import --formats names.

Sources are read in the order in which they are given: two states of an MCP memory file, the older
one first, become two snapshots that memglass world compares. Ctrl+C stops it; the next run goes on
from there.

\b
Examples:
  memglass import ~/.claude/projects --into claude.db
  memglass import before.jsonl after.jsonl --into world.db
  memglass import sessions.db --into memory.db --dry-run

With --json, a line for each source: an object with path, format, title, and with --dry-run summary,
otherwise added, updated, archived, restored, unchanged (of what had to be read again), diverged,
corrupt, counts, troubles, remarks, skipped, transactions and is_complete.

Exit status: 0 if all of it could be read, 1 if something came in as corrupt, 2 if something is
wrong (then nothing was changed), 130 after Ctrl+C.
"""

_SHOWN: Final = 2000
_STOPPED: Final = "Stopped: what was imported stays, and the next run goes on from there."


class _Done(NamedTuple):
    """What came of it.

    Attributes:
        reports: A report for each source.
        before: The newest transaction of the memory before; None if it had none.
        diverged: How many records that came from sources were changed in the memory.
    """

    reports: list[ImportReport]
    before: str | None
    diverged: int


@click.command(
    "import",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Bring another agent's memory into one of memglass.",
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, type=GivenFile())
@click.option("--into", "file", metavar="FILE", type=FILLED_MEMORY, help="Made where missing.")
@click.option("--formats", "names_formats", is_flag=True, help="Say what can be imported.")
@dry_run_option
@migrate_option
@json_option
def import_command(
    sources: tuple[Path, ...],
    *,
    file: Path | None,
    names_formats: bool,
    dry_run: bool,
    migrate: bool,
    as_json: bool,
) -> None:
    """Import, and say what came of each source."""
    if names_formats:
        _write_formats(as_json=as_json)
        return
    if not sources:
        fail("Name a SOURCE to import; memglass import --formats says what can be.")
    found = run(lambda: _looked(sources), lambda: "Stopped.")
    if dry_run:
        for each in found:
            _write_found(each, as_json=as_json)
        say("Nothing was changed.")
        return
    if file is None:
        fail("Say which memory it goes into, such as --into memory.db.")
    _check_target(file, sources)
    done = run(lambda: _imported(file, sources, migrate=migrate), lambda: _STOPPED)
    try:
        for report in done.reports:
            if as_json:
                write_json({**asdict(report), "path": str(report.path)})
            else:
                _write(report)
    finally:
        # Also where nobody can take the answer, it was done.
        _sum_up(file, done)
    sys.exit(NOTHING if any(report.corrupt for report in done.reports) else FOUND)


def _check_target(file: Path, sources: Sequence[Path]) -> None:
    """Refuse to fill what is no memory, and to read what is being filled."""
    if file.exists() and file.stat().st_size:
        # A first import that was cut short leaves a database without a table.
        check(file, may_be_empty=True)
    # Unlike `resolve()`, it ends where links lead back to each other.
    place = os.path.realpath(file)
    if any(place == os.path.realpath(source) for source in sources):
        fail(f"{file} cannot be imported into itself.")
    try:
        # What agents keep for themselves is nobody else's to read here either.
        file.touch(mode=0o600)
    except OSError as error:
        fail(f"{file} cannot be written: {error.strerror}.")


async def _looked(sources: Sequence[Path]) -> list[Found]:
    from storage import detect_source

    return [detect_source(source) for source in sources]


async def _imported(file: Path, sources: Sequence[Path], *, migrate: bool) -> _Done:
    from storage import get_diverged, sync_source
    from tui.progress_line import ProgressLine
    from tui.shell_store import opened_to_change

    line = ProgressLine()
    reports: list[ImportReport] = []
    async with opened_to_change(file, migrate=migrate) as store:
        newest = await store.get_journal(1)
        try:
            for source in sources:
                report = await sync_source(store, source, progress=lambda each: _show(line, each))
                reports.append(report)
        finally:
            line.clear()
        diverged = await get_diverged(store)
    return _Done(reports, newest[0]["transaction_id"] if newest else None, len(diverged))


def _show(line: Any, progress: ImportProgress) -> None:
    from tui.progress_line import bar

    percent = min(100, 100 * progress.done // progress.total) if progress.total else 0
    line.show(f"Importing {bar(percent)}  {progress.records:,} records  {progress.path.name}")


def _write_formats(*, as_json: bool) -> None:
    from storage import get_formats
    from tui.text import safe_text

    for name, title in get_formats().items():
        if as_json:
            write_json({"format": name, "title": title})
        else:
            click.echo(safe_text(f"{name:24}{title}"))


def _write_found(found: Found, *, as_json: bool) -> None:
    from tui.text import safe_text

    if as_json:
        write_json({**asdict(found), "path": str(found.path)})
    else:
        click.echo(safe_text(f"{found.path}  {found}", _SHOWN))


def _write(report: ImportReport) -> None:
    """Write what came of one source: what it is, what was done, what could not be read."""
    from tui.text import safe_text

    lines = [f"{report.path}  {report.title}", f"  {_outcome(report)}"]
    if report.counts:
        parts = sorted(report.counts.items(), key=lambda each: -each[1])
        lines.append("  " + ", ".join(f"{count:,} {name}" for name, count in parts))
    if report.skipped:
        lines.append(f"  left out, of no known format: {', '.join(report.skipped)}")
    lines += [f"  {remark}" for remark in report.remarks]
    lines += [f"  trouble: {trouble}" for trouble in report.troubles]
    more = report.corrupt - len(report.troubles)
    if more > 0:
        lines.append(f"  and {more:,} more that cannot be read")
    for line in lines:
        click.echo(safe_text(line, _SHOWN))


def _outcome(report: ImportReport) -> str:
    done = [
        f"{count:,} {what}"
        for count, what in (
            (report.added, "added"),
            (report.updated, "updated"),
            (report.restored, "came back"),
            (report.archived, "archived as gone_from_source"),
        )
        if count
    ]
    return ", ".join(done) or "nothing new"


def _sum_up(file: Path, done: _Done) -> None:
    """Say how to look at it, and how to take it back."""
    from tui.shell_store import undo_line

    transactions = [each for report in done.reports for each in report.transactions]
    if done.diverged:
        records = counted(done.diverged, "record")
        say(f"{records} from this or another source: edited or archived in {file}, and left so.")
    if not transactions:
        say("Nothing was changed.")
        return
    say(f"Look at it with: memglass {quoted(file)}")
    if len(transactions) == 1:
        say(undo_line(file, transactions[0]))
    elif done.before is not None:
        say(f"Take it back with: memglass undo {quoted(file)} --to {done.before}")
