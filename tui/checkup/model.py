"""What a check says."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

State = Literal["ok", "note", "wrong"]


class Check(NamedTuple):
    """One thing that was looked at.

    Attributes:
        name: What was looked at, in a word or two.
        state: Whether it is as it should be; a `note` is worth knowing, `wrong` is to be mended.
        told: What was found.
        advice: What to do, in a sentence; empty where there is nothing.
        source: Where more is said; empty for nowhere.
        more: What else a program may want to know.
    """

    name: str
    state: State
    told: str
    advice: str = ""
    source: str = ""
    more: dict[str, Any] = {}  # noqa: RUF012 - never changed
