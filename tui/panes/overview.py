"""What is suspicious in a memory, and below it how much there is, when, of what."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.containers import Container

from tui.actions import bindings_for
from tui.lead_documents import RULES, LeadSource, evidence_of
from tui.panes.asking import begin_asking
from tui.panes.lead_subject import LeadSubject
from tui.panes.sides import Pane
from tui.standing import Standing
from tui.toasts import report, tell
from tui.told_keys import key_for
from tui.widgets.bar import Bar, Part
from tui.widgets.columns import Column
from tui.widgets.focusing import focus_now
from tui.widgets.unmarked_table import UnmarkedTable
from tui.wording import counted
from tui.work import begin, drawn

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from storage import IndexStatus, Lead
    from tui.activity import Bar as Days
    from tui.memory import Memory
    from tui.panes.figures import Figures
    from tui.widgets.columns import Row
    from tui.widgets.day_chart import DayChart
    from tui.widgets.record_view import Subject

_LOOKING: Final = "Looking for what is suspicious\u2026"
_NOTHING: Final = (
    "This memory is empty. As soon as an agent writes to it, what it remembers appears here."
)
_BY_INDEX: Final = "alike"


def _nothing_found() -> str:
    panes = f"{key_for('pane_2')} to {key_for('pane_8')}"
    ask = key_for("search")
    return f"Nothing suspicious was found. Look around with {panes}, or ask with {ask}."


class OverviewPane(Pane):
    """The leads with what they rest on, and the figures of the whole memory."""

    NOUN = "lead"
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("lead", lambda row: row["what"], 13, role="strong"),
        Column("what is suspicious", lambda row: row["title"], 10, weight=1),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("overview")
    TABLE = UnmarkedTable

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self._bar = Bar(classes="list-bar")
        self._figures: Figures | None = None
        self._source = LeadSource(())
        self._counts: dict[str, int | None] = {}
        self._looking_for = ""
        self._limits: list[str] = []
        self._lost: list[Any] = []
        self._reading = False
        self._read_again = False
        self._waits_for_index = self._index_was_ready = False

    def compose(self) -> ComposeResult:
        """Lay out the bar, the leads and what explains them; the figures come later."""
        yield self._bar
        yield from self.compose_sides()
        yield Container(id="overview-below")

    # Reading

    def reload(self, *, from_top: bool = False) -> None:
        """Count and look anew, unless that is under way; then it is done once more after it."""
        del from_top
        self._read_again = True
        if not self._reading:
            self._reading = True
            begin(self, self._read_until_current, group="overview")

    async def _read_until_current(self) -> None:
        try:
            while self._read_again:
                self._read_again = False
                began = time.monotonic()
                await self._read()
                if self._read_again:
                    # Half of the time belongs to everything else.
                    await asyncio.sleep(time.monotonic() - began)
        except Exception as error:  # noqa: BLE001 - said to the person, and what is shown stays
            self._not_read(error)
        finally:
            self._reading = False
            self._looking_for = ""
            self.show_bar()

    def _not_read(self, error: Exception) -> str:
        self.outdated = True
        trouble = report(self, error)
        # That there is nothing is said only where it was read.
        self.table.set_hint(trouble)
        return trouble

    async def _read(self) -> None:
        self.outdated = False
        try:
            hint = await self._read_figures()
        except Exception as error:  # noqa: BLE001 - said to the person
            # What cannot be counted hides no lead.
            hint = self._not_read(error)
        await self._find_leads()
        self.table.set_hint(hint)
        if self._figures is not None:
            self._figures.show_health(self._source.leads, self._limits, is_done=True)

    async def _read_figures(self) -> str:
        """Show the counts and the figures; return what to say where there are no leads."""
        glance = await self.memory.store.get_overview()
        self._counts = glance["counts"]
        # What cannot be counted, which is None, is not nothing.
        is_empty = all(count == 0 for kind, count in self._counts.items() if kind != "change")
        self.table.set_hint(_NOTHING if is_empty else _LOOKING)
        self.show_bar()
        if not self._is_painted:
            # What else there is to do comes after the counts are on screen.
            await drawn(self)
            self._is_painted = True
        figures = await self._ready_figures()
        await figures.show(glance)
        return _NOTHING if is_empty else _nothing_found()

    async def _ready_figures(self) -> Figures:
        if self._figures is None:
            from tui.panes.figures import Figures

            self._figures = Figures(self.memory, id="overview-figures")
            await self.query_one("#overview-below").mount(self._figures)
        return self._figures

    async def _find_leads(self) -> None:
        from storage import Lead

        found: list[Lead] = []
        limits: list[str] = []
        is_first = not self._source.keys
        self._waits_for_index = False
        async for each in self.memory.store.find_leads():
            if isinstance(each, Lead):
                found.append(each)
                if is_first:
                    # While they come in, the cursor stays at the top until a person moves it.
                    await self._show_leads(found, from_top=not self.table.cursor)
            else:
                self._looking_for = each.rule
                if each.limit and each.rule == _BY_INDEX:
                    self._waits_for_index = True
                elif each.limit:
                    limits.append(each.limit)
                self.show_bar()
        self._limits = limits
        was_looked_at = self._looked_at
        await self._show_leads(found, from_top=is_first and not self.table.cursor)
        if self.table.cursor_key == was_looked_at:
            # No move says so, and yet its figures may be others.
            self.look()

    async def _show_leads(self, leads: Sequence[Lead], *, from_top: bool) -> None:
        self._source = LeadSource(leads)
        await self.table.show(self._source, from_top=from_top)

    async def paint_anew(self) -> None:
        """Have the figures go through the door, too."""
        await super().paint_anew()
        if self._figures is not None:
            self._figures.paint_anew()

    def index_is(self, status: IndexStatus) -> None:
        """Look for near-duplicates as soon as the index can tell."""
        is_ready = status.state == "ready"
        if is_ready and not self._index_was_ready and self._waits_for_index:
            self.reload()
        self._index_was_ready = is_ready

    def show_bar(self) -> None:
        """Show how many leads there are and what is looked for, and how much there is."""
        shown = len(self._source.keys)
        is_known = shown or not (self._looking_for or self.outdated)
        left = [Part(f" {counted(shown, 'lead')}" if is_known else " ", "strong")]
        if self._looking_for:
            left.append(Part(f"  looking for {RULES.get(self._looking_for, 'more')}\u2026", "dim"))
        elif self._limits:
            left.append(Part("  of a part of it; see Health below", "dim"))
        counts = self._counts
        told = "  ".join(
            counted(count, kind)
            for kind in ("interaction", "pattern")
            if (count := counts.get(kind)) is not None
        )
        self._bar.show(left, self.counts(told))

    # Leads and what they rest on

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Explain a lead, and show the record that it is about."""
        del row
        return LeadSubject(self.memory, self._source[key]).subject()

    def open(self, key: Hashable) -> None:
        """Go to the most telling evidence."""
        lead = self._source.lead(key)
        if lead is None:
            return
        evidence = evidence_of(lead)
        if evidence:
            self.post_message(self.Wanted(evidence[0].kind, evidence[0].record_id))
        else:
            tell(self, f"It stands in no list. {lead.advice}", "warning")

    def selected(self, *kinds: str) -> Sequence[Any]:
        """Give the archived record that the lead under the cursor says may be lost."""
        del kinds
        return self._lost

    def action_restore(self) -> None:
        """Restore what the lead under the cursor says may be lost."""
        begin_asking(self, self._restore)

    async def _restore(self) -> None:
        from tui.panes.archiving import ask_and_restore

        lead = self._source.lead(self.table.cursor_key)
        lost = lead.lost if lead is not None else None
        if lost is None:
            tell(self, "This lead names nothing that could be restored.", "warning")
            return
        places = await self.memory.store.locate(f"archived_{lost.kind}", [lost.record_id])
        self._lost = list(places.values())
        await ask_and_restore(self)

    # The figures below

    def on_day_chart_opened(self, event: DayChart.Opened) -> None:
        """Go to the interactions of the days that a person chose."""
        event.stop()
        begin(self, partial(self._go_to_days, event.bar), group="follow", exclusive=True)

    async def _go_to_days(self, bar: Days) -> None:
        asked_at = Standing(self)
        try:
            found = await self.memory.store.get_newest_between(bar.start, bar.end)
        except Exception as error:  # noqa: BLE001 - said to the person, who stays where they are
            report(self, error)
            return
        if asked_at.is_left:
            return
        if found is None:
            tell(self, f"There is no live interaction of {bar.told()}.", "warning")
        else:
            self.post_message(self.Wanted("interaction", found))

    def action_other_side(self) -> None:
        """Go on: the leads, what explains one, the days, the figures, and the leads again."""
        stops = [self.table, self.detail, *(self._figures.stops if self._figures else ())]
        here = next((at for at, each in enumerate(stops) if each.has_focus_within), 0)
        self._stop_at(stops[(here + 1) % len(stops)])

    def _stop_at(self, stop: Widget) -> None:
        is_below = stop not in (self.table, self.detail)
        self.set_class(is_below, "-below")
        self.set_class(self.has_class("-zoomed") and stop is self.detail, "-detail-first")
        if stop is self.detail:
            self.detail.focus_content()
        else:
            focus_now(stop)

    def let_go(self) -> bool:
        """Come back to the leads, from wherever one is."""
        if self.has_class("-below") and self.memory.under_way is None:
            self._stop_at(self.table)
            return True
        return super().let_go()

    def action_clear(self) -> None:
        """Come back to the leads."""
        self.let_go()

    def focus_list(self) -> None:
        """Put the focus on the leads."""
        self.remove_class("-below")
        super().focus_list()

    def look(self) -> None:
        """Show the lead under the cursor, and what can be done with it."""
        super().look()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to restore only where something may be lost."""
        if action == "restore":
            lead = self._source.lead(self.table.cursor_key)
            return lead is not None and lead.lost is not None
        return super().check_action(action, parameters)
