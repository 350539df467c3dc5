"""Why a world model says what it says: its trigger, what it names, and what was recorded meanwhile.

A snapshot seldom says which records it was made from. What it names itself comes first; then what
happened between it and the snapshot before it, which is when the belief was formed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.moments import local, short_time
from tui.sources import summaries
from tui.values import is_corrupt, is_list
from tui.wording import counted
from tui.world.rows import spelled_key
from tui.world.timeline import Point, Timeline, age, point_before

if TYPE_CHECKING:
    from storage import EntityEvent, Store
    from tui.widgets.columns import Row

_MOST: Final = 60
_MOST_ARCHIVED: Final = 1000
_MOST_NAMED: Final = 200
_MOST_NODES: Final = 50_000
# A moment is the first column of the cursor, and no row has a number as high as this.
_AFTER_ALL: Final = 2**62
_NAMES: Final = frozenset(
    {"source_interactions", "interactions", "interaction_ids", "interaction_id", "evidence"}
    | {"evidence_ids", "sources", "source_ids", "based_on", "learned_from", "observed_in"}
    | {"patterns", "pattern_ids", "pattern_id", "source_patterns", "made_from"}
)
_CONSOLIDATED: Final = "consolidation"
_LEARNED: Final = "learned"
_RECORDED: Final = "recorded meanwhile"
_AND_MORE: Final = "and more before these"
NOTHING: Final = "Nothing is recorded of why: no record is named, and none was made meanwhile."


async def why_rows(
    store: Store, timeline: Timeline, model: Mapping[str, Any], focus: Any = None
) -> list[Row]:
    """Give what there is to know of why, what was named first, then by time, newest first.

    Args:
        store: The memory.
        timeline: The point that is looked at, and those before.
        model: What it says.
        focus: Key of an entity or a relation that is asked about; None for all of the model.
    """
    point = timeline.point
    # Whatever base was chosen.
    before = point_before(timeline.points, point)
    rows = [_trigger_row(point, before)]
    rows += await _named_rows(store, _part(model, focus))
    if local(point.time) is not None:
        rows += await _archived_rows(store, point, before)
        rows += await _made_rows(store, point, before)
        rows += await _recorded_rows(store, point, before, model.get("session_id"))
    return rows


def _row(what: str, when: str, text: object, kind: str = "", record_id: Any = None) -> Row:
    return {"what": what, "when": when, "text": text, "kind": kind, "record_id": record_id}


def _trigger_row(point: Point, before: Point | None) -> Row:
    if point.is_now:
        return _row("now", short_time(point.time), "The state as it is now; a snapshot says why.")
    trigger = str(point.trigger) if point.trigger else "it names no trigger"
    since = f", {age(before, point)} after the one before" if before is not None else ""
    return _row("trigger", point.when, f"{trigger}{since}")


def _part(model: Mapping[str, Any], focus: Any) -> Any:
    from storage import entities_of, relations_of

    if focus is None:
        return model
    held = relations_of(model) if isinstance(focus, tuple) else entities_of(model)
    return held.get(focus)


async def _named_rows(store: Store, part: Any) -> list[Row]:
    # A model can hold more than a key press should wait for.
    names = await asyncio.to_thread(lambda: dict(_named(part)))
    rows: list[Row] = []
    for kind in ("interaction", "pattern"):
        places = await store.locate(kind, names)
        there = [(place.kind, place.key) for place in places.values()]
        for record_id, row in zip(places, await summaries(store, there), strict=True):
            if row is not None:
                rows.append(
                    _row(f"named in {names[record_id]}", _when(row), _text(row), kind, record_id)
                )
                del names[record_id]
    return rows


def _named(part: Any) -> Iterator[tuple[str, str]]:
    """Give the ids that a model or a part of it names, each with the field that does."""
    todo: list[tuple[str, Any]] = [("", part)]
    found = 0
    for _ in range(_MOST_NODES):
        if not todo or found >= _MOST_NAMED:
            return
        name, value = todo.pop()
        if is_corrupt(value):
            continue
        if isinstance(value, Mapping):
            if name in _NAMES:
                todo += [(name, value[key]) for key in ("id", "interaction_id") if key in value]
            todo += [(str(key), held) for key, held in value.items()]
        elif is_list(value):
            todo += [(name, held) for held in value]
        elif isinstance(value, str) and name in _NAMES and value:
            found += 1
            yield value, name


async def _recorded_rows(
    store: Store, point: Point, before: Point | None, session: Any
) -> list[Row]:
    """Give the interactions since the snapshot before, of the session where that has any."""
    from storage import cursor_of

    at = cursor_of({"interaction_id": "", "timestamp": point.time, "id": _AFTER_ALL})
    own = session if isinstance(session, str) and session else None
    found = await store.get_recent_interactions(_MOST, session_id=own, before=at) if own else []
    if not found:
        found = await store.get_recent_interactions(_MOST, before=at)
    rows = [
        _row(
            _RECORDED,
            short_time(each["timestamp"]),
            each["content"] or each["details"],
            "interaction",
            each["interaction_id"],
        )
        for each in found
        if _is_between(each["timestamp"], before, point)
    ]
    return [*rows, _row(_RECORDED, "", f"{_AND_MORE}.")] if len(rows) == _MOST else rows


async def _archived_rows(store: Store, point: Point, before: Point | None) -> list[Row]:
    """Give what consolidation made of interactions meanwhile: a row for each run."""
    from storage import cursor_of

    record = {"archived_at": point.time, "archive_reason": "", "record": {}, "id": _AFTER_ALL}
    found = [
        each
        for each in await store.get_archived_interactions(
            limit=_MOST_ARCHIVED, before=cursor_of(record)
        )
        if _is_between(each["archived_at"], before, point)
    ]
    is_part = len(found) == _MOST_ARCHIVED
    least = "at least " if is_part else ""
    runs: dict[tuple[Any, Any], list[Any]] = {}
    for each in found:
        runs.setdefault((each["archive_reason"], each["consolidated_to"]), []).append(each)
    rows = [
        _row(
            _CONSOLIDATED,
            short_time(each[0]["archived_at"]),
            f"{least}{counted(len(each), 'interaction')} {reason} {target or ''}",
            "pattern" if isinstance(target, str) and target else "interaction",
            target or each[0]["interaction_id"],
        )
        for (reason, target), each in runs.items()
    ]
    return [*rows, _row(_CONSOLIDATED, "", f"{_AND_MORE}.")] if is_part else rows


async def _made_rows(store: Store, point: Point, before: Point | None) -> list[Row]:
    found = [
        each
        for each in await store.get_patterns()
        if _is_between(each["created_at"], before, point)
    ]
    found.sort(key=lambda each: str(each["created_at"]), reverse=True)
    rows = [
        _row(_LEARNED, short_time(each["created_at"]), _text(each), "pattern", each["id"])
        for each in found[:_MOST]
    ]
    more = len(found) - len(rows)
    return [*rows, _row(_LEARNED, "", f"{_AND_MORE}: {more:,}.")] if more else rows


def _is_between(time: Any, before: Point | None, point: Point) -> bool:
    moment, end = local(time), local(point.time)
    start = None if before is None else local(before.time)
    if moment is None or end is None or moment > end:
        return False
    return start is None or moment > start


def _when(row: Mapping[str, Any]) -> str:
    names = ("timestamp", "archived_at", "created_at")
    return next((short_time(row[name]) for name in names if row.get(name)), "")


def _text(row: Mapping[str, Any]) -> object:
    parts = (row.get("name"), row.get("excerpt") or row.get("description"))
    return "  ".join(str(part) for part in parts if part)


def last_change(timeline: Timeline, events: Sequence[EntityEvent]) -> tuple[Timeline, str]:
    """Look at the point where an entity or relation last changed, up to the one looked at.

    Args:
        timeline: The points, and the one that is looked at.
        events: The history of the entity or relation.

    Returns:
        The timeline there, and what happened; as it was, and nothing, where no point shows it.
    """
    kinds = {str(each.snapshot_id): each.kind for each in events if each.snapshot_id is not None}
    for at in range(timeline.at, -1, -1):
        point = timeline.points[at]
        if not point.is_now and str(point.record_id) in kinds:
            return timeline.step(at - timeline.at), kinds[str(point.record_id)]
    return timeline, ""


def focus_name(focus: Any) -> str:
    """Name what is asked about."""
    return "" if focus is None else spelled_key(focus)
