"""What was changed, by whom and why, and what left in which run; any of it can be taken back."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from tui.actions import bindings_for
from tui.filters import Filter
from tui.panes.base import ListPane
from tui.panes.transactions import (
    MOST_RUNS,
    RUN,
    RUNS,
    TRANSACTIONS,
    ChangeRecord,
    RunRecord,
    Runs,
    read_transactions,
)
from tui.widgets.columns import Column, Row

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.memory import Memory
    from tui.screens.filter import Choice
    from tui.widgets.pages import PageSource
    from tui.widgets.record_view import Subject

_RUNS: Final = Filter("kind", RUN, "runs of archiving")


class HistoryPane(ListPane):
    """The changes, newest first; or the runs of archiving.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    NOUN = "change"
    EMPTY = (
        "No changes yet. What is changed through memglass stands here, and can be undone; an agent"
        " that writes the file by itself leaves no journal, but its runs of archiving show with o."
    )
    COLUMNS: ClassVar[Sequence[Column]] = TRANSACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("history")

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self._known: Sequence[int] = ()

    @property
    def shows_runs(self) -> bool:
        """Whether runs of archiving are shown instead of changes."""
        return _RUNS in self.filters

    async def source(self, limit: int | None) -> PageSource:
        """Give the changes, or the runs."""
        if self.shows_runs:
            most = MOST_RUNS if limit is None else limit
            found = [run async for run in self.memory.store.history.find_runs(most)]
            self.table.set_columns(RUNS)
            return Runs(found)
        changes = await read_transactions(self.memory, limit, self._known)
        if limit is None:
            self._known = changes.numbers
        self.table.set_columns(TRANSACTIONS)
        return changes

    async def count_all(self) -> int:
        """Count what the list holds: runs are no part of the changes, but a list of their own."""
        return len(self.table.keys)

    def summary(self) -> str:
        """Say the order."""
        if self.shows_runs:
            return "the last one first"
        return "changes, newest first; o shows runs of archiving"

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show a change, or a run with what went in and what came out."""
        del row
        kind, own = cast("tuple[str, Any]", key)
        if kind == RUN:
            return RunRecord(self.memory, own).subject()
        return ChangeRecord(self.memory, own).subject()

    async def choices(self) -> list[Choice]:
        """Offer the runs of archiving."""
        from tui.screens.filter import Choice

        return [Choice(_RUNS, "same reason and target, close in time")]

    def _hint(self) -> str:
        if self.shows_runs:
            return "Nothing was archived yet, so that there are no runs. Esc shows the changes."
        return super()._hint()

    def open(self, key: Hashable) -> None:
        """Show the records of a change as links, to follow one of them."""
        del key
        self._show_in_detail("records", "record")

    def action_runs(self) -> None:
        """Show runs of archiving instead of changes, or changes again."""
        self.filters = [] if self.shows_runs else [_RUNS]
        self._refiltered()

    def action_take_back(self) -> None:
        """Undo the change under the cursor, once its effect was shown."""
        from tui.panes.taking_back import ask_take_back

        ask_take_back(self)

    def action_back_to(self) -> None:
        """Undo all that came after the change under the cursor, once its effect was shown."""
        from tui.panes.taking_back import ask_back_to

        ask_back_to(self)

    def action_restore_run(self) -> None:
        """Restore the run under the cursor, once what comes back was shown."""
        from tui.panes.taking_back import ask_restore_run

        ask_restore_run(self)
