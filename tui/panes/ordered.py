"""What a list that can be sorted shares: its order, what is new in it, and staying with that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual import on

from tui.panes.orders import Order
from tui.panes.sides import Pane
from tui.toasts import tell
from tui.told_keys import key_for
from tui.widgets.line_table import LineTable

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from tui.memory import Memory


class OrderedPane(Pane):
    """A list in one of some orders, into which an agent may write. Subclasses read it.

    Args:
        memory: What is looked at.
        id: As for any widget.

    Attributes:
        order: The order of the list.
        is_following: Whether the cursor stays with the newest record.
    """

    ORDERS: ClassVar[Sequence[Order]] = ()
    LISTED: ClassVar[Sequence[str]] = ()

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self.order = self.ORDERS[0] if self.ORDERS else Order(None, "")
        self.is_following = False
        self._newest: dict[Hashable, int] = {}

    # For subclasses

    def _reload_from_top(self) -> None:
        """Read the list anew, in another order or under other filters."""
        raise NotImplementedError

    async def newest(self) -> dict[Hashable, int]:
        """Give the highest number that a row has now, as `Fresh` knows it."""
        return {
            (kind, key.rank): key.rowid
            for kind in self.LISTED
            for key in await self.memory.store.get_last_keys(kind)
        }

    def summary(self) -> str:
        """Say the order in a few words."""
        return self.order.label

    # Order

    def remembered(self) -> dict[str, Any]:
        """Give the order, too."""
        return {**super().remembered(), "order": self.order.label}

    def recall(self, remembered: Mapping[str, Any]) -> None:
        """Take the order, too."""
        super().recall(remembered)
        same = (order for order in self.ORDERS if order.label == remembered.get("order"))
        self.order = next(same, self.order)

    def action_sort(self) -> None:
        """Show the list in its next order."""
        self._order_by(self.ORDERS)

    @on(LineTable.TitlePressed)
    def _title_pressed(self, event: LineTable.TitlePressed) -> None:
        event.stop()
        orders = [each for each in self.ORDERS if each.column and each.column == event.title]
        # The lists in the detail have titles, too.
        if orders and event.table is self.table:
            self._order_by(orders)

    def _goes_by_time(self) -> bool:
        """Say whether the list is sorted by time; where it is not, tell how it would be."""
        if not self.order.by_time:
            told = f"The list is {self.order.label}; {key_for('sort')} sorts it by time."
            tell(self, told, "warning")
        return self.order.by_time

    def _order_by(self, orders: Sequence[Order]) -> None:
        """Show the list in the order after the one that it is in, or the first of these."""
        at = orders.index(self.order) + 1 if self.order in orders else 0
        self.order = orders[at % len(orders)]
        self._reload_from_top()

    # While the agent writes

    async def _note_newest(self) -> None:
        """Note what there is: whatever comes later is new, until the pane is left."""
        self._newest = await self.newest()
        if not self.table.fresh.newest:
            self.table.fresh.newest = self._newest

    def on_hide(self) -> None:
        """Take for seen what is there now."""
        self.table.fresh.newest = self._newest
        self.table.fresh.forget()

    def action_follow_newest(self) -> None:
        """Keep the cursor on the newest record from now on, or no longer."""
        if not self.is_following and not self._goes_by_time():
            return
        self.is_following = not self.is_following
        if self.is_following:
            self.table.cursor = self._newest_row()
        self.show_bar()

    def _newest_row(self) -> int:
        return 0 if self.order.value is None else len(self.table.keys) - 1

    @on(LineTable.Moved)
    def _moved_away(self) -> None:
        if self.is_following and self.table.cursor != self._newest_row():
            self.is_following = False
            self.show_bar()
