"""`memglass world`: the world model through time, and what differs between two points of it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.memory_file import MEMORY
from tui.shell import DASHES_ARE_WORDS, FOUND, NOTHING, ShellCommand, run, say

if TYPE_CHECKING:
    from storage import SQLiteStore
    from tui.world.choosing import Pair
    from tui.world.domains import Domain
    from tui.world.timeline import Point

_HELP: Final = """\
Show the world model of a memory: what the agent believed, when, and what changed.

FILE is only read. Without A and B it is a timeline of each domain, oldest first: when there was a
snapshot, what brought it about, how sure the agent was, and what it changed; below it, what other
domains say against this one. With A and B it is what differs between the two, entity by entity and
field by field; with A alone, what that snapshot changed in the one before it.

\b
A and B may be
  17             a snapshot, by the id that the timeline shows
  now            the world model as it is now
  first          the first snapshot
  -1, -2, …      the newest snapshot, the one before it, …
  2026-09-05     a time, such as '09-05 14:00', 3d or yesterday: the newest snapshot by then

Where neither is an id, they are compared in every domain, or in the one that --domain names.

\b
Examples:
  memglass world memory.db
  memglass world memory.db --domain infra -2 now
  memglass world memory.db 2026-09-01 2026-10-01 --side-by-side
  memglass world memory.db 17
  memglass world memory.db first now --json | jq '.diff.entities[].key'

Signs: + is only in B, - only in A (what changed is both, below each other; ~ side by side), ! is
contradicted by another domain. In a pipe nothing is cut, and the cells of a table are parted by
tabs; the last says the session, or the world model where that has none. With --json, each line is
a point (domain, kind, id, world_model_id, session_id, time, trigger, confidence) or a domain with
a, b and diff (entities, relations, fields, confidence).

Exit status: 0 if there is something to show, 1 if not, 2 if something is wrong.
"""

_AT_ONCE: Final = 20


@click.command(
    "world",
    cls=ShellCommand,
    context_settings=DASHES_ARE_WORDS,
    help=_HELP,
    short_help="Show the world model through time.",
)
@click.argument("file", type=MEMORY)
@click.argument("a", required=False)
@click.argument("b", required=False)
@click.option("--domain", metavar="NAME", help="Only this domain.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show the newest N snapshots of each domain.",
)
@click.option("--side-by-side", is_flag=True, help="Put A and B beside each other.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, a line for each.")
def world_command(
    file: Path,
    a: str | None,
    b: str | None,
    *,
    domain: str | None,
    limit: int,
    side_by_side: bool,
    as_json: bool,
) -> None:
    """Show the world model."""
    from tui.reading import prepare

    prepare(file)
    work = _Work(domain, limit, side_by_side, as_json)
    is_there = run(lambda: work.show(file, a, b), lambda: "Stopped.")
    sys.exit(FOUND if is_there else NOTHING)


class _Work:
    """What was asked for beside the points."""

    def __init__(self, domain: str | None, limit: int, side_by_side: bool, as_json: bool) -> None:
        self._domain = domain
        self._limit = limit
        self._side_by_side = side_by_side
        self._as_json = as_json

    async def show(self, file: Path, a: str | None, b: str | None) -> bool:
        """Show it; False where there is nothing to show."""
        from tui.shell_store import opened_to_read
        from tui.world.domains import read_domains

        async with opened_to_read(file) as store:
            domains = await read_domains(store)
            if self._domain is not None:
                if self._domain not in domains:
                    known = ", ".join(sorted(domains)) or "none"
                    say(f"no domain {self._domain} is known; there is {known}.")
                    return False
            elif not domains:
                say("there is no world model in this memory.")
                return False
            if a is not None:
                return await self._show_diffs(store, domains, a, b)
            if self._domain is not None:
                domains = {self._domain: domains[self._domain]}
            await self._show_timelines(store, domains)
        return True

    async def _show_diffs(
        self, store: SQLiteStore, domains: Mapping[str, Domain], a: str, b: str | None
    ) -> bool:
        from datetime import datetime

        from tui.world.choosing import NoPointError, pairs

        try:
            found = pairs(domains, a, b, datetime.now().astimezone(), self._domain)
        except NoPointError as error:
            say(str(error))
            return False
        for pair in found:
            await self._show_diff(store, pair)
        if not self._as_json:
            from tui.printing import print_zone

            print_zone()
        return True

    async def _show_diff(self, store: SQLiteStore, pair: Pair) -> None:
        from storage import diff_world_models

        old, new = await _model(store, pair.a), await _model(store, pair.b)
        diff = diff_world_models(old, new)
        if self._as_json:
            from tui.json_shapes import diff_json
            from tui.shell_options import write_json

            sides = {"a": _point_json(pair.a), "b": _point_json(pair.b)}
            write_json({"domain": pair.name, **sides, "diff": diff_json(diff)})
        else:
            from tui.world_printing import print_diff

            print_diff(pair, diff, side_by_side=self._side_by_side)

    async def _show_timelines(self, store: SQLiteStore, domains: Mapping[str, Domain]) -> None:
        from tui.shell_options import write_json

        if self._as_json:
            for name, domain in sorted(domains.items()):
                for point in self._newest(domain):
                    write_json({"domain": name, **(_point_json(point) or {})})
            return
        from storage import find_contradictions
        from tui.printing import print_zone
        from tui.world_printing import print_timeline

        found = find_contradictions(await store.get_active_world_models())
        for _, domain in sorted(domains.items()):
            shown = self._newest(domain)
            told = [each async for each in _told(store, domain, shown)]
            print_timeline(domain, shown, told, found)
        print_zone()

    def _newest(self, domain: Domain) -> Sequence[Point]:
        """Return as many of the newest snapshots as are wanted, and the states as they are now."""
        snapshots = [each for each in domain.points if not each.is_now]
        left_out = {each.key for each in snapshots[: -self._limit]}
        return [each for each in domain.points if each.is_now or each.key not in left_out]


async def _told(store: SQLiteStore, domain: Domain, shown: Sequence[Point]) -> AsyncIterator[str]:
    """Say of each point what it changed in the one before it of the same world model."""
    from storage import diff_world_models, is_model_readable
    from tui.world_printing import told

    last: dict[Any, Any] = {}
    for start in range(0, len(shown), _AT_ONCE):
        part = shown[start : start + _AT_ONCE]
        for point, model in zip(part, await _models(store, part), strict=True):
            if point.model not in last and (base := await _base(store, domain, point)):
                last[point.model] = base
            if not is_model_readable(model):
                # The next one is compared with what was known before.
                yield "cannot be read"
                continue
            is_first = point.model not in last
            yield told(diff_world_models(last.get(point.model), model), is_first=is_first)
            last[point.model] = model


async def _base(store: SQLiteStore, domain: Domain, point: Point) -> Any:
    """Read the nearest point before one that can be read; None where there is none."""
    from storage import is_model_readable
    from tui.world.timeline import point_before

    base = point_before(domain.points, point)
    while base is not None and not is_model_readable(model := await _model(store, base)):
        base = point_before(domain.points, base)
    return None if base is None else model


async def _models(store: SQLiteStore, points: Sequence[Point]) -> list[Any]:
    """Read points of several kinds, in their order."""
    found: dict[Point, Any] = {}
    for kind in {point.kind for point in points}:
        own = [point for point in points if point.kind == kind]
        records = await store.get_records(kind, [point.key for point in own])
        found |= dict(zip(own, records, strict=True))
    return [found[point] for point in points]


async def _model(store: SQLiteStore, point: Point | None) -> Any:
    return {} if point is None else (await _models(store, [point]))[0]


def _point_json(point: Point | None) -> dict[str, Any] | None:
    if point is None:
        return None
    return {
        "kind": point.kind,
        "id": point.record_id,
        "world_model_id": point.model,
        "session_id": point.session,
        "time": point.time,
        "trigger": point.trigger,
        "confidence": point.confidence,
    }
