"""One question, and its answers from everything that the memory holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from textual import on
from textual.widgets import Input

from tui.actions import bindings_for
from tui.filters import Filter
from tui.panes.archiving import ask_and_archive, ask_and_restore
from tui.panes.asking import begin_asking
from tui.panes.hits import COLUMNS, MOVED_COLUMNS, FoundRecord, HitKey, Hits
from tui.panes.index_line import IndexLine
from tui.panes.search_bar import Asked, AskedLines, Stage, count_of, way_parts
from tui.panes.search_filters import GONE, TYPED, choices
from tui.panes.search_ways import MOST_ANSWERS, PAGE, Ways, ask_cut, ask_saved, save
from tui.panes.sides import Pane
from tui.panes.subjects import StoredRecord
from tui.question import chips, with_filter, without
from tui.saved_queries import WAYS, SavedQuery
from tui.search_hints import nothing_asked, nothing_found
from tui.toasts import report, tell
from tui.widgets.answers import Answers
from tui.widgets.bar import Bar
from tui.widgets.columns import Column, Row
from tui.widgets.focusing import focus_now
from tui.widgets.line_input import Question
from tui.widgets.line_table import LineTable
from tui.work import begin

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from storage import IndexStatus, SearchHit
    from tui.memory import Memory
    from tui.screens.filter import Choice
    from tui.widgets.record_view import Subject

_QUIET: Final = 0.15
_MOST: Final = MOST_ANSWERS


class SearchPane(Pane):
    """The question box, what was found, and how far the index is.

    Args:
        memory: What is looked at.
        id: As for any widget.
    """

    TYPED = TYPED
    TABLE = Answers
    COLUMNS: ClassVar[Sequence[Column]] = COLUMNS
    BINDINGS: ClassVar[list[BindingType]] = bindings_for("search")

    def __init__(self, memory: Memory, *, id: str) -> None:  # noqa: A002
        super().__init__(memory, id=id)
        self._is_painted = True
        self.ways = Ways(memory.state)
        self._question = Question(
            placeholder='words  "a phrase"  -not  begin*  kind: type: reason: session: before:',
            id="question",
            select_on_focus=False,
        )
        self._bar = AskedLines()
        self._index = IndexLine(memory)
        self._asked = Asked()
        self._stage = Stage.WHOLE
        self._hits = Hits((), self.ways.cut)
        self._number = 0
        self._limit = self.ways.first_limit
        self._searching = False
        self._search_again = False
        self._trouble = ""

    def compose(self) -> ComposeResult:
        """Lay out the question, its filters, the answers, and the line about the index."""
        yield self._question
        yield self._bar
        yield from self.compose_sides()
        yield self._index

    def on_mount(self) -> None:
        """Say what can be asked, and have the index built from now on."""
        begin(self, self.memory.follow, group="index")
        self._say_what_to_do()
        self.show_bar()

    def take_up(self) -> None:
        """Ask again what was asked when the program was left here."""
        self._question.value = self.ways.question
        super().take_up()

    def focus_list(self) -> None:
        """Put the focus on the answers, or on the question where there are none."""
        if len(self.table.keys):
            focus_now(self.table)
        else:
            self.focus_question()

    def focus_question(self) -> None:
        """Put the focus on the question."""
        focus_now(self._question)

    # Asking

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value.strip() or self._asked.like is None:
            self._ask(Asked(event.value))

    def show_similar(self, kind: str, record_id: str) -> None:
        """Ask for more like a record.

        Args:
            kind: `interaction` or `pattern`.
            record_id: Its public id.
        """
        self._ask(Asked(like=(kind, record_id)))
        with self.prevent(Input.Changed):
            self._question.value = ""
        focus_now(self.table)

    def _ask(self, asked: Asked) -> None:
        """Answer another question; what is on its way for the one before is dropped."""
        self._asked = asked
        self.ways.question = asked.text
        self._stage = Stage.ASKED
        self._limit = self.ways.first_limit
        self.table.clear_marks()
        self._say_what_to_do()
        self._begin()

    def reload(self, *, from_top: bool = False) -> None:
        """Answer the same question anew, without moving the cursor."""
        del from_top
        self.outdated = False
        if self._searching:
            # Cancelled each time that somebody writes, a slow answer would never come.
            self._search_again = True
        else:
            self._begin(anew=True)

    def _begin(self, *, anew: bool = False) -> None:
        self._number += 1
        self._searching = True
        answer = partial(self._answer, self._number, anew)
        begin(self, answer, group="search", exclusive=True)

    async def _answer(self, number: int, anew: bool) -> None:
        try:
            self.show_bar()
            if not self.memory.is_open:
                # It is asked again as soon as there is something to be asked.
                return
            is_typed = self._asked.text.strip() and self.ways.by != "meaning"
            if not anew and is_typed:
                await self._answer_at_once(number)
            await self._answer_in_full(number, anew)
            self._trouble = ""
        except Exception as error:  # noqa: BLE001 - said to the person; the old answers stay
            if number != self._number:
                return
            self.outdated, self._stage = True, Stage.WHOLE
            self.show_bar()
            if str(error) != self._trouble:
                self.table.set_hint(report(self, error))
            self._trouble = str(error)
        finally:
            # One that was cancelled must not speak for the one that took its place.
            if number == self._number:
                self._searching = False

    async def _answer_at_once(self, number: int) -> None:
        """Show what comes first to hand, and wait for a moment of quiet."""
        # More than can be seen would only come later.
        seen = min(self._limit, self.table.size.height or self._limit)
        first = await self.memory.searching.typeahead(self._asked.text, limit=seen)
        # That nothing comes at once does not say that there is nothing.
        if first:
            await self._show(number, first, Stage.FIRST, from_top=True)
        await asyncio.sleep(_QUIET)

    async def _answer_in_full(self, number: int, anew: bool) -> None:
        while True:
            self._search_again = False
            began = time.monotonic()
            found = await self._find()
            is_reading = not self._question.has_focus and (anew or self.table.cursor > 0)
            from_top = self._stage is Stage.ASKED or not is_reading
            await self._show(number, found, Stage.WHOLE, from_top=from_top)
            if not self._search_again:
                return
            anew = True
            # Half of the time belongs to everything else.
            await asyncio.sleep(time.monotonic() - began)

    async def _find(self) -> list[SearchHit]:
        asked = self._asked
        if not asked:
            return []
        searching = self.memory.searching
        if asked.like is None:
            return await searching.search(asked.text, limit=self._limit, by=self.ways.by)
        kind, record_id = asked.like
        return await searching.search_similar(record_id, kind=kind, limit=self._limit)

    async def _show(
        self, number: int, found: Sequence[SearchHit], stage: Stage, *, from_top: bool
    ) -> None:
        if number != self._number:
            return
        before = self.ways.find(self._asked.text) if stage is Stage.WHOLE else None
        hits = Hits(found, self.ways.cut, before)
        self.table.set_columns(MOVED_COLUMNS if hits.has_moves else self.COLUMNS)
        await self.table.show(hits, from_top=from_top)
        if self._stage is not Stage.WHOLE:
            # Another question shows other words of a record, which has not changed by that.
            self.table.fresh.forget()
        self._hits, self._stage = hits, stage
        self._say_what_to_do()
        self.look()
        self.show_bar()

    def _say_what_to_do(self) -> None:
        self.set_class(not len(self._hits), "-empty")
        if not self._asked:
            self.table.set_hint(nothing_asked(is_typing=self._question.has_focus))
        elif self._stage is Stage.WHOLE:
            self.table.set_hint(nothing_found(self._asked.text, self._index.status))
        else:
            self.table.set_hint("Searching.")

    # What stands around the answers

    def show_bar(self) -> None:
        """Show the filters of the question, how it is asked, and how many answers there are."""
        moves = self._hits.summary if self._stage is Stage.WHOLE else ""
        count = count_of(self._asked, self._stage, self._hits.found, self._limit)
        right = [*way_parts(self._asked, self.ways), *self.counts(count)]
        # Where nothing is found, what is taken as words may be why.
        is_typing = self._question.has_focus and bool(self._hits.found)
        self._bar.show(self._asked, moves, right, is_typing=is_typing)

    def on_descendant_focus(self) -> None:
        """Say what typing does now."""
        self._say_what_to_do()

    def on_descendant_blur(self) -> None:
        """Take the question for finished once a person leaves it."""
        self._say_what_to_do()
        self.show_bar()

    @on(Bar.Pressed)
    def _pressed(self, event: Bar.Pressed) -> None:
        event.stop()
        name, _, number = event.target.partition(":")
        if name == "way":
            self.action_way()
        elif name == "cut":
            self.action_cut()
        elif name == "like":
            self._ask(Asked(self._question.value))
        elif name == "chip":
            held = chips(self._question.value)
            if int(number) < len(held):
                self._question.value = without(self._question.value, held[int(number)])

    async def choices(self) -> list[Choice]:
        """Offer the filters of the question, then the values that this memory has."""
        here = self._hits.get(self.table.cursor_key)
        return await choices(
            self.memory.store, self._question.value, None if here is None else here.record
        )

    def filter_by(self, chosen: Filter) -> None:
        """Write a filter into the question, or take it out."""
        text = self._question.value
        if chosen.field == GONE:
            text = without(text, chosen.value)
        else:
            token = chosen.value if ":" in chosen.value else chosen.label
            text = with_filter(text, chosen.field, token)
        self._question.value = text
        self._question.cursor_position = len(text)

    def action_clear(self) -> None:
        """Leave the detail, let go of the selection, or of the filters: one of them a time."""
        if self.let_go():
            return
        if self._asked.like is not None:
            self._ask(Asked(self._question.value))
        else:
            text = self._question.value
            self._question.value = without(text, *chips(text))

    # How it is asked

    def action_way(self) -> None:
        """Have the next one of words, meaning and both answer."""
        self.ways.by = WAYS[(WAYS.index(self.ways.by) + 1) % len(WAYS)]
        self._ask(self._asked)

    def action_cut(self) -> None:
        """Ask how many answers the agent gets."""
        ask_cut(self, self.ways, lambda: self._ask(self._asked))

    def action_save(self) -> None:
        """Save the question with the ranks of its answers."""
        if not self._asked.text.strip() or self._stage is not Stage.WHOLE:
            tell(self, "Ask a question first, and save it once it is answered.", "warning")
            return
        text, answers = self._asked.text, self._hits.answers
        is_partial = self._index.is_partial
        save(self, self.ways, text, answers, lambda: self.reload(), is_partial=is_partial)

    def action_saved(self) -> None:
        """Choose a saved question to ask it again."""
        ask_saved(self, self.ways, self._ask_again)

    def _ask_again(self, query: SavedQuery) -> None:
        self.ways.by = query.by
        with self.prevent(Input.Changed):
            self._question.value = query.text
        self._question.cursor_position = len(query.text)
        self._ask(Asked(query.text))
        focus_now(self.table)

    # The answers

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        focus_now(self.table)

    def action_other_side(self) -> None:
        """Go from the question to the answers, from there to the detail, or back."""
        if self._question.has_focus:
            focus_now(self.table)
        else:
            super().action_other_side()

    def subject(self, key: Hashable, row: Row | None) -> Subject:
        """Show a record that was found, with why it was."""
        del row
        if (hit := self._hits.get(key)) is None:
            found = cast("HitKey", key)
            return StoredRecord(self.memory, (found.kind, found.key), None).subject()
        own = FoundRecord(self.memory, hit, self._hits.rank_line(key))
        return own.look(self.talk.panel(own))

    def open(self, key: Hashable) -> None:
        """Go to the record in its own pane."""
        found = cast("HitKey", key)
        self.post_message(self.Followed(found.kind, found.key))

    def selected(self, *kinds: str) -> Sequence[Any]:
        """Give kind and key of the selected records of some kinds."""
        keys = cast("Sequence[HitKey]", self.table.selected_keys())
        return list(dict.fromkeys((each.kind, each.key) for each in keys if each.kind in kinds))

    def action_archive(self) -> None:
        """Archive what is selected and live."""
        ask_and_archive(self)

    def action_restore(self) -> None:
        """Restore what is selected and archived."""
        begin_asking(self, partial(ask_and_restore, self))

    @on(LineTable.Moved)
    def _moved_on(self) -> None:
        """Find more where the last answer comes into reach."""
        count = self._hits.found
        at_end = count and self.table.cursor == count - 1
        if at_end and count >= self._limit and self._limit < _MOST:
            self._limit += PAGE
            self.reload()

    # The index

    def index_is(self, status: IndexStatus) -> None:
        """Say how far the index is; where more of it is there, more may be found."""
        if self._index.show(status) and self._asked:
            self.outdated = True
            if self.display:
                self.reload()

    def action_index(self) -> None:
        """Say all about the index."""
        self._index.tell_all()

    def action_rebuild_index(self) -> None:
        """Ask whether the index is to be built anew."""
        self._index.ask_to_rebuild()

    def action_pause_index(self) -> None:
        """Stop building the index, or go on with it."""
        self._index.pause_or_resume()
