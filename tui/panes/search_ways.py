"""How a person asks: by words, meaning or both, where the agent cuts off, and what is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tui.filters import Filter
from tui.lines import Line
from tui.moments import short_time
from tui.saved_queries import WAY_NAMES, WAYS, By, SavedQuery, from_values, saved, to_values
from tui.toasts import tell
from tui.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.widget import Widget

    from storage import SearchHit
    from tui.state import State

MOST_ANSWERS: Final = 500
"""How far down the answers can be looked at."""
PAGE: Final = 50
"""How many more are asked for where one comes to the last."""
_QUESTION: Final = "search.question"
_LONGEST: Final = 2_000
_BEYOND: Final = 10
_BY: Final = "search.by"
_CUT: Final = "search.cut"
_SAVED: Final = "search.saved"
# What a search gives an agent that does not say how many answers it wants.
_USUAL_CUT: Final = 20
_PARTIAL: Final = "The index does not hold all yet. Save the question once it is ready."


class Ways:
    """How a person asks one memory, remembered from visit to visit.

    Args:
        state: What is remembered of the memory.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def by(self) -> By:
        """Whether words, meaning or both answer."""
        by = self._state.get(_BY, "both")
        return next((way for way in WAYS if way == by), "both")

    @by.setter
    def by(self, by: By) -> None:
        self._state.put(_BY, by)

    @property
    def cut(self) -> int:
        """How many answers the agent gets."""
        return max(1, min(self._state.get(_CUT, _USUAL_CUT), MOST_ANSWERS))

    @cut.setter
    def cut(self, cut: int) -> None:
        self._state.put(_CUT, cut)

    @property
    def first_limit(self) -> int:
        """How many answers are asked for first: some more than the agent gets, to be seen, too."""
        return min(MOST_ANSWERS, max(PAGE, self.cut + _BEYOND))

    @property
    def question(self) -> str:
        """What was asked last; empty where nothing was."""
        return self._state.get(_QUESTION, "")

    @question.setter
    def question(self, text: str) -> None:
        self._state.put(_QUESTION, text if len(text) <= _LONGEST else "")

    @property
    def queries(self) -> list[SavedQuery]:
        """What was saved, the newest first."""
        return list(from_values(self._state.get(_SAVED, list[Any]())))

    def find(self, text: str) -> SavedQuery | None:
        """Give a question as it was saved, if it was, with the way of asking of now."""
        name = (text.strip(), self.by)
        return next((query for query in self.queries if query.name == name), None)

    def keep(self, query: SavedQuery) -> None:
        """Save a question, in the place of the same one."""
        self._put([query, *(each for each in self.queries if each.name != query.name)])

    def forget(self, query: SavedQuery) -> None:
        """Let go of a question that was saved."""
        self._put(each for each in self.queries if each.name != query.name)

    def _put(self, queries: Any) -> None:
        self._state.put(_SAVED, to_values(queries))


def ask_cut(pane: Widget, ways: Ways, then: Callable[[], object]) -> None:
    """Ask how many answers the agent gets."""
    from tui.screens.line import LineScreen

    def answered(text: str | None) -> None:
        if text is None:
            return
        if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_ANSWERS:
            tell(pane, f"Give a number from 1 to {MOST_ANSWERS}.", "warning")
            return
        ways.cut = int(text)
        then()

    title = "How many answers does the agent get?"
    hint = f"a number from 1 to {MOST_ANSWERS}"
    pane.app.push_screen(LineScreen(title, str(ways.cut), hint), answered)


def ask_saved(pane: Widget, ways: Ways, then: Callable[[SavedQuery], object]) -> None:
    """Ask which of the saved questions to ask again."""
    from tui.screens.filter import Choice, FilterScreen

    queries = ways.queries
    if not queries:
        tell(pane, "No question is saved yet: ask one, then save it with its answers.", "warning")
        return

    async def choices() -> list[Choice]:
        return [
            Choice(Filter("saved", query, query.text), f"{WAY_NAMES[query.by]}, {_when(query)}")
            for query in queries
        ]

    def answered(chosen: Filter | None) -> None:
        if chosen is not None:
            then(chosen.value)

    pane.app.push_screen(FilterScreen("saved question", choices), answered)


def save(
    pane: Widget,
    ways: Ways,
    text: str,
    found: Sequence[SearchHit],
    then: Callable[[], object],
    *,
    is_partial: bool = False,
) -> None:
    """Save a question with its answers, or ask what to do with one that is saved.

    Args:
        pane: Where it was asked.
        ways: Where it is kept.
        text: The question.
        found: Its answers, best first.
        then: What comes after.
        is_partial: Whether they are those of an index that holds only a part of the memory, so
            that their ranks would move by themselves.
    """
    query = saved(text.strip(), ways.by, found)
    before = ways.find(text)
    if is_partial and before is None:
        tell(pane, _PARTIAL, "warning")
        return
    if before is None:
        ways.keep(query)
        tell(pane, f"Saved, with the ranks of {counted(len(query.hits), 'answer')}.")
        then()
        return

    from tui.screens.saved import AGAIN, FORGET, SavedScreen

    def answered(answer: str | None) -> None:
        if answer == FORGET:
            ways.forget(query)
        elif answer == AGAIN and is_partial:
            tell(pane, _PARTIAL, "warning")
        elif answer == AGAIN:
            ways.keep(query)
        if answer:
            then()

    lines = [Line(before.text, full=True), Line(f"{WAY_NAMES[before.by]}, {_when(before)}")]
    pane.app.push_screen(SavedScreen(lines), answered)


def _when(query: SavedQuery) -> str:
    return f"{counted(len(query.hits), 'answer')} on {short_time(query.at)}"
