"""`memglass doctor`: whether this machine and a memory are sound, and what to do where not."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tui.memory_file import MEMORY
from tui.shell import FOUND, ShellCommand, run
from tui.shell_options import SETTINGS

if TYPE_CHECKING:
    from storage import HealthProgress
    from tui.checkup.model import Check
    from tui.lines import TextRole
    from tui.progress_line import ProgressLine

_HELP: Final = """\
Look whether this machine has what memglass needs, and whether a memory is sound.

Without FILE it looks at this machine: the version of SQLite and the bugs that are known of it,
full text, sqlite-vec (vectors are stored and found), the embedder that works offline, the terminal,
and the folders where things are kept.

With FILE it looks at that memory instead, which is only read: its format, who else can read it, the
size of the write-ahead log; every JSON field, live and archived; records that speak of others that
are nowhere, and lineage that points nowhere; and PRAGMA integrity_check. How far it is stands on
standard error.

\b
ok      as it should be
note    worth knowing
wrong   to be mended; below it what to do

\b
Examples:
  memglass doctor
  memglass doctor --bugs                    (all bugs of SQLite that are known here, with sources)
  memglass doctor memory.db
  memglass doctor memory.db --json | jq -r 'select(.state == "wrong") | .record_id'

With --json, each line is a check: check, state, told, advice, source, and of what is broken table,
record_id, column, problem, offset and around (the text around that byte), of the format of FILE
format.

Exit status: 0 if nothing is wrong, 1 if something is, 2 if FILE cannot be looked at, 130 after
Ctrl+C.
"""

WRONG: Final = 1
_ROLES: Final[dict[str, TextRole]] = {"ok": "dim", "note": "accent", "wrong": "bad"}
_SHOWN: Final = 40


@click.command(
    "doctor",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Look whether machine and memory are sound.",
)
@click.argument("file", type=MEMORY, required=False)
@click.option("--bugs", is_flag=True, help="List all bugs of SQLite that are known here.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, one line for each check.")
def doctor_command(file: Path | None, *, bugs: bool, as_json: bool) -> None:
    """Look at the machine, or at a memory."""
    from tui.cli import fail
    from tui.progress_line import ProgressLine
    from tui.reading import follow_configuration

    if bugs:
        if file is not None:
            fail("--bugs is of this machine, and looks at no memory; leave it or FILE out.")
        _print_bugs(as_json=as_json)
        return
    work = _Work(ProgressLine(), as_json=as_json)
    if file is None:
        from tui.checkup.machine import checks

        work.tell(checks())
    else:
        path = file
        follow_configuration()
        run(lambda: work.look_at(path), lambda: "Stopped: what was not looked at is not known.")
    work.conclude()
    sys.exit(WRONG if work.wrong else FOUND)


class _Work:
    """Tells of checks as they are made.

    Attributes:
        wrong: How many found something wrong.
    """

    def __init__(self, line: ProgressLine, *, as_json: bool) -> None:
        self._line = line
        self._as_json = as_json
        self.wrong = 0

    async def look_at(self, file: Path) -> None:
        """Look at a memory."""
        from storage import CorruptDatabaseError
        from tui.checkup.memory import damage_check

        try:
            await self._look_at(file)
        except CorruptDatabaseError as error:
            self.tell([damage_check(str(error))])
        finally:
            self._line.clear()

    async def _look_at(self, file: Path) -> None:
        from storage import inspect_file
        from tui.checkup.memory import content_checks, file_checks
        from tui.cli import fail
        from tui.memory import why_no_memory
        from tui.shell_store import opened_to_read

        if why := why_no_memory(file):
            fail(why)
        self.tell(file_checks(inspect_file(file)))
        async with opened_to_read(file) as store:
            async for check in content_checks(store, self._progressed):
                self.tell([check])

    def _progressed(self, at: HealthProgress) -> None:
        from tui.progress_line import bar

        percent = 100 * at.done // at.total if at.total else 100
        what = f"  {at.done:,} of {at.total:,} rows" if at.done < at.total else "  the file itself"
        self._line.show(f"Looking {bar(percent)}{what}")

    def tell(self, checks: Iterable[Check]) -> None:
        """Print checks; of very many that are wrong only the first, unless as JSON."""
        for check in checks:
            self.wrong += check.state == "wrong"
            self._line.clear()
            if self._as_json:
                _write_json(check)
            elif check.state != "wrong" or self.wrong <= _SHOWN:
                _print(check)

    def conclude(self) -> None:
        """Say how much is wrong."""
        if self._as_json:
            return
        from tui.lines import Line
        from tui.printing import print_lines
        from tui.wording import counted

        left = f"; {self.wrong - _SHOWN:,} more, --json tells all" if self.wrong > _SHOWN else ""
        told = f"{counted(self.wrong, 'thing')} wrong{left}." if self.wrong else "Nothing is wrong."
        print_lines([Line(), Line(told, role="strong", full=True)])


def _print(check: Check) -> None:
    from tui.lines import Line
    from tui.printing import is_terminal, print_lines, print_table
    from tui.widgets.columns import Column

    if not is_terminal():
        columns = [
            Column(name, itemgetter(name), 0) for name in ("state", "name", "told", "advice")
        ]
        print_table(columns, [check._asdict()])
        return
    told = Line(check.told, f"{check.state:<7}{check.name}", _ROLES[check.state], limit=2000)
    around, source = (Line(text, role="dim") for text in (check.more.get("around"), check.source))
    lines = (told, around, Line(check.advice), source)
    print_lines([line for line in lines if line.text], indent=_LABEL)


_LABEL: Final = 22


def _write_json(check: Check) -> None:
    from tui.shell_options import write_json

    write_json({
        "check": check.name, "state": check.state, "told": check.told, "advice": check.advice,
        "source": check.source, **check.more,
    })  # fmt: skip


def _print_bugs(*, as_json: bool) -> None:
    from storage import look_at_sqlite
    from tui.checkup.machine import bug_rows
    from tui.lines import Line
    from tui.printing import print_lines
    from tui.shell_options import write_json

    found = look_at_sqlite()
    for number, row in enumerate(bug_rows(found.version, found.options)):
        if as_json:
            write_json(row)
            continue
        version = ".".join(map(str, found.version))
        here = f"{version} has it" if row["here"] else f"{version} has it not"
        lines = [
            Line(row["name"], role="strong", full=True),
            Line(f"{row['versions']}; {here}", "  versions", "bad" if row["here"] else "text"),
            Line(row["told"], "  what"),
            Line(row["source"], "  source", "dim"),
        ]
        print_lines([*([Line()] if number else []), *lines])
