"""`memglass show`: one record of a memory, whole, with where it came from and what became of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.memory_file import LINKED_MEMORY, MEMORY
from tui.shell import DASHES_ARE_WORDS, FOUND, NOTHING, ShellCommand, run, say

if TYPE_CHECKING:
    from storage import Lineage, Named, RecordEvent, SQLiteStore
    from tui.lines import Line

KINDS: Final = ("interaction", "pattern", "world_model_state", "snapshot", "session")

_HELP: Final = """\
Show one record of a memory: its fields, what it was made from, what became of it.

FILE is only read. ID is what search, log and the program call a record:

\b
  int-0388       an interaction, by its interaction_id, live or archived
  pat-no-tests   a pattern, by its id, or by its name where only one has that name
  17             a snapshot of the world model, by its number
  infra          the world model as it is now, by its domain
  s-91           a session: its interactions, oldest first

An id counts before a name. Where several records fit, they are listed, and --kind tells them apart.
A field that is not valid JSON is shown with what is wrong, the byte where, and the bytes around it;
--raw shows every column exactly as it is stored. Of long texts the beginning is shown, and how much
more there is; --json gives all.

\b
Examples:
  memglass show memory.db int-0388
  memglass show memory.db pat-tests-first --history
  memglass show memory.db int-0412 --raw
  memglass show memory.db int-0388 --json | jq .record.details
  memglass show 'memory.db#pattern:pat-7'        (a link, as copying a finding gives it)

With --json it is one object: kind, record_id, archived, record, tags, note, lineage (sources,
products, troubles), history with --history, and stored, column by column, with --raw; of a
session, each line is the record of an interaction. What JSON cannot say is an object with the key
$memglass, as in memglass search.

Exit status: 0 if it is there, 1 if it is not, 2 if something is wrong.
"""

_HEX: Final = 450


@click.command(
    "show",
    cls=ShellCommand,
    context_settings=DASHES_ARE_WORDS,
    help=_HELP,
    short_help="Show one record, whole.",
)
@click.argument("file", type=LINKED_MEMORY)
@click.argument("record_id", metavar="ID", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="What it is, where several have the id.")
@click.option("--history", is_flag=True, help="Say also what happened to it, newest first.")
@click.option("--raw", is_flag=True, help="Show each column exactly as it is stored.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def show_command(
    file: Path, record_id: str | None, *, kind: str | None, history: bool, raw: bool, as_json: bool
) -> None:
    """Show one record."""
    from tui.cli import fail, parted
    from tui.links import NARROWED
    from tui.reading import prepare

    if record_id is None:
        file, link = parted(file)
        if link is None or (link.kind in NARROWED and link.kind != "session"):
            fail("Missing argument 'ID'; see memglass show --help.")
        file = MEMORY.convert(file, None, None)
        kind, record_id = link.kind, link.value
    prepare(file)
    wanted = record_id
    is_there = run(
        lambda: _shown(file, wanted, kind, _Ways(history, raw, as_json)), lambda: "Stopped."
    )
    if not is_there:
        from tui.history_wording import noun

        what = "record" if kind is None else noun(kind)
        known = wanted or "with an empty id"
        say(f"{file} has no {what} {known}, neither live nor archived.")
    sys.exit(FOUND if is_there else NOTHING)


class _Ways:
    """In which ways a record is shown."""

    def __init__(self, history: bool, raw: bool, as_json: bool) -> None:
        self.history, self.raw, self.as_json = history, raw, as_json


async def _shown(file: Path, text: str, kind: str | None, ways: _Ways) -> bool:
    from tui.cli import fail
    from tui.reading import find_one
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        found = await find_one(store, text, kind)
        if found is None:
            return False
        if found.kind == "session":
            if ways.history or ways.raw:
                told = "--history" if ways.history else "--raw"
                fail(f"{told} is of one record, and {found.record_id} is a session of many.")
            await _show_session(store, found.record_id, as_json=ways.as_json)
        else:
            await _show_record(store, found, ways)
    return True


async def _show_record(store: SQLiteStore, found: Named, ways: _Ways) -> None:
    from tui.json_shapes import history_json
    from tui.shell_options import write_json

    kind = found.kind.removeprefix("archived_")
    place = (await store.locate(kind, [found.record_id]))[found.record_id]
    [row] = await store.get_summaries(place.kind, [place.key])
    key = found.record_id if row is None else row["record_id"]
    record = await store.get_record(place.kind, key) or {}
    notes = await store.get_notes(kind, found.record_id)
    lineage = None
    if kind in ("interaction", "pattern"):
        lineage = await store.get_lineage(kind, found.record_id)
    events = await _events(store, kind, found.record_id, record) if ways.history else None
    stored = await store.get_row(place.kind, key) if ways.raw else None
    if ways.as_json:
        history = None if events is None else history_json(events)
        more = {"history": history, "stored": stored}
        asked = {name: value for name, value in more.items() if value is not None}
        write_json(_json(found, record, notes, lineage) | asked)
        return
    from tui.lines import Line
    from tui.printing import is_terminal, print_lines, print_zone

    print_lines(_lines(found, record, notes, stored))
    if lineage is not None and (lineage.sources or lineage.products or lineage.troubles):
        await _print_lineage(store, lineage)
    if events is not None:
        from tui.history_documents import history_document

        print_lines([Line(), Line("History", role="accent", full=True)])
        print_lines(history_document(events).lines)
    print_lines([Line()] if is_terminal() else [])
    print_zone()


async def _events(
    store: SQLiteStore, kind: str, record_id: str, record: dict[str, Any]
) -> list[RecordEvent]:
    if kind == "snapshot":
        # What a snapshot is one moment of.
        kind, record_id = "world_model_state", str(record.get("world_model_id"))
    return await store.history.get_record_history(kind, record_id)


def _lines(
    found: Named, record: dict[str, Any], notes: list[dict[str, Any]], stored: Any
) -> list[Line]:
    """Give the text about a record: its heading, notes, fields, and the bytes of what is broken."""
    from tui.documents import fields_document, raw_document
    from tui.history_wording import noun
    from tui.lines import Line
    from tui.notes import note_lines
    from tui.text import safe_text
    from tui.world_documents import model_document

    kind = found.kind.removeprefix("archived_")
    state = "archived" if kind != found.kind else "live"
    heading = f"{noun(kind)} {safe_text(found.record_id, 200)}, {state}"
    lines = [Line(heading if kind != "snapshot" else heading.rpartition(",")[0], "", "strong")]
    lines[0] = lines[0]._replace(full=True)
    for note in notes[:1]:
        lines += note_lines(note)
    if stored is not None:
        lines += raw_document(stored).lines
    elif kind in ("world_model_state", "snapshot"):
        lines += model_document(record).lines
    else:
        lines += fields_document(record).lines
    return [*lines, *_broken_lines(record)]


def _broken_lines(record: dict[str, Any]) -> list[Line]:
    """Give the bytes of the fields that cannot be decoded, around the place that is wrong."""
    from tui.health_documents import bytes_document
    from tui.lines import Line
    from tui.values import is_corrupt

    lines: list[Line] = []
    inner = record.get("record")
    for owner in (record, inner if isinstance(inner, dict) else {}):
        for name, value in owner.items():
            if is_corrupt(value):
                lines += [Line(), Line(f"Bytes of {name}", role="accent", full=True)]
                lines += bytes_document(value.raw, value.offset, _HEX).lines
    return lines


async def _print_lineage(store: SQLiteStore, found: Lineage) -> None:
    from tui.lineage import COLUMNS, Lineage
    from tui.lines import Line
    from tui.printing import print_lines, print_table

    source = Lineage(store, [*found.sources, *found.products], found.troubles)
    rows = [row for row in await source.fetch(source.keys) if row is not None]
    print_lines([Line(), Line("Lineage", role="accent", full=True)])
    print_table(COLUMNS, rows)


def _json(
    found: Named, record: dict[str, Any], notes: list[dict[str, Any]], lineage: Lineage | None
) -> dict[str, Any]:
    from tui.json_shapes import lineage_json

    kind = found.kind.removeprefix("archived_")
    note = notes[0] if notes else {"tags": [], "text": None}
    return {
        "kind": kind,
        "record_id": found.record_id,
        "archived": kind != found.kind,
        "record": record,
        "tags": note["tags"],
        "note": note["text"],
        "lineage": None if lineage is None else lineage_json(lineage),
    }


async def _show_session(store: SQLiteStore, session: str, *, as_json: bool) -> None:
    """Show the interactions of a session, oldest first."""
    from tui.printing import print_table
    from tui.shell_options import write_json

    keys = await store.list_keys("interaction", session_id=session, order="oldest")
    for start in range(0, len(keys), _AT_ONCE):
        part = keys[start : start + _AT_ONCE]
        if as_json:
            for record in await store.get_records("interaction", part):
                write_json(record)
            continue
        rows = [row for row in await store.get_summaries("interaction", part) if row is not None]
        print_table(_session_columns(), rows, heading=not start)


_AT_ONCE: Final = 500


def _session_columns() -> Any:
    from tui.moments import short_time
    from tui.widgets.columns import Column
    from tui.wording import what_of

    return (
        Column("when", lambda row: short_time(row["timestamp"]), 11, role="dim"),
        Column("interaction", lambda row: row["record_id"], 12, weight=1, role="strong"),
        Column("who", lambda row: row["role"] or row["action"], 8, weight=1),
        Column("what", what_of, 20, weight=6),
    )
