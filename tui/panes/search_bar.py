"""What is asked, how far its answer is, and the line that says both."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from textual.containers import Vertical

from tui.question import chips
from tui.saved_queries import WAY_NAMES
from tui.search_hints import taken_as_words
from tui.widgets.bar import Bar, Part

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from tui.panes.search_ways import Ways


class Asked(NamedTuple):
    """What is asked.

    Attributes:
        text: The question; empty where more like a record is wanted.
        like: Kind and id of that record.
    """

    text: str = ""
    like: tuple[str, str] | None = None

    def __bool__(self) -> bool:
        return bool(self.text.strip()) or self.like is not None


class Stage(Enum):
    """How much of the answer to the question stands there: nothing yet, what came first, all."""

    ASKED = "asked"
    FIRST = "first"
    WHOLE = "whole"


class AskedLines(Vertical):
    """How a question is understood: its filters, and what looks like a filter and is none."""

    DEFAULT_CSS = "AskedLines { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._filters = Bar(classes="list-bar")
        self._words = Bar(id="words-bar", classes="list-bar")
        self._words.display = False

    def compose(self) -> ComposeResult:
        """Lay out the filters, and room for a remark that is seldom needed."""
        yield self._filters
        yield self._words

    def show(self, asked: Asked, moves: str, right: Sequence[Part], *, is_typing: bool) -> None:
        """Show how another question is understood.

        Args:
            asked: The question.
            moves: What moved since it was saved.
            right: How is asked, and how many answers there are.
            is_typing: Whether its last word may go on, so that nothing is said of that yet.
        """
        self._filters.show(left_parts(asked, moves), right)
        as_words = taken_as_words(asked.text, is_typing=is_typing)
        self._words.show([Part(f" {as_words}", "dim")])
        self._words.display = bool(as_words)


def left_parts(asked: Asked, moves: str) -> list[Part]:
    """Show the filters of a question, each to let go of, and what moved since it was saved."""
    parts = [
        Part(f" {chip.label} \u00d7 ", "accent", f"chip:{number}")
        for number, chip in enumerate(chips(asked.text))
    ]
    if asked.like is not None:
        parts = [Part(f" like {asked.like[1][:60]} \u00d7 ", "accent", "like")]
    if moves:
        parts.append(Part(f" saved: {moves}", "strong"))
    return parts or [Part(" everything, live and archived", "dim")]


def way_parts(asked: Asked, ways: Ways) -> list[Part]:
    """Say by what is answered, and how many answers the agent gets; a click changes either."""
    by = "meaning" if asked.like is not None else ways.by
    return [
        Part(f"{WAY_NAMES[by]} ", "dim", "" if asked.like is not None else "way"),
        Part(f"k {ways.cut} ", "dim", "cut"),
    ]


def count_of(asked: Asked, stage: Stage, found: int, limit: int) -> str:
    """Say how many answers there are."""
    if not asked:
        return ""
    if stage is Stage.ASKED:
        return "searching"
    if stage is Stage.FIRST:
        return f"{found:,} so far"
    return f"best {found:,}" if found >= limit else f"{found:,} found"
