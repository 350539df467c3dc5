"""Asking."""

from __future__ import annotations

from typing import Final

from tui.actions.model import LIVE, Action

ACTIONS: Final = (
    Action(
        "answers",
        "enter,down,escape",
        "Answers",
        "Go from the question to what was found.",
        ("question",),
        shown=True,
    ),
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
        (*LIVE, "archive", "search"),
    ),
    Action(
        "way",
        "b",
        "Words/meaning",
        "Have words answer, meaning, or both.",
        ("search",),
        shown=True,
    ),
    Action(
        "cut",
        "K",
        "Cut at k",
        "Say how many answers the agent gets; the ranks of others are in brackets.",
        ("search",),
    ),
    Action(
        "save",
        "S",
        "Save question",
        "Save this question with the ranks of its answers, or forget it.",
        ("search",),
    ),
    Action(
        "saved",
        "o",
        "Saved questions",
        "Ask a saved question again, and see how its ranks moved.",
        ("search",),
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
)
