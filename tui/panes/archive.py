"""What was put away, why, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from tui.actions import bindings_for
from tui.filters import Filter
from tui.moments import local, short_time
from tui.panes.asking import begin_asking
from tui.panes.base import ListPane
from tui.panes.orders import Order
from tui.panes.subjects import StoredRecord
from tui.sources import StoreSource
from tui.told_keys import key_for
from tui.widgets.columns import Column, Row
from tui.wording import counted

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.screens.filter import Choice
    from tui.sources import JoinedKeys
    from tui.widgets.record_view import Subject

_KINDS: Final = {"archived_pattern": "patterns", "archived_interaction": "interactions"}


def _name(row: Row) -> object:
    if row["kind"] == "archived_pattern":
        return row["name"] or row["pattern_id"]
    return row["excerpt"] or row["interaction_id"]


class ArchivePane(ListPane):
    """The archives: patterns, which are few, then interactions."""

    NOUN = "archived record"
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("archived", lambda row: short_time(row["archived_at"]), 11, role="dim"),
        Column("kind", lambda row: row["kind"].removeprefix("archived_"), 11, needs=72),
        Column("reason", lambda row: row["archive_reason"], 24, role="strong"),
        Column("record", _name, 14, weight=3),
        Column("became", lambda row: row["target"], 12, weight=1, role="dim", needs=84),
    )
    TYPED = (
        *(("text", "text"), ("archive_reason", "reason"), ("after", "after")),
        *(("before", "before"), ("pattern_type", "type")),
    )
    ORDERS = (
        Order(None, "newest first", True, "archived"),
        Order("oldest", "oldest first", True, "archived"),
        Order("reason", "by reason", column="reason"),
        Order("record", "by record", column="record"),
    )
    TIME = "archived_at"
    LISTED = tuple(_KINDS)
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("archive")

    _newest_at = 0

    def empty(self) -> str:
        """Say what will stand here."""
        return (
            f"The archive is empty. What is archived, by the agent or with {key_for('archive')} in"
            " Interactions and Patterns, stands here until it is restored."
        )

    async def source(self, limit: int | None) -> StoreSource:
        """Give the archive rows that match the filters."""
        store = self.memory.store
        order = self.order.value
        parts = []
        for kind in _KINDS:
            chosen = self.asked(kind)
            if chosen.pop("kind", kind) == kind and (
                kind == "archived_pattern" or "pattern_type" not in chosen
            ):
                keys = await store.list_keys(kind, limit=limit, order=order, **chosen)
                parts.append((kind, keys))
        source = StoreSource(store, *parts)
        if limit is None and self.order.by_time:
            self._newest_at = await self._place_of_newest(source)
        return source

    async def _place_of_newest(self, source: StoreSource) -> int:
        """Say where stands what was archived last, of the newest of each kind."""
        keys = cast("JoinedKeys", source.keys)
        places = [span[0 if self.order.value is None else -1] for span in keys.spans]
        rows = await source.fetch([keys[at] for at in places])
        moments = [None if row is None else local(row["archived_at"]) for row in rows]
        times = [float("-inf") if each is None else each.timestamp() for each in moments]
        return max(zip(times, places, strict=True), key=itemgetter(0), default=(0.0, 0))[1]

    def _newest_row(self) -> int:
        return self._newest_at

    async def count_all(self) -> int:
        """Count what is archived."""
        counts = await self.memory.store.get_archive_statistics()
        return sum(sum(counts[name].values()) for name in _KINDS.values())

    def summary(self) -> str:
        """Say the order."""
        is_one = any(each.field in ("kind", "pattern_type") for each in self.filters)
        return self.order.label if is_one else f"patterns, then interactions, {self.order.label}"

    async def shares(self) -> list[Choice]:
        """Give the reasons."""
        return await self._reasons("{:,}".format)

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show an archived record."""
        own = StoredRecord(self.memory, cast("tuple[str, Any]", key), row)
        return own.subject(beside=self.talk.panel(own))

    async def choices(self) -> list[Choice]:
        """Offer the reasons, then the kinds, then the tags."""
        from tui.divergences import differing_choices
        from tui.notes import tag_choices
        from tui.screens.filter import Choice

        store = self.memory.store
        counts = await store.get_archive_statistics()
        types = await store.get_values("archived_pattern", "pattern_type")
        return [
            *await self._reasons(lambda count: counted(count, "record")),
            *(
                Choice(
                    Filter("kind", kind, f"kind:{name}"),
                    counted(sum(counts[name].values()), "record"),
                )
                for kind, name in _KINDS.items()
            ),
            *(
                Choice(Filter("pattern_type", name, f"type:{name}"), counted(count, "pattern"))
                for name, count in types.items()
            ),
            *await tag_choices(store, "interaction", "pattern"),
            *differing_choices(self.memory, *_KINDS),
        ]

    async def _reasons(self, note: Callable[[int], str]) -> list[Choice]:
        from tui.screens.filter import Choice

        counts = await self.memory.store.get_archive_statistics()
        by_reason: dict[str, int] = {}
        for name in _KINDS.values():
            for reason, count in counts[name].items():
                by_reason[reason] = by_reason.get(reason, 0) + count
        reasons = sorted(by_reason, key=lambda reason: -by_reason[reason])
        return [
            Choice(Filter("archive_reason", each, f"reason:{each}"), note(by_reason[each]))
            for each in reasons
        ]

    def action_restore(self) -> None:
        """Restore what is selected."""
        from tui.panes.archiving import ask_and_restore

        begin_asking(self, partial(ask_and_restore, self))
