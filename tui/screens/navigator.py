"""The way through the panes: to a record wherever it stands, back, and forward again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast

from tui.filters import Filter
from tui.history_wording import noun
from tui.navigation import SHOWN_IN, Stop, Trail
from tui.panes.base import ListPane
from tui.sources import public_id_of, summaries
from tui.standing import Standing
from tui.toasts import report, tell
from tui.widgets.bar import Bar, Part

if TYPE_CHECKING:
    from storage import Place
    from tui.links import Link
    from tui.memory import Memory
    from tui.panes.search import SearchPane
    from tui.panes.sides import Pane

_CRUMB: Final = 30


def _what_became(stop: Stop, place: Place | None) -> str:
    kind = stop.kind.removeprefix("archived_").capitalize()
    name = f"{kind} {stop.record_id}"
    if place is None:
        return f"{name} is no longer there, neither live nor archived."
    how = "archived" if place.kind.startswith("archived_") else "restored"
    return f"{name} was {how} meanwhile; it stands in {SHOWN_IN[place.kind].capitalize()} now."


class Navigator:
    """Goes where a person wants to go, and remembers where they were.

    Args:
        memory: What is looked at.
        show_pane: Shows a pane and gives it.
        here: Gives the pane that is shown.

    Attributes:
        crumbs: The line with the way back; it is there while there is one.
    """

    def __init__(
        self,
        memory: Memory,
        show_pane: Callable[[str], Awaitable[Pane]],
        here: Callable[[], Pane],
    ) -> None:
        self._memory = memory
        self._show_pane = show_pane
        self._here = here
        self._trail = Trail()
        self.crumbs = Bar(id="crumbs")
        self.crumbs.display = False

    @property
    def can_go_back(self) -> bool:
        """Whether there is a way back."""
        return bool(self._trail.behind)

    @property
    def can_go_forward(self) -> bool:
        """Whether one came back from somewhere."""
        return self._trail.has_ahead

    async def visit(self, pane: str) -> None:
        """Go to a pane, for good."""
        self._trail.clear()
        await self._show_pane(pane)
        self._show_crumbs()

    async def search_pane(self) -> SearchPane:
        """Show the search; what was shown before it is where one comes back to."""
        if self._here().id != "search":
            self._leave()
        pane = cast("SearchPane", await self._show_pane("search"))
        self._show_crumbs()
        return pane

    async def go_to(self, kind: str, key: object) -> None:
        """Go to a record in its own pane.

        Args:
            kind: The kind of list that it stands in.
            key: Its key there.
        """
        self._leave()
        pane = await self._show_pane(SHOWN_IN[kind])
        if isinstance(pane, ListPane):
            pane.go_to(kind, key)
        self._show_crumbs()

    async def show_record(self, kind: str, record_id: str) -> bool:
        """Go to a record, live or archived; say so where there is none.

        Who has gone elsewhere while it was looked for, perhaps to type something, stays there.

        Args:
            kind: interaction, pattern, world_model_state or snapshot.
            record_id: Its public id.

        Returns:
            Whether it is shown now.
        """
        here = self._here()
        asked_at = Standing(here)
        try:
            place = (await self._memory.store.locate(kind, [record_id])).get(record_id)
        except Exception as error:  # noqa: BLE001 - said to the person, who stays where they are
            report(here, error)
            return False
        if asked_at.is_left:
            return False
        if place is None:
            name = noun(kind.removeprefix("archived_"))
            tell(here, f"There is no {name} {record_id}, neither live nor archived.", "warning")
            return False
        await self.go_to(place.kind, place.key)
        return True

    async def open_link(self, link: Link) -> None:
        """Go where a link leads: to a record, or to a pane that shows only some."""
        from tui.links import NARROWED

        if link.kind not in NARROWED:
            await self.show_record(link.kind, link.value)
            return
        name, field = NARROWED[link.kind]
        pane = cast("ListPane", await self._show_pane(name))
        pane.narrow_to(Filter(field, link.value, f"{link.kind}:{link.value}"))

    async def back(self, steps: int = 1) -> None:
        """Come back to the record from which one went on."""
        await self._return(self._trail.back(self._here().stop(), steps))

    async def forward(self) -> None:
        """Go again where one came back from."""
        await self._return(self._trail.forward(self._here().stop()))

    def _leave(self) -> None:
        self._trail.leave(self._here().stop())

    async def _return(self, stop: Stop | None) -> None:
        if stop is not None:
            stop, moved = await self._found_again(stop)
            pane = await self._show_pane(stop.pane)
            pane.return_to(stop)
            self._show_crumbs()
            if moved:
                tell(pane, moved, "warning")

    async def _found_again(self, stop: Stop) -> tuple[Stop, str]:
        """Give a stop with the key that its record has by now, or say what became of it."""
        kind, record_id = stop.kind, stop.record_id
        if not kind:
            return stop, ""
        store, key = self._memory.store, cast("tuple[str, Any]", stop.key)
        try:
            [row] = await summaries(store, [key])
            if row is not None and public_id_of(row) == record_id:
                return stop, ""
            place = (await store.locate(kind, [record_id])).get(record_id)
            if place is None and kind.startswith("archived_"):
                live = kind.removeprefix("archived_")
                place = (await store.locate(live, [record_id])).get(record_id)
        except Exception as error:  # noqa: BLE001 - said to the person, who comes back all the same
            report(self._here(), error)
            return stop, ""
        if place is not None and place.kind == kind:
            return stop._replace(key=(kind, place.key)), ""
        return stop._replace(key=None), _what_became(stop, place)

    def _show_crumbs(self) -> None:
        behind = self._trail.behind
        parts = []
        for steps, stop in zip(range(len(behind), 0, -1), behind, strict=True):
            parts += [
                Part(f" {stop.label[:_CRUMB]} ", "text", f"back:{steps}"),
                Part("\u203a", "dim"),
            ]
        # The nearest ones count where there is too little space for all.
        while len(parts) > 2 and sum(len(part.text) for part in parts) > self.crumbs.app.size.width:
            del parts[:2]
        self.crumbs.show([*parts, Part(" here", "dim")])
        self.crumbs.display = bool(behind)
        self.crumbs.screen.refresh_bindings()
