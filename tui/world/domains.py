"""The domains of a memory, each with its points in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from tui.world.timeline import SNAPSHOT, STATE, Point, domain_of, in_order, point_of

if TYPE_CHECKING:
    from storage import Store

Row = Mapping[str, Any]


class Domain(NamedTuple):
    """One domain.

    Attributes:
        name: Its name; empty for what names none.
        points: Its snapshots, oldest first, then the states as they are now; at least one.
    """

    name: str
    points: Sequence[Point]

    @property
    def trigger(self) -> str:
        """What brought the newest snapshot about; empty where that is not told."""
        newest = next((each for each in reversed(self.points) if not each.is_now), None)
        return "" if newest is None else str(newest.trigger or "")[:60]


async def read_domains(store: Store, limit: int | None = None) -> dict[str, Domain]:
    """Read the domains by name.

    Args:
        store: The memory.
        limit: How many of the newest snapshots and states to look at; None for all.
    """
    snapshots, states = [
        await store.get_summaries(kind, await store.list_keys(kind, limit=limit))
        for kind in (SNAPSHOT, STATE)
    ]
    return domains_in(snapshots, states)


def domains_in(snapshots: Iterable[Row | None], states: Iterable[Row | None]) -> dict[str, Domain]:
    """Sort the short rows of snapshots and states, both newest first, into domains by name."""
    points: dict[str, tuple[list[Point], list[Point]]] = {}
    for kind, rows in ((SNAPSHOT, snapshots), (STATE, states)):
        domains = _domains_of(points)
        for row in rows:
            if row is None:
                continue
            point = point_of({**row, "kind": kind})
            name = domain_of(row) or domains.get(point.model, "")
            points.setdefault(name, ([], []))[kind == STATE].append(point)
    return {name: Domain(name, in_order(*both)) for name, both in points.items()}


def snapshots_by_state(domains: Mapping[str, Domain]) -> dict[Any, list[Point]]:
    """Give the snapshots of the same world model for the key of each state, oldest first.

    Sessions that know one domain have a world model each.

    Args:
        domains: The domains.
    """
    found: dict[Any, list[Point]] = {}
    for domain in domains.values():
        models: dict[Any, list[Point]] = {}
        for point in domain.points:
            if point.is_now:
                found[point.key] = models.get(point.model, [])
            else:
                models.setdefault(point.model, []).append(point)
    return found


def _domains_of(points: Mapping[str, Any]) -> dict[Any, str]:
    return {
        point.model: name
        for name, (snapshots, states) in points.items()
        for point in (*snapshots, *states)
    }
