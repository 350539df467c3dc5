"""What was learned, by type, the surest first."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from tui.actions import bindings_for
from tui.filters import Filter
from tui.moments import short_time
from tui.panes.base import ListPane
from tui.panes.orders import Order
from tui.panes.subjects import StoredRecord
from tui.sources import StoreSource
from tui.widgets.columns import Column, Row
from tui.wording import confidence, counted

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.screens.filter import Choice
    from tui.widgets.record_view import Subject

# One query a type; a memory with more types than this is shown by confidence alone.
_GROUPED: Final = 60
_BY_TYPE: Final = "type"


class PatternsPane(ListPane):
    """The patterns, grouped by type."""

    NOUN = "pattern"
    EMPTY = "No patterns yet. They appear here as the agent learns."
    TYPED = (("text", "text"), ("pattern_type", "type"), ("after", "after"), ("before", "before"))
    ORDERS = (
        Order(_BY_TYPE, "by type, the surest first", column="type"),
        Order(None, "the surest first", column="conf"),
        Order("frequency", "the most often seen first", column="seen"),
        Order("last_seen", "the last seen first", column="last seen"),
        Order("created", "the newest first"),
        Order("name", "by name", column="name"),
    )
    TIME = "last_seen"
    LISTED = ("pattern",)
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("type", lambda row: row["pattern_type"], 20, role="dim"),
        Column("conf", lambda row: confidence(row["confidence"]), 4, role="strong", right=True),
        Column("seen", lambda row: row["frequency"], 5, right=True, needs=50),
        Column("name", lambda row: row["name"], 12, weight=2),
        Column("last seen", lambda row: short_time(row["last_seen"]), 11, role="dim", needs=64),
        Column("what", lambda row: row["excerpt"], 10, weight=3, role="dim", needs=90),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("patterns")

    async def source(self, limit: int | None) -> StoreSource:
        """Give the patterns, type by type."""
        store = self.memory.store
        chosen = self.asked("pattern")
        wanted = chosen.pop("pattern_type", None)
        types = [wanted] if wanted is not None else list(await store.get_pattern_types())
        order = None if self.order.value == _BY_TYPE else self.order.value
        # What an agent stored for a type may be no text, by which nothing can be asked for.
        is_grouped = len(types) <= _GROUPED and all(isinstance(each, str) for each in types)
        if self.order.value != _BY_TYPE or not is_grouped:
            types = [wanted]
        parts = [
            (
                "pattern",
                await store.list_keys(
                    "pattern", limit=limit, order=order, pattern_type=each, **chosen
                ),
            )
            for each in types
        ]
        return StoreSource(store, *parts)

    async def count_all(self) -> int:
        """Count the patterns."""
        return sum((await self.memory.store.get_pattern_types()).values())

    async def shares(self) -> list[Choice]:
        """Give the types."""
        from tui.screens.filter import Choice

        types = await self.memory.store.get_pattern_types()
        return [
            Choice(Filter("pattern_type", name, f"type:{name}"), f"{count:,}")
            for name, count in types.items()
        ]

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show a pattern."""
        own = StoredRecord(self.memory, cast("tuple[str, Any]", key), row)
        return own.subject(beside=self.talk.panel(own))

    async def choices(self) -> list[Choice]:
        """Offer the types, then the tags."""
        from tui.divergences import differing_choices
        from tui.notes import tag_choices
        from tui.screens.filter import Choice

        types = await self.memory.store.get_pattern_types()
        return [
            *(
                Choice(Filter("pattern_type", name, f"type:{name}"), counted(count, "pattern"))
                for name, count in types.items()
            ),
            *await tag_choices(self.memory.store, "pattern"),
            *differing_choices(self.memory, "pattern"),
        ]

    def action_archive(self) -> None:
        """Archive what is selected."""
        from tui.panes.archiving import ask_and_archive

        ask_and_archive(self)
