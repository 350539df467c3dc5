"""What is broken: found while one looks, each with its place, its bytes and what can be done."""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Sequence
from functools import partial
from itertools import compress, islice
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tui.actions import bindings_for
from tui.broken import BROKEN, Findings, Found, FoundRows, find_again, unmended
from tui.filters import TAG, Filter, tag_in
from tui.health_documents import sound_text
from tui.panes.base import ListPane
from tui.panes.finding_views import FindingViews
from tui.panes.mending import CALLS
from tui.scan import Scan
from tui.sources import summaries
from tui.toasts import report, tell
from tui.widgets.answers import Answers
from tui.widgets.columns import Column
from tui.widgets.health_line import HealthLine
from tui.wording import counted
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from tui.memory import Memory
    from tui.screens.filter import Choice
    from tui.widgets.columns import Row
    from tui.widgets.record_view import Subject

_SHOWN_EVERY: Final = 0.2
_LEFT: Final = "health.left"
_KNOWN: Final = "health.known"
_MOST_LEFT: Final = 20_000
_MOST_AWAY: Final = 500


class HealthPane(ListPane):
    """The scan and what it found.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    NOUN = "finding"
    TABLE = Answers
    TYPED = (("table", "table"), ("problem", "problem"), (TAG, "tag"))
    COLUMNS: ClassVar[Sequence[Column]] = (
        Column("record", lambda row: row["record_id"], 13, role="strong"),
        Column("in", lambda row: row["table"], 21, role="dim", needs=120),
        Column("field", lambda row: row["field"], 15),
        Column("what is wrong", lambda row: row["what"], 10, weight=1),
        Column("", lambda row: row["state"], 8, role="accent"),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("health")

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self._line = HealthLine(self._clicked)
        self._scan: Scan | None = None
        # While everything is looked at again, what was found before stays in view.
        self._shown: Scan | None = None
        self._is_stale = False
        self._free: int | None = None
        self._touched: set[str] = set()
        self._seen: tuple[Hashable, ...] = ()
        self._reads = 0
        self._left: dict[str, None] = {}
        self._tagged_as: tuple[Any, frozenset[Any]] = (None, frozenset())
        self._views = FindingViews(self)
        self._shown_at = self._began_at = self._took = 0.0
        self._before_bytes = ""

    def compose(self) -> ComposeResult:
        """Lay out the line about the memory, then the list and the detail."""
        yield self._line
        yield from super().compose()

    # The scan

    @property
    def is_scanning(self) -> bool:
        """Whether everything is being looked at now."""
        return self._scan is not None and self._scan.is_running

    def action_scan(self) -> None:
        """Go on with the scan that was stopped, or look at everything again."""
        if not self.memory.is_open or self.is_scanning:
            return
        if self._scan is None or self._scan.is_done:
            state = self.memory.state
            self._left = dict.fromkeys(map(str, state.get(_LEFT, [])))
            self._scan = Scan(self.memory, frozenset(map(str, state.get(_KNOWN, []))), self._left)
            self._is_stale = False
            self._took = 0.0
            if self._shown is None:
                self._shown = self._scan
        self._began_at = time.monotonic()
        begin(self, partial(self._run, self._scan), group="scan")

    async def _run(self, scan: Scan) -> None:
        try:
            await scan.run(self._progressed)
        except Exception as error:  # noqa: BLE001 - said to the person; S goes on from there
            report(self, error)
        finally:
            self._took += time.monotonic() - self._began_at
            if scan.is_done:
                self._shown = scan
                self.memory.state.put(_KNOWN, scan.findings.marks)
                # Undoing and restoring take them out of the archive again.
                self.touch(islice(scan.findings.in_state("put away"), _MOST_AWAY))
            # Also when it is stopped, however short the time since something was last shown.
            self._show_findings()

    def _progressed(self) -> None:
        now = time.monotonic()
        if now - self._shown_at >= _SHOWN_EVERY:
            self._shown_at = now
            self._show_findings()

    def _show_findings(self) -> None:
        """Show what is found by now, without moving the cursor."""
        if self.is_attached:
            super().reload()
            self._count()

    def _count(self) -> None:
        """Say how much is known to be broken, here and in the tab."""
        scan = self._shown
        if scan is None:
            return
        broken = scan.findings.count("broken")
        if scan.is_done:
            self.memory.state.put(BROKEN, broken)
        self.post_message(self.Warned("health", broken > 0))
        self.show_line()

    def show_line(self) -> None:
        """Say how the memory is."""
        mirroring = self.memory.mirroring
        self._line.tell(
            self._scan,
            is_stale=self._is_stale,
            free=self._free,
            doing=self._progress,
            differing=0 if mirroring is None else len(mirroring.diverged),
        )

    def show_bar(self) -> None:
        """Show the filters and how many findings there are."""
        super().show_bar()
        self.show_line()

    def _clicked(self, what: str) -> None:
        if what == "stop":
            self._stop()
        elif what == "scan":
            self.action_scan()
        elif what == "differing":
            self.action_curate("sources")
        else:
            self.action_mend(what)

    def _stop(self) -> None:
        self.workers.cancel_group(self, "scan")

    def action_clear(self) -> None:
        """Stop the scan; else leave the detail, the selection or the filter, one at a time."""
        if self.is_scanning and not self.detail.has_focus_within:
            self._stop()
        else:
            super().action_clear()

    # Following the memory

    def reload(self, *, from_top: bool = False) -> None:
        """Begin to look on the first visit; take notice of changes later."""
        if self.outdated and self.memory.is_open:
            self._reads += 1
            if self._scan is None:
                self.action_scan()
            else:
                self._is_stale = True
                begin(self, self._look_at_touched, group="recheck", exclusive=True)
            self.measure()
        super().reload(from_top=from_top)

    async def forget(self) -> None:
        """Let go of what was found, too; all of it is looked for at the next visit."""
        self._stop()
        self._scan = self._shown = None
        self._touched.clear()
        self._seen = ()
        await super().forget()

    def measure(self) -> None:
        """Read anew what VACUUM would win."""
        begin(self, self._measure, group="measure", exclusive=True)

    async def _measure(self) -> None:
        try:
            self._free = (await self.memory.store.get_file_size())["free_bytes"]
        except Exception as error:  # noqa: BLE001 - said to the person
            report(self, error)
        self.show_line()

    def touch(self, chosen: Iterable[Found]) -> None:
        """Look at these again whenever the memory changes: something is done with them."""
        self._touched.update(each.mark for each in chosen)

    async def _look_at_touched(self) -> None:
        looked_at = [each for mark in self._touched if (each := self.found(mark))]
        try:
            told = await self.memory.store.are_broken([each.finding for each in looked_at])
            there = [is_broken is not None for is_broken in told]
            await find_again(self.memory.store, compress(looked_at, there))
        except Exception as error:  # noqa: BLE001 - said to the person; nothing is known anew
            report(self, error)
            return
        for each, is_broken in zip(looked_at, told, strict=True):
            if is_broken is None:
                each.state = "gone"
            elif is_broken:
                each.state = unmended(each, self._left)
            else:
                each.state = "mended"
        self._show_findings()

    # The list

    async def source(self, limit: int | None) -> FoundRows:
        """Give what was found and matches the filters."""
        if self._shown is None:
            return Findings().source((), self._summaries)
        marks = self._shown.findings.marks_of(self.filters, await self._tagged())
        return self._shown.findings.source(marks[:limit], self._summaries)

    async def _tagged(self) -> frozenset[Any] | None:
        """Give where the records stand that have the tag of the filters; None without one."""
        from tui.notes import places_tagged

        tag = tag_in(self.filters)
        if tag is None:
            return None
        # While the scan goes on the list is read several times a second.
        asked = (tag, self._reads)
        if self._tagged_as[0] != asked:
            self._tagged_as = asked, await places_tagged(self.memory.store, tag)
        return self._tagged_as[1]

    async def _summaries(self, places: Sequence[Any]) -> list[Row | None]:
        return await summaries(self.memory.store, places)

    async def count_all(self) -> int:
        """Count what was found."""
        return 0 if self._shown is None else len(self._shown.findings)

    def summary(self) -> str:
        """Say the order."""
        return "as the scan met them"

    def _hint(self) -> str:
        scan = self._shown
        if self.filters and scan is not None and len(scan.findings):
            return super()._hint()
        if scan is None or not scan.is_done:
            return "Nothing broken so far."
        return sound_text(scan.rows, self._took)

    async def choices(self) -> list[Choice]:
        """Offer the problems, what became of them, the tables and the tags."""
        from tui.notes import tag_choices
        from tui.screens.filter import Choice

        if self._shown is None:
            return []
        findings = self._shown.findings
        own = [
            Choice(Filter(field, value, f"{field}:{value}"), counted(count, "finding"))
            for field in ("problem", "state", "table")
            for value, count in findings.by(field).most_common()
        ]
        return own + await tag_choices(self.memory.store)

    def found(self, mark: Hashable) -> Found | None:
        """Give what has a mark, or None."""
        return None if self._shown is None else self._shown.findings.get(mark)

    def chosen(self) -> list[Found]:
        """Give what is selected, or what is under the cursor."""
        found = (self.found(mark) for mark in self.table.selected_keys())
        return [each for each in found if each is not None]

    def selected(self, *kinds: str) -> Sequence[Any]:
        """Give kind and key of the records that the selected findings are in."""
        places = (each.place for each in self.chosen())
        return list(dict.fromkeys(place for place in places if place and place[0] in kinds))

    def open(self, key: Hashable) -> None:
        """Go to the record."""
        found = self.found(key)
        if found is None or found.place is None:
            tell(self, "This stands in no list: here is all that there is of it.", "warning")
        elif found.place[0].startswith("archived_"):
            # An archive may hold the same record more than once.
            self.post_message(self.Followed(*found.place))
        else:
            self.post_message(self.Wanted(found.place[0], found.finding.record_id))

    # The detail

    def look(self) -> None:
        """Show the finding under the cursor, or show it anew if there may be news of it.

        While the scan goes on the list is shown anew several times a second, and a field may be
        as long as it likes.
        """
        found = self.found(self.table.cursor_key)
        seen = (self.table.cursor_key, found.state if found else "", self._reads)
        if seen != self._seen:
            self._seen = seen
            super().look()

    def look_anew(self) -> None:
        """Show the finding under the cursor once more: there is news of it."""
        self._reads += 1
        self.look()

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show a finding: what is wrong, its bytes, and the record that it is in."""
        del row
        return self._views.subject(key)

    def action_bytes(self) -> None:
        """Show the bytes, or what was shown before them."""
        if self.detail.view == "bytes":
            self.detail.choose(self._before_bytes)
        else:
            self._before_bytes = self.detail.view
            self.detail.choose("bytes")

    # What can be done

    def action_mend(self, what: str) -> None:
        """Repair, archive or vacuum."""
        CALLS[what](self)

    def action_leave(self) -> None:
        """Leave what is selected as it is, or take that back where all of it is left."""
        chosen = [each for each in self.chosen() if each.state in ("broken", "left")]
        if not chosen:
            tell(self, "There is nothing here to leave.", "warning")
            return
        is_back = all(each.state == "left" for each in chosen)
        for each in chosen:
            each.state = "broken" if is_back else "left"
            if is_back:
                self._left.pop(each.mark, None)
            else:
                self._left[each.mark] = None
        self.memory.state.put(_LEFT, list(self._left)[-_MOST_LEFT:])
        self.table.clear_marks()
        self._show_findings()

    def action_next_broken(self) -> None:
        """Go to the next finding that is still broken."""
        at = None
        if self._shown is not None:
            at = self._shown.findings.after(self.table.keys, self.table.cursor)
        if at is None:
            tell(self, "Nothing in this list is broken any more.")
        else:
            self.table.cursor = at
