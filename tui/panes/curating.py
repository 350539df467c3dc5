"""What is done with the records that are selected in a pane, beside archiving and restoring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from tui.panes.asking import begin_asking
from tui.panes.copying import ask_copy, copy_finding
from tui.panes.editing import ask_edit
from tui.panes.exporting import ask_export
from tui.panes.in_source import ask_source, ask_which
from tui.panes.masking import take_picture, toggle_masking
from tui.panes.merging import ask_merge
from tui.panes.noting import ask_note, ask_tag

if TYPE_CHECKING:
    from tui.panes.sides import Pane


def _asking(ask: Callable[[Pane], Awaitable[None]]) -> Callable[[Pane], None]:
    """Have something read and asked in the background; what fails is said."""
    return lambda pane: begin_asking(pane, partial(ask, pane))


CALLS: Final[Mapping[str, Callable[[Pane], None]]] = {
    "edit": _asking(ask_edit),
    "merge": _asking(ask_merge),
    "tag": _asking(ask_tag),
    "note": _asking(ask_note),
    "copy": _asking(ask_copy),
    "finding": _asking(copy_finding),
    "export": _asking(ask_export),
    "source": _asking(ask_source),
    "sources": _asking(ask_which),
    "mask": toggle_masking,
    "picture": _asking(take_picture),
}
"""By the name that the action calls it by."""
