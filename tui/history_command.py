"""`memglass history`: what became of an entity, a relation or a record, the oldest event first."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.memory_file import MEMORY
from tui.shell import DASHES_ARE_WORDS, FOUND, NOTHING, ShellCommand, run, say

if TYPE_CHECKING:
    from storage import EntityEvent, RecordEvent, SQLiteStore

KINDS: Final = ("entity", "interaction", "pattern", "world_model_state")

_HELP: Final = """\
Say what became of an entity, a relation or a record of a memory, the oldest event first.

FILE is only read. Of an ENTITY it is when it appeared, changed, vanished and came back, in which
domain, by which trigger, and each field that changed: read from the snapshots of the world model,
and from the world model as it is now. A relation is three words: SOURCE TYPE TARGET.

Of a record (its id, or the name of a pattern) it is who added, changed, archived and restored it,
when and why. What an agent did that keeps no journal cannot be told.

\b
Examples:
  memglass history memory.db orders-db
  memglass history memory.db orders-db --domain infra
  memglass history memory.db orders-db replica db2
  memglass history memory.db pat-tests-first
  memglass history memory.db orders-db --json | jq -r .trigger_event

In a pipe each event of an entity is a line, its parts parted by tabs; the last says the session, or
the world model where that has none. With --json, each line is an object: of an entity kind, key,
domain, world_model_id, session_id, snapshot_id, snapshot_time, trigger_event, old, new and fields;
of a record at, what, source, actor, note, transaction_id, number (in the
journal), changes, diff (of a snapshot, what it changed), reason and target.

Exit status: 0 if something is known of it, 1 if not, 2 if something is wrong.
"""

_ARROW: Final = re.compile(r"(.*?) (?:\u2500\u2500|--)(.+?)(?:\u2500\u2500\u25b8|-->) (.*)")


@click.command(
    "history",
    cls=ShellCommand,
    context_settings=DASHES_ARE_WORDS,
    help=_HELP,
    short_help="Say what became of an entity or a record.",
)
@click.argument("file", type=MEMORY)
@click.argument("names", metavar="ENTITY", nargs=-1, required=True)
@click.option("--domain", metavar="NAME", help="Only what happened in this domain.")
@click.option("--kind", type=click.Choice(KINDS), help="What is meant, where it may be several.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, one line for each event.")
def history_command(
    file: Path, names: tuple[str, ...], *, domain: str | None, kind: str | None, as_json: bool
) -> None:
    """Show what became of it."""
    from tui.cli import fail
    from tui.reading import prepare

    key = key_of(names)
    if key is None:
        fail(
            "An entity is one word (in quotes where it has spaces) and a relation three:"
            " SOURCE TYPE TARGET; see memglass history --help."
        )
    prepare(file)
    is_known = run(lambda: _shown(file, key, domain, kind, as_json=as_json), lambda: "Stopped.")
    sys.exit(FOUND if is_known else NOTHING)


def key_of(names: Sequence[str]) -> str | tuple[str, str, str] | None:
    """Give the key that words stand for: of an entity, or of a relation; None for neither."""
    if len(names) == 3:
        source, kind, target = names
        return source, kind, target
    if len(names) != 1:
        return None
    arrow = _ARROW.fullmatch(names[0])
    return (arrow[1], arrow[2], arrow[3]) if arrow else names[0]


async def _shown(
    file: Path, key: Any, domain: str | None, kind: str | None, *, as_json: bool
) -> bool:
    from tui.reading import find_one
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        events = []
        if kind in (None, "entity"):
            events = await store.get_entity_history(key, domain)
        if events:
            _show_entity(key, events, as_json=as_json)
            return True
        if isinstance(key, str) and kind != "entity" and domain is None:
            found = await find_one(store, key, kind)
            if found is not None and found.kind.removeprefix("archived_") in KINDS:
                own = found.kind.removeprefix("archived_")
                told = await store.history.get_record_history(own, found.record_id, None)
                _show_record(own, found.record_id, told, as_json=as_json)
                return True
        await _suggest(store, key, domain, kind)
    return False


def _show_entity(key: Any, events: Sequence[EntityEvent], *, as_json: bool) -> None:
    from tui.entity_documents import event_lines, sessions_in, told_short
    from tui.json_shapes import event_json
    from tui.lines import Line
    from tui.printing import is_terminal, print_lines, print_zone
    from tui.shell_options import write_json
    from tui.world.rows import spelled_key

    if as_json:
        for event in events:
            write_json(event_json(event))
    elif not is_terminal():
        _print_in_pipe(events)
    else:
        heading = [Line(spelled_key(key), role="strong", full=True)]
        heading.append(Line(told_short(events), role="dim", full=True))
        sessions = sessions_in(events)
        shown = [line for event in events for line in (Line(), *event_lines(event, sessions))]
        print_lines([*heading, *shown, Line()])
        print_zone()


def _print_in_pipe(events: Sequence[EntityEvent]) -> None:
    from tui.entity_documents import event_row
    from tui.moments import exact_time
    from tui.printing import print_table
    from tui.widgets.columns import Column

    columns = (
        Column("when", lambda row: exact_time(row["event"].snapshot_time), 25),
        Column("domain", lambda row: row["domain"], 8),
        Column("what", lambda row: row["event"].kind, 10),
        Column("by", lambda row: row["by"], 13),
        Column("change", lambda row: row["change"], 10),
        Column("session", lambda row: _session(row["event"]), 10),
    )
    print_table(columns, (event_row(event, {}) for event in events))


def _session(event: EntityEvent) -> Any:
    return event.session_id or event.world_model_id or ""


def _show_record(kind: str, record_id: str, events: list[RecordEvent], *, as_json: bool) -> None:
    from tui.history_documents import history_document
    from tui.history_wording import noun
    from tui.json_shapes import event_json
    from tui.lines import Line
    from tui.printing import print_lines, print_zone
    from tui.shell_options import write_json
    from tui.text import safe_text

    # The last line is the one that is seen first in a terminal: there stands what was last.
    oldest_first = events[::-1]
    if as_json:
        for event in oldest_first:
            write_json(event_json(event))
        return
    heading = Line(f"{noun(kind)} {safe_text(record_id, 200)}", role="strong", full=True)
    print_lines([heading, Line(), *history_document(oldest_first).lines, Line()])
    print_zone()


async def _suggest(store: SQLiteStore, key: Any, domain: str | None, kind: str | None) -> None:
    """Say that there is nothing of the kind, and which entities are called like it."""
    from difflib import get_close_matches

    from storage import entities_of
    from tui.history_wording import noun
    from tui.world.rows import spelled_key

    meant = "entity or record" if kind is None else noun(kind)
    what = "relation" if isinstance(key, tuple) else meant
    where = "" if domain is None else f" in domain {domain}"
    told = f"There is no {what} {spelled_key(key)}{where}"
    if kind not in (None, "entity"):
        say(f"{told}.")
        return
    names: dict[str, None] = {}
    for state in await store.get_active_world_models():
        if domain in (None, state["domain"]):
            for own, value in entities_of(state).items():
                names[own] = None
                if isinstance(value, dict) and value.get("name") == key:
                    say(f"{told}, but entity {own} has that name.")
                    return
    near = [] if isinstance(key, tuple) else get_close_matches(key, names, n=3, cutoff=0.6)
    say(f"{told}{'; there is ' + ', '.join(near) if near else ''}.")
