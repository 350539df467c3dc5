"""What the agent believes about each domain: now, at any time, and why."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import on

from tui.actions import bindings_for
from tui.filters import Filter, tag_in
from tui.moments import short_time
from tui.panes.asking import begin_asking
from tui.panes.base import ListPane
from tui.panes.world_views import WorldViews
from tui.toasts import report, tell
from tui.widgets.columns import Column, Row
from tui.widgets.row_list import RowList, RowSource
from tui.widgets.time_bar import TimeBar
from tui.widgets.world_tree import HistoryWanted
from tui.wording import confidence, counted
from tui.work import begin
from tui.world.domains import Domain, read_domains
from tui.world.timeline import SNAPSHOT, STATE, Timeline, timeline_of

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage import Contradiction
    from tui.memory import Memory
    from tui.screens.filter import Choice
    from tui.widgets.record_view import Subject

_DOMAIN: Final = "domain"
_SHORT: Final = 0.3


class WorldModelPane(ListPane):
    """The domains, each with its timeline; two points of it are compared.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    NOUN = "domain"
    EMPTY = (
        "No world model yet. Each domain that the agent writes down what it believes about is a"
        " line here, with all its snapshots."
    )
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("domain", lambda row: row["domain"] or "(no domain)", 8, weight=1, role="strong"),
        Column("!", lambda row: row["flag"], 5, role="accent"),
        Column("conf", lambda row: confidence(row["confidence"]), 4, right=True),
        Column("points", lambda row: row["count"], 6, right=True, role="dim"),
        Column("newest", lambda row: short_time(row["newest"]), 11, role="dim", needs=40),
        Column("trigger", lambda row: row["trigger"], 10, role="dim", needs=60),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("world_model")

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self._time = TimeBar(id="world-time")
        self._views = WorldViews(memory)
        self._domains: dict[str, Domain] = {}
        self._timelines: dict[str, Timeline] = {}
        self._found: dict[str, list[Contradiction]] = {}
        self._jump: tuple[str, Any] | None = None

    def compose(self) -> ComposeResult:
        """Lay out the bars, the domains and what is looked at."""
        yield self._bar
        yield self._time
        yield from self.compose_sides()

    # The list

    async def source(self, limit: int | None) -> RowSource:
        """Give the domains, those that contradict others first."""
        store = self.memory.store
        domains = await read_domains(store, limit)
        # The first page waits for them a moment, because they say what stands at the top.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._find_contradictions(), None if limit is None else _SHORT)
        for name, domain in domains.items():
            old = self._timelines.get(name)
            points = domain.points
            self._timelines[name] = timeline_of(points) if old is None else old.renewed(points)
        self._domains = domains
        shown = await self._let_through(domains)
        names = sorted(shown, key=lambda each: (not self._found.get(each), each))
        keys = [(_DOMAIN, name) for name in names]
        return RowSource([self._row(domains[name]) for name in names], keys)

    async def _reload(self, from_top: bool) -> None:
        is_first = from_top or not len(self.table.keys)
        await super()._reload(from_top)
        if is_first:
            # That the whole list says more than the first page is no change of the memory.
            self.table.fresh.forget()
            self.table.refresh()

    async def _let_through(self, domains: Mapping[str, Domain]) -> list[str]:
        """Give the domains that the filters let through: by name, or by what some point is."""
        chosen = {each.field: each.value for each in self.filters}
        names = [name for name in domains if chosen.get(_DOMAIN) in (None, name)]
        for places in await self._places_meant():
            names = [
                name
                for name in names
                if any((each.kind, each.key) in places for each in domains[name].points)
            ]
        return names

    async def _places_meant(self) -> list[frozenset[tuple[str, Any]]]:
        """Give of each filter that is about single points where these points stand."""
        from tui.notes import places_tagged

        store, found = self.memory.store, list[frozenset[tuple[str, Any]]]()
        if (tag := tag_in(self.filters)) is not None:
            found.append(await places_tagged(store, tag, (SNAPSHOT, STATE)))
        if (ids := self.asked(STATE).get("record_ids")) is not None:
            keys = await store.list_keys(STATE, record_ids=ids)
            found.append(frozenset((STATE, key) for key in keys))
        return found

    async def _find_contradictions(self) -> None:
        from storage import find_contradictions

        states = await self.memory.store.get_active_world_models()
        found: dict[str, list[Contradiction]] = {}
        for each in await asyncio.to_thread(find_contradictions, states):
            for name in each.domains:
                found.setdefault(name, []).append(each)
        self._found = found

    def _row(self, domain: Domain) -> Row:
        newest = domain.points[-1]
        flags = len(self._found.get(domain.name, ()))
        return {
            "kind": _DOMAIN,
            "record_id": domain.name,
            "domain": domain.name,
            "flag": f"!{flags}" if flags else "",
            "confidence": newest.confidence,
            "count": f"{len(domain.points):,}",
            "newest": newest.time,
            "trigger": domain.trigger,
        }

    async def count_all(self) -> int:
        """Count the domains."""
        return len(self._domains)

    def summary(self) -> str:
        """Say what stands out."""
        flags = len({id(each) for found in self._found.values() for each in found})
        return f"! {counted(flags, 'contradiction')} between domains" if flags else "by domain"

    async def choices(self) -> list[Choice]:
        """Offer the domains, and the tags on their points in time."""
        from tui.divergences import differing_choices
        from tui.notes import tag_choices
        from tui.screens.filter import Choice

        counts = Counter({name: len(each.points) for name, each in self._domains.items()})
        names = [
            Choice(Filter(_DOMAIN, name, f"domain:{name}"), counted(count, "point"))
            for name, count in counts.most_common()
        ]
        store = self.memory.store
        tags = await tag_choices(store, SNAPSHOT, STATE)
        return names + tags + differing_choices(self.memory, STATE)

    def selected(self, *kinds: str) -> Sequence[Any]:
        """Give kind and key of the point that is looked at, of each selected domain."""
        points = self.points(self.table.selected_keys())
        return [each for each in points if not kinds or each[0] in kinds]

    def points(self, rows: Sequence[Any]) -> Sequence[tuple[str, Any]]:
        """Give kind and key of the point that is looked at, of the domain in each row."""
        points = [self._timelines[name].point for _, name in rows if name in self._timelines]
        return [(each.kind, each.key) for each in points]

    # Looking

    @property
    def _here(self) -> str | None:
        """The domain under the cursor."""
        key = cast("tuple[str, str] | None", self.table.cursor_key)
        return key[1] if key is not None and key[1] in self._timelines else None

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show the chosen point of a domain."""
        del row
        name = cast("tuple[str, str]", key)[1]
        if key != self._looked_at:
            self._views.focus = None
        self._show_time(name)
        return self._views.subject(name, self._timelines[name], self._found.get(name, ()))

    def look(self) -> None:
        """Show the domain under the cursor, or show it anew."""
        super().look()
        if self._here is None:
            self._time.show([])

    def _show_time(self, name: str) -> None:
        self._time.show_timeline(self._timelines[name])

    def on_resize(self) -> None:
        """Draw the timeline and the diff in the new width."""
        if self._here is not None:
            self._show_time(self._here)
        begin(self, self._views.changes.fit_width, group="sides", exclusive=True)

    @on(TimeBar.Chosen)
    def _point_chosen(self, event: TimeBar.Chosen) -> None:
        event.stop()
        if self._here is not None:
            self.action_step(event.at - self._timelines[self._here].at)

    def _change_time(self, timeline: Timeline) -> None:
        if self._here is not None and timeline != self._timelines[self._here]:
            self._timelines[self._here] = timeline
            self._looked_at = None
            self.look()

    def action_step(self, points: int) -> None:
        """Look at a point later, or earlier."""
        if self._here is not None:
            self._change_time(self._timelines[self._here].step(points))

    def action_base(self) -> None:
        """Compare with this point from now on, or with the one before again."""
        if self._here is None:
            return
        timeline = self._timelines[self._here].toggle_base()
        if timeline.chosen_base is None:
            tell(self, "Each point is compared with the one before it again.")
        else:
            tell(self, f"What you look at is compared with {timeline.point.when} from now on.")
        self._change_time(timeline)

    def action_sides(self) -> None:
        """Show the diff side by side, or one under the other."""
        self.detail.choose("changes")
        begin(self, self._views.toggle_sides, group="sides", exclusive=True)

    def action_world_why(self) -> None:
        """Show what brought this about, or the entity or relation under the cursor."""
        entry = self._views.entry(self.detail.view) if self.detail.has_focus_within else None
        self._views.focus = None if entry is None else entry[0]
        self.detail.choose("why")

    # Going elsewhere

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        if event.rows is self._views.changes:
            self._views.changes.ask_history()
        elif event.row.get("record_id"):
            self.post_message(self.Wanted(event.row["kind"], str(event.row["record_id"])))

    @on(HistoryWanted)
    def _history_wanted(self, event: HistoryWanted) -> None:
        event.stop()
        begin(self, partial(self._show_history, event.key), group="follow", exclusive=True)

    async def _show_history(self, key: Any) -> None:
        from tui.screens.entity_history import EntityHistoryScreen

        try:
            events = await self.memory.store.get_entity_history(key)
        except Exception as error:  # noqa: BLE001 - said to the person, who stays here
            report(self, error)
            return
        found = [each for name in self._found for each in self._found[name] if each.key == key]
        self.app.push_screen(EntityHistoryScreen(key, events, found[:1]), self._event_chosen)

    def _event_chosen(self, chosen: tuple[str, Any] | None) -> None:
        """Look at the snapshot that shows an event first."""
        if chosen is not None:
            self.show_point(*chosen)

    def show_point(self, kind: str, record_id: Any) -> None:
        """Look at the point of an id, whatever its domain.

        Args:
            kind: snapshot or world_model_state.
            record_id: Its id.
        """
        for name, timeline in self._timelines.items():
            for at, point in enumerate(timeline.points):
                if (point.kind, str(point.record_id)) == (kind, str(record_id)):
                    self._timelines[name] = timeline.step(at - timeline.at)
                    self._show_domain(name)
                    return
        tell(self, "That snapshot is no longer there.", "warning")

    def _show_domain(self, name: str) -> None:
        self._looked_at = None
        if self._here == name:
            self.look()
        elif not self.put_cursor_on((_DOMAIN, name)):
            self.filters = []
            self._wanted = (_DOMAIN, name)
            self._refiltered()

    def go_to(self, kind: str, key: Any) -> None:
        """Look at a snapshot or state.

        Args:
            kind: Which of them.
            key: Its key in its list.
        """
        for name, timeline in self._timelines.items():
            at = timeline.find(kind, key)
            if at is not None:
                self._timelines[name] = timeline.step(at - timeline.at)
                self._show_domain(name)
                return
        self._jump = (kind, key)
        self.reload(from_top=True)

    def _go_to_wanted(self) -> None:
        super()._go_to_wanted()
        jump, self._jump = self._jump, None
        if jump is None:
            return
        if any(each.find(*jump) is not None for each in self._timelines.values()):
            self.go_to(*jump)
        else:
            tell(self, "That record is no longer where it was found; search again.", "warning")

    def action_other_domain(self) -> None:
        """Go to the domain that says otherwise, to what it says."""
        row = self._views.changes.diff_row
        own = self._found.get(self._here or "", [])
        found = row.contradiction if row is not None and row.contradiction in own else None
        found = found or next(iter(own), None)
        if found is None or self._here is None:
            tell(self, "No other domain contradicts this one.", "warning")
            return
        domains = found.domains
        other = domains[(domains.index(self._here) + 1) % len(domains)]
        # Each time the next side: what they disagree on is what the cursor is to stand on there.
        at = self._found[other].index(found)
        self.detail.choose("changes")
        self._show_domain(other)
        begin(self, partial(self._stand_on, at), group="stand", exclusive=True)

    async def _stand_on(self, number: int) -> None:
        await self.workers.wait_for_complete(
            [each for each in self.workers if each.group == "detail"]
        )
        self._views.changes.go_to(number)

    # Editing

    def action_edit_world(self) -> None:
        """Edit what is under the cursor, in the state as it is now."""
        begin_asking(self, self._edit)

    async def _edit(self) -> None:
        from tui.panes.world_editing import ask_edit

        if self._here is None:
            tell(self, "There is no world model here to edit.", "warning")
            return
        states = [each for each in self._domains[self._here].points if each.kind == STATE]
        point = self._timelines[self._here].point
        own = next((each for each in states if each.model == point.model), None)
        state = own or next(iter(reversed(states)), None)
        entry = self._views.entry(self.detail.view) if self.detail.has_focus_within else None
        await ask_edit(self, None if state is None else str(state.record_id), entry)
