"""Whether a screen reader reads what is shown: then there is one column, and words for plots."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, runtime_checkable

if TYPE_CHECKING:
    from tui.config import Config

VARIABLE: Final = "ACCESSIBLE"
"""The variable by which other programs of the terminal are told that a screen reader listens."""


class _Mode:
    is_on: ClassVar[bool] = False


def read_aloud(wanted: bool) -> None:
    """Have all that is shown from now on be such that it can be read aloud, or not."""
    _Mode.is_on = wanted


def is_read_aloud() -> bool:
    """Say whether a screen reader reads what is shown."""
    return _Mode.is_on


def wants_aloud(config: Config) -> bool:
    """Say whether a person wants that, by the configuration or by the variable."""
    return config.reader or os.environ.get(VARIABLE, "") not in ("", "0")


@runtime_checkable
class HasLine(Protocol):
    """A widget with several lines, one of which is the one that a person is at."""

    def line_of_cursor(self) -> int:
        """Say which of its lines that is, from 0, as it stands on the screen."""

    def told_place(self) -> str:
        """Say how far down that is: `row 3 of 28`; empty if that says nothing."""
