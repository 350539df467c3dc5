"""Before a repair: what would be written, and what it would lose. Before VACUUM: what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from tui.health_documents import loss_of, repair_lines
from tui.lines import Line
from tui.screens.ask import Answer, Ask, answer_bindings
from tui.text import safe_text
from tui.told_keys import key_for
from tui.wording import counted, in_bytes

if TYPE_CHECKING:
    from textual.binding import BindingType

    from tui.mending import Proposal

_LISTED: Final = 100


class RepairScreen(Ask):
    """Asks whether proposals should be written.

    Args:
        proposals: Findings and what their fields could say.
        without: For how many fields nothing can be proposed.
        waiting: How many more were selected than are looked at together.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("enter,R", "Repair", "repair"),
        Answer("escape,q", "Leave as it is", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, proposals: Sequence[Proposal], without: int = 0, waiting: int = 0) -> None:
        lost = sum(repair.lost for _, repair in proposals)
        if len(proposals) == 1:
            finding, repair = proposals[0]
            title = f"Repair {safe_text(f'{finding.column} of {finding.record_id}', 60)}"
            lines = [*repair_lines(repair)]
        else:
            title = f"Repair {counted(len(proposals), 'field')}"
            words = counted(lost, "byte") if lost else "nothing"
            lines = [Line(f"Together they would lose {words}.", role="strong"), Line()]
            lines += [
                Line(f"{finding.record_id} {finding.column}: {loss_of(repair)}", limit=200)
                for finding, repair in proposals[:_LISTED]
            ]
            if len(proposals) > _LISTED:
                lines.append(Line(f"and {len(proposals) - _LISTED:,} more", role="dim"))
        if without:
            lines += [Line(), Line(f"For {without:,} more of those selected nothing is proposed.")]
        if waiting:
            lines += [Line(), Line(f"Selected beside these: {waiting:,}; do this again for them.")]
        lines += [
            Line(),
            Line(
                "A repair is a guess. What stood there goes into the archive as corrupt, every byte"
                f" of it, and {key_for('undo')} gives it back.",
                role="dim",
            ),
        ]
        super().__init__(title, lines)


class VacuumScreen(Ask):
    """Asks whether the file should be written anew without its free space.

    Args:
        size: Bytes of the file.
        free: Bytes of it that are free.
    """

    ANSWERS: ClassVar[Sequence[Answer]] = (
        Answer("enter,Z", "Vacuum", "vacuum"),
        Answer("escape,q", "Leave as it is", ""),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*answer_bindings(ANSWERS)]

    def __init__(self, size: int, free: int) -> None:
        lines = [
            Line(f"about {in_bytes(free)} of {in_bytes(size)}", "would win", "strong"),
            Line(),
            Line(
                "SQLite writes the file anew without its free space. No record changes, so that"
                " there is nothing to undo."
            ),
            Line(),
            Line(
                f"Meanwhile it needs about {in_bytes(2 * (size - free))} of free disk, and an agent"
                " that writes has to wait. It cannot be stopped once it began.",
                role="dim",
            ),
        ]
        super().__init__("Give the free space of the file back", lines)
