"""All keys and what they do, from the one list of actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.widgets import Input

from tui.actions import GROUPS, key_names
from tui.actions.model import Action
from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.widgets.focusing import focus_now
from tui.widgets.line_input import LineInput

if TYPE_CHECKING:
    from textual.binding import BindingType
    from textual.widget import Widget


_ELSEWHERE: Final = "\u25c7"


class HelpScreen(Ask):
    """Shows the keys; what works in the pane that one came from stands out.

    Args:
        here: Ids of the actions that can be called now.
        keymap: A person's own keys by id.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("slash", "Search", "search"),
        Answer("escape,q,question_mark", "Close", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, here: frozenset[str], keymap: Mapping[str, str]) -> None:
        super().__init__("Keys", list(help_lines(here, keymap)))
        self._here = here
        self._keymap = keymap
        self._wanted = LineInput(placeholder="words of what you want to do, or a key", id="wanted")
        self._wanted.display = False

    def above(self) -> Sequence[Widget]:
        """Give the line to search in."""
        return (self._wanted,)

    def action_answer(self, value: str) -> None:
        """Search, leave the search, or close."""
        if value == "search":
            self._wanted.display = True
            focus_now(self._wanted)
        elif self._wanted.value or self._wanted.has_focus:
            self._wanted.value = ""
            self._wanted.display = False
            self._text.focus()
        else:
            super().action_answer(value)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._text.show(list(help_lines(self._here, self._keymap, event.value)))

    @on(Input.Submitted)
    def _read_on(self, event: Input.Submitted) -> None:
        event.stop()
        self._text.focus()


def help_lines(here: frozenset[str], keymap: Mapping[str, str], wanted: str = "") -> Iterator[Line]:
    """Give the keys as lines.

    Args:
        here: Ids of the actions that can be called now.
        keymap: A person's own keys by id.
        wanted: Words that all stand in what an action does, in its name, keys or heading.
    """
    words = wanted.casefold().split()
    fitting = {
        name: [
            each
            for each in _without_twins(sorted(actions, key=lambda each: each.id not in here))
            if _fits(each, name, keymap, words)
        ]
        for name, actions in GROUPS.items()
    }
    if not any(fitting.values()):
        yield Line("No action is about that. Esc shows all.", role="dim", full=True)
        return
    yield from _part(fitting, here, keymap, is_here=True)
    elsewhere = list(_part(fitting, here, keymap, is_here=False))
    if elsewhere:
        told = f"{_ELSEWHERE} In another pane, or with the focus on the list"
        yield Line(told, role="accent", full=True)
        yield Line()
        yield from elsewhere
    yield Line(
        "The mouse works too: click, double click, wheel, the keys below.", role="dim", full=True
    )


def _part(
    groups: Mapping[str, Sequence[Action]],
    here: frozenset[str],
    keymap: Mapping[str, str],
    *,
    is_here: bool,
) -> Iterator[Line]:
    """Give the lines of those actions that can be called now, or of all others."""
    for name, actions in groups.items():
        shown = [each for each in actions if (each.id in here) == is_here]
        if not shown:
            continue
        yield Line(name, role="strong", full=True)
        for action in shown:
            keys = f"{' ' if is_here else _ELSEWHERE} {key_names(action, keymap)}"
            yield Line(action.help, keys, "text" if is_here else "dim")
        yield Line()


def _fits(action: Action, heading: str, keymap: Mapping[str, str], words: Sequence[str]) -> bool:
    keys = key_names(action, keymap).casefold().split()
    told = f"{action.help} {action.label} {heading} {' '.join(action.where)}".casefold()
    return all(word in told or word in keys for word in words)


def _without_twins(actions: Sequence[Action]) -> Iterator[Action]:
    """Leave out the keys that only repeat a movement of the list in the detail."""
    seen: set[str] = set()
    for action in actions:
        if action.label not in seen:
            seen.add(action.label)
            yield action
