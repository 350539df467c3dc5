"""What was recorded, newest first."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from tui.actions import bindings_for
from tui.filters import Filter
from tui.moments import short_time
from tui.panes.base import ListPane
from tui.panes.naming import Naming, NotedSource
from tui.panes.orders import Order
from tui.panes.subjects import StoredRecord
from tui.toasts import report
from tui.widgets.columns import Column, Row
from tui.wording import counted, what_of
from tui.work import begin

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.memory import Memory
    from tui.screens.filter import Choice
    from tui.widgets.record_view import Subject


class InteractionsPane(ListPane):
    """The interactions.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    NOUN = "interaction"
    EMPTY = "No interactions yet. They appear here as the agent records them."
    TYPED = (
        *(("text", "text"), ("session_id", "session"), ("after", "after")),
        *(("before", "before"), ("action", "action"), ("tag", "tag")),
    )
    ORDERS = (
        Order(None, "newest first", True, "time"),
        Order("oldest", "oldest first", True, "time"),
    )
    TIME = "timestamp"
    LISTED = ("interaction",)
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("time", lambda row: short_time(row["timestamp"]), 11, role="dim"),
        Column("role", lambda row: row["role"], 9, needs=52),
        Column("action", lambda row: row["action"], 12, role="strong"),
        Column("session", lambda row: row["session_id"], 12, role="dim", needs=84),
        Column("what", what_of, 10, weight=1),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("interactions")

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self._naming = Naming()
        self._is_naming = False

    async def source(self, limit: int | None) -> NotedSource:
        """Give the interactions that match the filters."""
        store = self.memory.store
        chosen = self.asked("interaction")
        order = self.order.value
        keys = await store.list_keys("interaction", limit=limit, order=order, **chosen)
        return NotedSource(store, ("interaction", keys), came=self._rows_came)

    def _rows_came(self, rows: Sequence[Row | None]) -> None:
        """Find out what became of the rows, once there is something on screen."""
        if not self._is_painted:
            return
        self._naming.want(rows)
        if not self._is_naming:
            self._is_naming = True
            begin(self, self._find_named, group="naming")

    async def _find_named(self) -> None:
        try:
            if await self._naming.read(self.memory.store):
                self.table.set_columns(self._naming.columns(self.COLUMNS))
        except Exception as error:  # noqa: BLE001 - said to the person, and the rows stay
            report(self, error)
        finally:
            self._is_naming = False

    async def count_all(self) -> int:
        """Count the interactions."""
        return len(await self.memory.store.list_keys("interaction"))

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show an interaction."""
        own = StoredRecord(self.memory, cast("tuple[str, Any]", key), row)
        return own.subject(beside=self.talk.panel(own))

    async def choices(self) -> list[Choice]:
        """Offer the sessions and actions, those of the record under the cursor first."""
        from tui.divergences import differing_choices
        from tui.notes import tag_choices
        from tui.screens.filter import Choice

        store = self.memory.store
        here = self.table.row_at(self.table.cursor) or {}
        own, others = list[Choice](), list[Choice]()
        for field, name in (("action", "action"), ("session_id", "session")):
            for value, count in (await store.get_values("interaction", field)).items():
                is_own = value == here.get(field)
                note = counted(count, "interaction") + (", as this one" if is_own else "")
                choice = Choice(Filter(field, value, f"{name}:{value}"), note)
                (own if is_own else others).append(choice)
        noted = await tag_choices(store, "interaction")
        return own + noted + differing_choices(self.memory, "interaction") + others

    def action_archive(self) -> None:
        """Archive what is selected."""
        from tui.panes.archiving import ask_and_archive

        ask_and_archive(self)
