"""How a point in time of a domain is looked at: what changed, its graph, why, all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tui.panes.subjects import StoredRecord
from tui.told_keys import key_for
from tui.widgets.columns import Column, Row
from tui.widgets.diff_list import DiffList
from tui.widgets.record_view import Panel, Subject, View
from tui.widgets.row_list import RowList
from tui.widgets.world_tree import WorldTree
from tui.world.rows import MOST_ROWS, DiffRow, contradiction_rows, diff_rows
from tui.world.timeline import Point, Timeline

if TYPE_CHECKING:
    from storage import Contradiction
    from tui.documents import Document
    from tui.memory import Memory

# Comparing as many entities takes a frame; more of them are compared in another thread.
_AT_ONCE: Final = 300
_WHY_COLUMNS: Final = (
    Column("why", lambda row: row["what"], 18, role="strong"),
    Column("when", lambda row: row["when"], 11, role="dim"),
    Column("what", lambda row: row["text"], 10, weight=4),
)


class WorldViews:
    """The views of the world model pane.

    Args:
        memory: What is looked at.

    Attributes:
        changes: The diff.
        tree: The entities and relations.
        why: What brought the model about.
        focus: Key of the entity or relation that is asked about, or None for all.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.changes = DiffList(id="world-changes")
        self.tree = WorldTree(id="world-tree")
        self.why = RowList(_WHY_COLUMNS, id="world-why")
        self.focus: Any = None
        self._compared: tuple[Any, ...] = ()
        self._asked_why: tuple[Any, ...] = ()
        self._in_tree: str | None = None

    def subject(self, domain: str, timeline: Timeline, found: Sequence[Contradiction]) -> Subject:
        """Say how the chosen point of a domain is looked at.

        Args:
            domain: The domain.
            timeline: Its timeline, with the points that are chosen.
            found: The contradictions of the domain with others.
        """
        own = _Model(self._memory, domain, timeline.point)
        return own.subject(
            Panel(
                "Changes", self.changes, partial(self._fill_changes, own, domain, timeline, found)
            ),
            Panel("Tree", self.tree, partial(self._fill_tree, own)),
            Panel("Why", self.why, partial(self._fill_why, own, timeline)),
            fields=View("Fields", own.model),
        )

    async def _fill_changes(
        self, own: _Model, domain: str, timeline: Timeline, found: Sequence[Contradiction]
    ) -> None:
        from storage import diff_world_models

        base, point = timeline.base_point, timeline.point
        new = await own.record()
        old = {} if base is None else await _Model(self._memory, domain, base).record()
        if _size(old) + _size(new) > _AT_ONCE:
            diff = await asyncio.to_thread(diff_world_models, old, new)
            rows = await asyncio.to_thread(diff_rows, diff)
        else:
            rows = diff_rows(diff_world_models(old, new))
        compared = (domain, base, point)
        titles = (f"A {base.when}" if base else "A nothing", f"B {point.when}")
        await self.changes.show_diff(
            [
                *contradiction_rows(found, domain, is_past=timeline.is_past),
                *_headed(rows, timeline),
            ],
            titles,
            _nothing(timeline),
            from_top=compared != self._compared,
        )
        self._compared = compared

    async def _fill_tree(self, own: _Model) -> None:
        from tui.world.graph import graph_of

        record = await own.record()
        if _size(record) > _AT_ONCE:
            graph = await asyncio.to_thread(graph_of, record)
        else:
            graph = graph_of(record)
        self.tree.show_graph(record, graph, keep_place=own.domain == self._in_tree)
        self._in_tree = own.domain

    async def _fill_why(self, own: _Model, timeline: Timeline) -> None:
        from tui.world.evidence import NOTHING, focus_name, last_change, why_rows

        store, about = self._memory.store, list[Row]()
        asked = (own.domain, timeline.point, self.focus)
        if self.focus is not None:
            # What brought it about is what happened before it last changed, not before now.
            events = await store.get_entity_history(self.focus)
            timeline, kind = last_change(timeline, events)
            own = _Model(self._memory, own.domain, timeline.point)
            told = f"{focus_name(self.focus)}, {kind}" if kind else focus_name(self.focus)
            about.append({"what": "asked about", "when": timeline.point.when, "text": told})
        rows = [*about, *await why_rows(store, timeline, await own.record(), self.focus)]
        await self.why.show(rows, NOTHING, from_top=asked != self._asked_why)
        self._asked_why = asked

    async def toggle_sides(self) -> None:
        """Show the diff side by side, or one under the other."""
        await self.changes.toggle_sides()

    def entry(self, view: str) -> tuple[Any, tuple[str, ...]] | None:
        """Give the entity or relation under the cursor of a view, and the way to the value."""
        if view == "changes" and self.changes.diff_row is not None:
            row = self.changes.diff_row
            return (row.key, row.path) if row.key is not None else None
        return self.tree.entry if view == "tree" else None


class _Model(StoredRecord):
    """A snapshot or a state of a domain."""

    def __init__(self, memory: Memory, domain: str, point: Point) -> None:
        super().__init__(memory, (point.kind, point.key), None)
        self.domain = domain
        self._point = point

    def title(self) -> str:
        """Name the domain, and which point in time this is."""
        what = "as it is now" if self._point.is_now else f"snapshot {self._point.record_id}"
        return f"{self.domain[:60] or 'no domain'}, {what}"

    async def model(self, _limit: int) -> Document:
        """Show entities, relations and the rest."""
        from tui.world_documents import model_document

        record = await self.record()
        if _size(record) > _AT_ONCE:
            return await asyncio.to_thread(model_document, record)
        return model_document(record)


def _headed(rows: list[DiffRow], timeline: Timeline) -> list[DiffRow]:
    if timeline.base_point is None and rows:
        rows = [DiffRow("", "The first snapshot:", "", "all of it is new"), *rows]
    if len(rows) > MOST_ROWS:
        left = f"{len(rows) - MOST_ROWS:,} more changes"
        rows = [*rows[:MOST_ROWS], DiffRow("", left, "", "Tree and JSON show all")]
    return rows


def _nothing(timeline: Timeline) -> str:
    if timeline.base == timeline.at:
        return (
            f"This is the base of the diff now. {_steps()} choose what to compare with it;"
            f" {key_for('base')} lets go of it."
        )
    if timeline.base_point is None:
        return "The first snapshot: nothing is believed in it yet."
    return f"Nothing changed between A and B. {_steps()} look at other points in time."


def _steps() -> str:
    return f"{key_for('older')} and {key_for('newer')}"


def _size(model: Any) -> int:
    parts = (model.get(name) for name in ("entities", "relations"))
    return sum(len(part) for part in parts if isinstance(part, list | dict))
