"""Before an older file is brought up to date: what that does, and that there is a way back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings

if TYPE_CHECKING:
    from textual.binding import BindingType

MIGRATE: Final = "migrate"
READ_ONLY: Final = "read_only"
QUIT: Final = "quit"


class MigrateScreen(Ask):
    """Asks whether a file may be brought up to date; nothing is written before the answer.

    Args:
        path: The file.
        steps: What would be done, a sentence each.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("r,escape", "Open read-only", READ_ONLY),
        Answer("m", "Back up and update", MIGRATE),
        Answer("q", "Quit", QUIT),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, path: Path, steps: Sequence[str]) -> None:
        copy = f"{path.name}.backup-<UTC time>"
        super().__init__(
            "This memory has an older form",
            [
                Line(
                    f"{path.name} can be read as it is. To archive, restore and undo in it,"
                    " memglass has to add what it lacks. No row changes, and the agent can go on"
                    " using it. Before anything is written, a copy is made beside it:",
                    full=True,
                ),
                Line(f"  {copy}", role="strong", full=True),
                Line(),
                *(Line(f"\u00b7 {step}", full=True) for step in steps),
            ],
        )
