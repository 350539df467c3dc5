"""What the agent believes about each domain, snapshot by snapshot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from tui.actions import bindings_for
from tui.filters import Filter
from tui.moments import short_time
from tui.panes.base import ListPane
from tui.panes.subjects import StoredRecord
from tui.sources import StoreSource
from tui.widgets.columns import Column, Row
from tui.widgets.record_view import Subject, View
from tui.wording import confidence

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.documents import Document
    from tui.screens.filter import Choice

_NEWEST: Final = 2000
_STATES: Final = "world_model_state"
_AS_IT_IS_NOW: Final = Filter("kind", _STATES, "as it is now")


class WorldModelPane(ListPane):
    """The snapshots, newest first; or the states as they are now."""

    NOUN = "snapshot"
    EMPTY = "No world model yet. Each time the agent writes down what it believes is a line here."
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("time", lambda row: short_time(_time(row)), 11, role="dim"),
        Column("domain", lambda row: row["domain"], 12, weight=2, role="strong"),
        Column("conf", lambda row: confidence(row["confidence"]), 4, right=True),
        Column("trigger", lambda row: row.get("trigger_event", "as it is now"), 10, weight=2),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("world_model")

    async def source(self, limit: int | None) -> StoreSource:
        """Give the snapshots that match the filters, or the states where there are none."""
        chosen = {each.field: each.value for each in self.filters}
        kind = chosen.pop("kind", "snapshot")
        store = self.memory.store
        keys = await store.list_keys(kind, limit=limit, **chosen)
        if not keys and not self.filters:
            # An agent may keep states without ever taking a snapshot.
            kind, keys = _STATES, await store.list_keys(_STATES, limit=limit)
        return StoreSource(store, (kind, keys))

    async def count_all(self) -> int:
        """Count the snapshots."""
        return len(await self.memory.store.list_keys("snapshot"))

    def filters_for(self, kind: str) -> list[Filter]:
        """Show the states where one of them is wanted, else the snapshots."""
        return [_AS_IT_IS_NOW] if kind == _STATES else []

    def summary(self) -> str:
        """Say the order."""
        return "newest first"

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show a model: what changed in it, and all of it."""
        own = _Model(self.memory, cast("tuple[str, Any]", key), row)
        changes = View("Changes", own.changes)
        return own.subject(changes, fields=View("Fields", own.model))

    async def choices(self) -> list[Choice]:
        """Offer the domains and tags, and the states as they are now."""
        from tui.notes import tag_choices
        from tui.screens.filter import Choice

        store = self.memory.store
        keys = await store.list_keys("snapshot", limit=_NEWEST)
        rows = await store.get_summaries("snapshot", keys)
        counts = Counter(row["domain"] for row in rows if row and isinstance(row["domain"], str))
        states = len(await store.list_keys(_STATES))
        seen = "newest snapshots" if len(rows) == _NEWEST else "snapshots"
        domains = [
            Choice(Filter("domain", name, f"domain:{name}"), f"{count:,} of the {seen}")
            for name, count in counts.most_common()
        ]
        tags = await tag_choices(store, "snapshot")
        return [*domains, *tags, Choice(_AS_IT_IS_NOW, f"{states:,}")]


class _Model(StoredRecord):
    """A snapshot or state, with what changed in it."""

    def title(self) -> str:
        """Name the domain, and which snapshot of it this is."""
        row = self.row or {}
        what = f"snapshot {row.get('record_id')}" if self.kind == "snapshot" else "as it is now"
        return f"{str(row.get('domain'))[:60]}, {what}"

    async def model(self, _limit: int) -> Document:
        """Show entities, relations and the rest."""
        from tui.world_documents import model_document

        return model_document(await self.record())

    async def changes(self, _limit: int) -> Document:
        """Compare it with the snapshot of its domain before it."""
        from storage import diff_world_models
        from tui.world_documents import diff_document

        new = await self.record()
        old = await self._before(new)
        return diff_document(old, new, diff_world_models(old or {}, new))

    async def _before(self, new: dict[str, Any]) -> dict[str, Any] | None:
        store, domain = self._memory.store, new.get("domain")
        if not isinstance(domain, str):
            return None
        keys = await store.list_keys("snapshot", domain=domain)
        at = keys.index(self._key[1]) + 1 if self.kind == "snapshot" else 0
        rows = await store.get_summaries("snapshot", keys[at : at + 1])
        if not rows or rows[0] is None:
            return None
        return await store.get_record("snapshot", rows[0]["record_id"])


def _time(row: Row) -> object:
    return row["snapshot_time"] if "snapshot_time" in row else row["updated_at"]
