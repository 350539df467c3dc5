"""`memglass diff`: what one memory has and another has not, and what differs, by kind."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tui.memory_file import MEMORY
from tui.shell import FOUND, ShellCommand, run
from tui.shell_options import SETTINGS

if TYPE_CHECKING:
    from storage import Difference, KindCount, SQLiteStore
    from tui.progress_line import ProgressLine

KINDS: Final = ("interaction", "pattern", "world_model_state", "snapshot", "note")

_HELP: Final = """\
Compare two memories, or a memory with one of its marks (FILE@NAME): what only A has, what only B
has, and what differs, field by field.

Both are only read, and may be of any size. A record is the same one by its id; what is left of
patterns then by name and type, of world models by domain and session. A snapshot goes by its world
model and time. Going into the archive, or coming out of it, is a difference of one record.

\b
Signs:
  -  only in A
  +  only in B
  ~  in both, and different; below it what it is in A (-) and in B (+), or  old -> new

\b
Examples:
  memglass mark memory.db before                 (then let the agent consolidate)
  memglass diff memory.db@before memory.db
  memglass diff memory.db@before memory.db --summary
  memglass diff one.db other.db --kind pattern
  memglass diff one.db other.db --json | jq -r 'select(.class == "only_b") | .record_id'

Row numbers, the order of keys and the spelling of numbers in JSON are no difference; the order of
a list is one. With --json, each line is a difference: kind, class (only_a, only_b, different),
record_id, id_a, id_b, matched_by, moved (archived, restored or empty), what, changes (path, kind,
old, new) and world (entities, relations, fields, confidence); with --summary, each line is a kind
with same, different, only_a and only_b.

Exit status: 0 if they are the same, 1 if they differ, 2 if something is wrong.
"""

DIFFERENT: Final = 1


@click.command(
    "diff",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Compare two memories, or a memory with a mark.",
)
@click.argument("a", type=MEMORY)
@click.argument("b", type=MEMORY)
@click.option(
    "--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only this kind; or several."
)
@click.option("--summary", is_flag=True, help="Say only how many records differ.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, one line for each difference.")
def diff_command(a: Path, b: Path, *, kinds: tuple[str, ...], summary: bool, as_json: bool) -> None:
    """Compare two memories."""
    from tui.progress_line import ProgressLine
    from tui.reading import prepare

    prepare(a)
    prepare(b)
    work = _Work(kinds, ProgressLine(), summary=summary, as_json=as_json)
    differ = run(lambda: work.compare(a, b), lambda: "Stopped.")
    sys.exit(DIFFERENT if differ else FOUND)


class _Work:
    """One comparison, printed while it goes on."""

    def __init__(
        self, kinds: tuple[str, ...], line: ProgressLine, *, summary: bool, as_json: bool
    ) -> None:
        self._kinds = kinds
        self._line = line
        self._summary = summary
        self._as_json = as_json
        self._counts: list[KindCount] = []

    async def compare(self, a: Path, b: Path) -> bool:
        """Compare them; True where they differ."""
        from tui.shell_store import opened_to_read

        async with opened_to_read(a) as one, opened_to_read(b) as other:
            try:
                async for part in self._parts(one, other):
                    self._line.clear()
                    await self._print(one, other, part)
            finally:
                self._line.clear()
        self._print_counts()
        return any(count.differs for count in self._counts)

    async def _parts(self, one: SQLiteStore, other: SQLiteStore) -> AsyncIterator[list[Difference]]:
        """Give the differences some hundreds at a time, those of a kind and a class together."""
        from storage import KindCount, compare_memories

        part: list[Difference] = []
        told = compare_memories(one, other, self._kinds or None, self._progressed)
        async for each in told:
            is_count = isinstance(each, KindCount)
            if part and (is_count or len(part) == _AT_ONCE):
                yield part
                part = []
            if isinstance(each, KindCount):
                self._counts.append(each)
            elif not self._summary:
                part.append(each)

    def _progressed(self, rows: int) -> None:
        self._line.show(f"Comparing: {rows:,} records read")

    async def _print(self, one: SQLiteStore, other: SQLiteStore, part: list[Difference]) -> None:
        from tui.diff_documents import difference_json, difference_lines, labels_of
        from tui.printing import print_lines
        from tui.shell_options import write_json

        labels = await labels_of(one, other, part)
        if self._as_json:
            for each, label in zip(part, labels, strict=True):
                write_json(difference_json(each, label))
            return
        print_lines([
            line
            for each, label in zip(part, labels, strict=True)
            for line in difference_lines(each, label)
        ])  # fmt: skip

    def _print_counts(self) -> None:
        from dataclasses import asdict

        if self._as_json:
            from tui.shell_options import write_json

            for count in self._counts if self._summary else ():
                write_json(asdict(count))
            return
        from tui.diff_documents import count_columns
        from tui.lines import Line
        from tui.printing import is_terminal, print_lines, print_table

        if not is_terminal() and not self._summary:
            return
        differ = any(count.differs for count in self._counts)
        if differ and not self._summary:
            print_lines([Line()])
        columns = count_columns(with_commas=is_terminal())
        print_table(columns, [asdict(count) for count in self._counts])
        if is_terminal() and not differ:
            print_lines([Line("They hold the same.", role="strong", full=True)])


_AT_ONCE: Final = 200
