"""What was changed, by whom and why, and what left in which run; any of it can be taken back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from tui.actions import bindings_for
from tui.filters import TAG, TIMES, Filter, tag_in
from tui.history_wording import done
from tui.panes.base import ListPane
from tui.panes.change_records import ChangeRecord, RunRecord
from tui.panes.transactions import (
    MOST_RUNS,
    RUN,
    RUNS,
    TRANSACTION,
    TRANSACTIONS,
    Runs,
    matching_runs,
    read_transactions,
)
from tui.told_keys import key_for
from tui.widgets.columns import Column, Row
from tui.wording import counted

if TYPE_CHECKING:
    from textual.binding import BindingType

    from storage import ArchiveRun
    from tui.memory import Memory
    from tui.screens.filter import Choice
    from tui.widgets.pages import PageSource
    from tui.widgets.record_view import Subject

_RUNS: Final = Filter("kind", RUN, "runs of archiving")
_OF_BOTH: Final = (TAG, *TIMES)
_OF_RUNS: Final = ("reason", *_OF_BOTH)


class HistoryPane(ListPane):
    """The changes, newest first; or the runs of archiving.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    NOUN = "change"
    TYPED = (
        *(("actor", "who"), ("after", "after"), ("before", "before")),
        *(("operation", "did"), ("reason", "reason"), (TAG, "tag")),
    )
    COLUMNS: ClassVar[Sequence[Column]] = TRANSACTIONS
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("history")

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self._known: Sequence[int] = ()
        self._known_under: list[Filter] = []
        self._runs: Sequence[ArchiveRun] = ()

    async def forget(self) -> None:
        """Let go of the changes, too, of which only newer ones would be read."""
        await super().forget()
        self._known, self._known_under = (), []

    @property
    def shows_runs(self) -> bool:
        """Whether runs of archiving are shown instead of changes."""
        return _RUNS in self.filters

    @property
    def noun(self) -> str:
        """Tell runs of archiving from changes."""
        return RUN if self.shows_runs else super().noun

    async def source(self, limit: int | None) -> PageSource:
        """Give the changes, or the runs."""
        if self.shows_runs != self.has_class("-runs"):
            self.set_class(self.shows_runs, "-runs")
            self.refresh_bindings()
        if self.shows_runs:
            most = MOST_RUNS if limit is None else limit
            self._runs = [run async for run in self.memory.store.history.find_runs(most)]
            self.table.set_columns(RUNS)
            return Runs(matching_runs(await self._tagged(self._runs), self.filters))
        if self._known_under != self.filters:
            self._known, self._known_under = (), list(self.filters)
        changes = await read_transactions(self.memory, limit, self._known, self.filters)
        if limit is None:
            self._known = changes.numbers
        self.table.set_columns(TRANSACTIONS)
        return changes

    async def _tagged(self, runs: Sequence[ArchiveRun]) -> Sequence[ArchiveRun]:
        tag = tag_in(self.filters)
        return runs if tag is None else await self.memory.store.history.get_tagged_runs(runs, tag)

    async def count_all(self) -> int:
        """Count what the list holds: runs are no part of the changes, but a list of their own."""
        if self.shows_runs:
            return len(self._runs)
        return await self.memory.store.history.count_transactions()

    async def newest(self) -> dict[Hashable, int]:
        """Give the number of the newest change."""
        numbers = await self.memory.store.history.list_transactions(1)
        return {TRANSACTION: max(numbers, default=0)}

    def add_filter(self, chosen: Filter) -> None:
        """Filter by this too, as far as it says something of what is listed then."""
        super().add_filter(chosen)
        if chosen.field in ("kind", "reason"):
            self.filters = [_RUNS, *(each for each in self.filters if each.field in _OF_RUNS)]
        elif chosen.field not in _OF_BOTH:
            self.filters = [each for each in self.filters if each.field not in ("kind", "reason")]

    def drop_filter(self, dropped: Filter) -> None:
        """Filter by this no longer; where it was the runs, nor by what is said of them alone."""
        super().drop_filter(dropped)
        if dropped == _RUNS:
            self.filters = [each for each in self.filters if each.field in _OF_BOTH]

    def summary(self) -> str:
        """Say the order."""
        if self.shows_runs:
            return "the last one first"
        return (
            "newest first"
            if self.filters
            else f"newest first; {key_for('runs')} shows runs of archiving"
        )

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show a change, or a run with what went in and what came out."""
        del row
        kind, own = cast("tuple[str, Any]", key)
        if kind == RUN:
            return RunRecord(self.memory, own.run).subject()
        return ChangeRecord(self.memory, own).subject()

    async def choices(self) -> list[Choice]:
        """Offer the runs of archiving, who changed something, what was done, and the tags."""
        from tui.notes import tag_choices
        from tui.screens.filter import Choice

        tags = await tag_choices(self.memory.store)
        if self.shows_runs:
            reasons = Counter(str(run.reason) for run in self._runs)
            return [
                *(
                    Choice(Filter("reason", each, f"reason:{each}"), counted(count, "run"))
                    for each, count in reasons.most_common()
                ),
                *tags,
            ]
        history = self.memory.store.history
        who = await history.get_values("actor")
        did = await history.get_values("operation")
        return [
            Choice(_RUNS, "same reason and target, close in time"),
            *(
                Choice(Filter("actor", each, f"who:{each}"), counted(count, "change"))
                for each, count in who.items()
            ),
            *(
                Choice(Filter("operation", each, f"did:{done(each)}"), counted(count, "change"))
                for each, count in did.items()
            ),
            *tags,
        ]

    def _hint(self) -> str:
        if self.shows_runs and not self._runs:
            return (
                "Nothing was archived yet, so that there are no runs."
                f" {key_for('clear')} shows the changes."
            )
        return super()._hint()

    def empty(self) -> str:
        """Say what will stand here, and what does not."""
        return (
            "No changes yet. What is changed through memglass stands here, and can be undone; an"
            " agent that writes the file by itself leaves no journal, but its runs of archiving"
            f" show with {key_for('runs')}."
        )

    def open(self, key: Hashable) -> None:
        """Show the records of a change as links, to follow one of them."""
        del key
        self._show_in_detail("records", "record")

    def action_runs(self) -> None:
        """Show runs of archiving instead of changes, or changes again."""
        kept = [each for each in self.filters if each.field in _OF_BOTH]
        self.filters = kept if self.shows_runs else [_RUNS, *kept]
        self._refiltered()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer for a run what can be done with a run, and for a change what with a change."""
        if action in ("take_back", "back_to"):
            return not self.shows_runs
        if action == "restore_run":
            return self.shows_runs
        return super().check_action(action, parameters)

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
