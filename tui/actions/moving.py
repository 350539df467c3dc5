"""Moving in lists and texts."""

from __future__ import annotations

from typing import Final

from tui.actions.model import LISTS, Action

_CHARTS: Final = ("chart", "course")
_SCROLLED: Final = ("text", "tree", "figures")

ACTIONS: Final = (
    Action("down", "j,down", "Down", "One record down.", LISTS, "move(1)"),
    Action("up", "k,up", "Up", "One record up.", LISTS, "move(-1)"),
    Action("half_down", "ctrl+d", "Half down", "Half a page down.", LISTS, "half(1)"),
    Action("half_up", "ctrl+u", "Half up", "Half a page up.", LISTS, "half(-1)"),
    Action("page_down", "pagedown", "Page down", "A page down.", LISTS, "page(1)"),
    Action("page_up", "pageup", "Page up", "A page up.", LISTS, "page(-1)"),
    Action("first", "g,home", "First", "To the first record.", LISTS),
    Action("last", "G,end", "Last", "To the last record.", LISTS),
    Action("scroll_down", "j,down", "Down", "Scroll the detail down.", ("text",)),
    Action("scroll_up", "k,up", "Up", "Scroll the detail up.", ("text",)),
    Action("tree_down", "j,down", "Down", "One line down in the tree.", ("tree",), "cursor_down"),
    Action("tree_up", "k,up", "Up", "One line up in the tree.", ("tree",), "cursor_up"),
    Action("figures_down", "j,down", "Down", "Scroll the figures down.", ("figures",), "scroll(1)"),
    Action("figures_up", "k,up", "Up", "Scroll the figures up.", ("figures",), "scroll(-1)"),
    Action("top", "g,home", "Top", "To the first line.", _SCROLLED, "scroll_home"),
    Action("bottom", "G,end", "Bottom", "To the last line.", _SCROLLED, "scroll_end"),
    Action("earlier", "h,left", "Earlier", "To what is earlier in the chart.", _CHARTS, "step(-1)"),
    Action("later", "l,right", "Later", "To what is later in the chart.", _CHARTS, "step(1)"),
    Action("first_bar", "g,home", "First", "To the first in the chart.", _CHARTS),
    Action("last_bar", "G,end", "Last", "To the last in the chart.", _CHARTS),
    Action(
        "next_domain", "j,down", "Next domain", "Show the next domain.", ("course",), "domain(1)"
    ),
    Action(
        "domain_before",
        "k,up",
        "Domain before",
        "Show the domain before.",
        ("course",),
        "domain(-1)",
    ),
)
