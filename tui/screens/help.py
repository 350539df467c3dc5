"""All keys and what they do, from the one list of actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from tui.actions import GROUPS, key_names
from tui.actions.model import Action
from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings

if TYPE_CHECKING:
    from textual.binding import BindingType


class HelpScreen(Ask):
    """Shows the keys; what works in the pane that one came from stands out.

    Args:
        here: Ids of the actions that can be called now.
        keymap: A person's own keys by id.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (Answer("escape,q,question_mark", "Close", ""),)
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, here: frozenset[str], keymap: Mapping[str, str]) -> None:
        super().__init__("Keys", list(_lines(here, keymap)))


def _lines(here: frozenset[str], keymap: Mapping[str, str]) -> Iterator[Line]:
    for name, actions in GROUPS.items():
        yield Line(name, role="strong", full=True)
        for action in _without_twins(actions):
            keys = f"  {key_names(action, keymap)}"
            yield Line(action.help, keys, "text" if action.id in here else "dim")
        yield Line()
    yield Line(
        "Dim ones work in another pane, or with the focus on the list.", role="dim", full=True
    )
    yield Line(
        "The mouse works too: click, double click, wheel, the keys below.", role="dim", full=True
    )


def _without_twins(actions: Sequence[Action]) -> Iterator[Action]:
    """Leave out the keys that only repeat a movement of the list in the detail."""
    seen: set[str] = set()
    for action in actions:
        if action.label not in seen:
            seen.add(action.label)
            yield action
