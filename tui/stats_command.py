"""`memglass stats`: how much a memory holds, of what, and how fast it grows."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.memory_file import MEMORY
from tui.shell import FOUND, ShellCommand, run
from tui.shell_options import SETTINGS

if TYPE_CHECKING:
    from datetime import date

    from storage import SQLiteStore
    from tui.lines import Line

_HELP: Final = """\
Say how much a memory holds: records by kind, growth, sessions, types of patterns and how sure the
agent is of them, reasons of the archive, domains, tables by size, and the index.

FILE is only read. Growth counts back from the newest interaction of the memory.

\b
Examples:
  memglass stats memory.db
  memglass stats memory.db --json | jq .counts.interaction
  memglass stats memory.db@before --json | jq '.tables | map_values(.bytes)'

With --json it is one object: counts (by kind), growth (interactions of the last day, week and 30
days of the memory, live and archived), sessions, actions, types (count, mean, tenths of the
confidence from 0 to 1), reasons, domains (snapshots, confidence, newest), file, tables (rows and
bytes of their values) and index (path and bytes; null where none stands beside FILE).

Exit status: 0 if all is well, 2 if something is wrong.
"""


@click.command(
    "stats",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Say how much a memory holds, and of what.",
)
@click.argument("file", type=MEMORY)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, one object.")
def stats_command(file: Path, *, as_json: bool) -> None:
    """Say how much there is."""
    from tui.reading import prepare

    prepare(file)
    told = run(lambda: _read(file), lambda: "Stopped.")
    if as_json:
        from tui.shell_options import write_json

        write_json(_as_json(told))
    else:
        from tui.printing import print_lines

        print_lines(list(_lines(file, told)))
    sys.exit(FOUND)


async def _read(file: Path) -> dict[str, Any]:
    """Read all that is told."""
    from tui.shell_store import opened_to_read
    from tui.world.domains import domains_in

    async with opened_to_read(file) as store:
        overview = await store.get_overview()
        statistics = await store.get_statistics()
        snapshots, states = [
            await store.get_summaries(kind, await store.list_keys(kind))
            for kind in ("snapshot", "world_model_state")
        ]
        return {
            **overview,
            "tables": statistics["tables"],
            "days": await _days(store),
            "sessions": await store.get_values("interaction", "session_id", None),
            "actions": await store.get_values("interaction", "action", None),
            "domains": domains_in(snapshots, states),
            "snapshots": snapshots,
            "index": _index(file),
        }


async def _days(store: SQLiteStore) -> dict[date, int]:
    """Count interactions by day, live and archived."""
    days: dict[date, int] = {}
    async for part in store.get_activity():
        for counts in (part.live, part.archived):
            for day, count in counts.items():
                days[day] = days.get(day, 0) + count
    return days


def _index(file: Path) -> dict[str, Any] | None:
    """Say where the index is, if it stands beside the file, and how large it is."""
    index = Path(f"{file.resolve()}.index")
    if not index.exists():
        return None
    return {"path": str(index), "bytes": index.stat().st_size}


def _as_json(told: Mapping[str, Any]) -> dict[str, Any]:
    from tui.glance import growth

    return {
        "counts": told["counts"],
        "growth": growth(told["days"]),
        "sessions": len(told["sessions"]),
        "actions": told["actions"],
        "types": {
            each.pattern_type: {"count": each.count, "mean": each.mean, "tenths": each.tenths}
            for each in told["types"]
        },
        "reasons": told["reasons"],
        "domains": {
            name: {
                "snapshots": sum(not point.is_now for point in domain.points),
                "confidence": domain.points[-1].confidence,
                "newest": domain.points[-1].time,
            }
            for name, domain in sorted(told["domains"].items())
        },
        "file": told["file"],
        "tables": told["tables"],
        "index": told["index"],
    }


def _lines(file: Path, told: Mapping[str, Any]) -> Iterator[Line]:
    """Give the panels of the overview, one below the other, and the tables."""
    from tui import glance
    from tui.lines import Line
    from tui.text import safe_text

    courses = glance.courses(told["snapshots"])
    others = glance.silent(told["snapshots"], courses)
    panels: list[tuple[str, Sequence[Any]]] = [
        ("Amounts", [*glance.amounts(told["counts"], told["days"]), *_sessions(told)]),
        ("Patterns", glance.types(told["types"])),
        ("Archive", glance.reasons(told["reasons"])),
        ("World model", glance.domains(courses, others)),
        ("Tables", list(_tables(told["tables"]))),
        ("File", [*glance.file(told["file"], safe_text(file.name)), *_index_parts(told["index"])]),
    ]
    for number, (name, lines) in enumerate(panels):
        if number:
            yield Line()
        yield Line(name, role="strong", full=True)
        for parts in lines:
            yield Line("".join(text for text, _ in parts), full=True)


def _sessions(told: Mapping[str, Any]) -> list[Any]:
    return [[(f"{len(told['sessions']):>11,}", ""), ("  sessions", "")]]


def _tables(tables: Mapping[str, Mapping[str, int]]) -> Iterator[Any]:
    from tui.text import safe_text
    from tui.widgets.cells import fit
    from tui.wording import in_bytes

    for name, held in sorted(tables.items(), key=lambda each: -each[1]["bytes"]):
        size = in_bytes(held["bytes"])
        yield [(fit(safe_text(name, 60), 28), ""), (f" {held['rows']:>11,} rows {size:>12}", "")]


def _index_parts(index: Mapping[str, Any] | None) -> list[Any]:
    from tui.wording import in_bytes

    if index is None:
        return [[("  no index beside it: memglass index builds one", "")]]
    return [[(f"{in_bytes(index['bytes']):>11}", ""), ("  its index", "")]]
