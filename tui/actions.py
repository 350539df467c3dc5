"""The one list of what a person can do: it makes the bindings, footer, help and palette.

An action belongs to places: `browser` is everywhere outside a dialog, `table` any list, `text` and
`tree` its detail, `question` the line to ask in, `answers` the list under it, and each pane has
its name. A widget takes the bindings of its places and has a method `action_<call>` for each. The
`id` is what a person names to give it other keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from textual.binding import Binding, BindingType

PANES: Final = ("interactions", "patterns", "archive", "world_model", "search")


class Action(NamedTuple):
    """One thing that a person can do.

    Attributes:
        id: Stable name, for keys of one's own.
        keys: Keys that call it, separated by commas.
        label: A word or two for the footer.
        help: A sentence for the help screen and the palette.
        where: Places where it can be called.
        call: Textual's action, if it is not called like the id.
        shown: Whether the footer shows it.
    """

    id: str
    keys: str
    label: str
    help: str
    where: tuple[str, ...]
    call: str = ""
    shown: bool = False


_LIVE: Final = ("interactions", "patterns")

GROUPS: Final[Mapping[str, tuple[Action, ...]]] = {
    "Search": (
        Action(
            "follow",
            "enter",
            "Go to",
            "Go to what was found, in its own pane.",
            ("answers",),
            shown=True,
        ),
        Action(
            "answers",
            "enter,down,escape",
            "Answers",
            "Go from the question to what was found.",
            ("question",),
            shown=True,
        ),
        Action("back", "backspace", "Back", "Come back from there.", ("browser",), shown=True),
        Action(
            "search",
            "slash",
            "Search",
            "Ask for something: words, meaning, filters.",
            ("browser",),
            shown=True,
        ),
        Action(
            "similar",
            "l",
            "Like this",
            "Find more like this record.",
            (*_LIVE, "archive", "search"),
        ),
        Action("index", "i", "Index", "Say all about the index that answers.", ("search",)),
        Action(
            "pause_index",
            "p",
            "Pause index",
            "Stop building the index for now, or go on with it.",
            ("search",),
        ),
        Action(
            "rebuild_index",
            "R",
            "Rebuild index",
            "Throw the index away and build it anew.",
            ("search",),
        ),
    ),
    "Change": (
        Action(
            "archive",
            "a",
            "Archive",
            "Archive the selected records, with a reason.",
            (*_LIVE, "search"),
            shown=True,
        ),
        Action(
            "restore",
            "r",
            "Restore",
            "Bring the selected records back from the archive.",
            ("archive", "search"),
            shown=True,
        ),
        Action(
            "undo",
            "u",
            "Undo",
            "Take back the last change that was made here.",
            ("browser",),
            shown=True,
        ),
    ),
    "Look": (
        Action("filter", "f", "Filter", "Show only some of the list.", PANES, shown=True),
        Action(
            "view",
            "v",
            "View",
            "Change the detail view: fields, JSON, raw.",
            PANES,
            "next_view",
            shown=True,
        ),
        Action("more", "m", "More", "Show the next 64 KB of a long text.", PANES, shown=True),
        Action(
            "other",
            "tab,shift+tab",
            "Detail",
            "Go between the list and the detail.",
            PANES,
            "other_side",
            shown=True,
        ),
        Action("zoom", "z", "Zoom", "Give the list or the detail all the space.", PANES),
        Action("open", "enter", "Open", "Go to the detail of this record.", ("table",)),
    ),
    "Select": (
        Action(
            "mark",
            "space",
            "Select",
            "Select this record, or let go of it.",
            ("table",),
            shown=True,
        ),
        Action("range", "V", "Range", "Begin a range here; once more ends it.", ("table",)),
        Action("all", "*", "All", "Select all that the list shows, or none.", ("table",)),
        Action("clear", "escape", "Clear", "Let go of the selection, then of the filter.", PANES),
    ),
    "Move": (
        Action("down", "j,down", "Down", "One record down.", ("table",), "move(1)"),
        Action("up", "k,up", "Up", "One record up.", ("table",), "move(-1)"),
        Action("half_down", "ctrl+d", "Half down", "Half a page down.", ("table",), "half(1)"),
        Action("half_up", "ctrl+u", "Half up", "Half a page up.", ("table",), "half(-1)"),
        Action("page_down", "pagedown", "Page down", "A page down.", ("table",), "page(1)"),
        Action("page_up", "pageup", "Page up", "A page up.", ("table",), "page(-1)"),
        Action("first", "g,home", "First", "To the first record.", ("table",)),
        Action("last", "G,end", "Last", "To the last record.", ("table",)),
        Action("scroll_down", "j,down", "Down", "Scroll the detail down.", ("text",)),
        Action("scroll_up", "k,up", "Up", "Scroll the detail up.", ("text",)),
        Action("tree_down", "j", "Down", "One line down in the tree.", ("tree",), "cursor_down"),
        Action("tree_up", "k", "Up", "One line up in the tree.", ("tree",), "cursor_up"),
    ),
    "Panes": (
        Action(
            "pane_2",
            "2",
            "Interactions",
            "What was recorded, newest first.",
            ("browser",),
            "pane('interactions')",
        ),
        Action(
            "pane_3",
            "3",
            "Patterns",
            "What was learned, by type.",
            ("browser",),
            "pane('patterns')",
        ),
        Action(
            "pane_4",
            "4",
            "Archive",
            "What was put away, with the reason.",
            ("browser",),
            "pane('archive')",
        ),
        Action(
            "pane_5",
            "5",
            "World model",
            "What the agent believes, snapshot by snapshot.",
            ("browser",),
            "pane('world_model')",
        ),
        Action(
            "pane_6",
            "6",
            "Search results",
            "What was asked last, and what was found.",
            ("browser",),
            "pane('search')",
        ),
    ),
    "Program": (
        Action(
            "help",
            "?",
            "Help",
            "All keys, and what they do.",
            ("browser",),
            "show_help",
            shown=True,
        ),
        Action(
            "palette",
            ":,ctrl+p",
            "Palette",
            "Find an action by its name.",
            ("browser",),
            "app.command_palette",
        ),
        Action("quit", "q", "Quit", "Leave the program.", ("browser",), "app.quit"),
    ),
}
"""The actions by the heading under which the help screen has them."""

ACTIONS: Final = tuple(action for group in GROUPS.values() for action in group)

_BY_ID: Final[Mapping[str, Action]] = {action.id: action for action in ACTIONS}


def find(action_id: str) -> Action | None:
    """Give the action of an id, or None if it is none of ours."""
    return _BY_ID.get(action_id)


def bindings_for(*places: str) -> list[BindingType]:
    """Make the bindings of a widget that stands for these places."""
    from textual.binding import Binding

    return [
        Binding(
            action.keys,
            action.call or action.id,
            action.label,
            show=action.shown,
            tooltip=action.help,
            id=action.id,
        )
        for action in ACTIONS
        if not set(places).isdisjoint(action.where)
    ]


def in_order(bindings: Iterable[Binding]) -> list[tuple[Action, list[str]]]:
    """Group active bindings by action, in the order of the list, each with its keys."""
    keys: dict[str, list[str]] = {}
    for binding in bindings:
        if binding.id is not None and binding.id in _BY_ID:
            keys.setdefault(binding.id, []).append(binding.key)
    return [
        (action, sorted(keys[action.id], key=partial(_place_of, action)))
        for action in ACTIONS
        if action.id in keys
    ]


def _place_of(action: Action, key: str) -> int:
    """Say which of an action's keys this is; a person's own come first."""
    ours = action.keys.split(",")
    return ours.index(key) if key in ours else -1


_SPELLED: Final = {
    "question_mark": "?", "asterisk": "*", "colon": ":", "escape": "Esc", "space": "Space",
    "enter": "Enter", "tab": "Tab", "pagedown": "PgDn", "pageup": "PgUp", "home": "Home",
    "end": "End", "slash": "/", "backspace": "Bksp", "up": "\u2191", "down": "\u2193",
}  # fmt: skip


def key_name(key: str) -> str:
    """Spell a key as it stands on a keyboard: `ctrl+d` is `Ctrl+d`."""
    *modifiers, last = key.split("+")
    return "+".join([*(name.capitalize() for name in modifiers), _SPELLED.get(last, last)])


def key_names(action: Action, keymap: Mapping[str, str]) -> str:
    """Spell all keys of an action, a person's own keys before ours."""
    return " ".join(key_name(key) for key in keymap.get(action.id, action.keys).split(","))
