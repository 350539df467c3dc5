"""What stands above a list on the left: its filters or its order, and what it consists of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tui.text import LINE_LIMIT, safe_text
from tui.widgets.bar import Part
from tui.widgets.cells import fit

if TYPE_CHECKING:
    from tui.filters import Filter
    from tui.screens.filter import Choice

_SHARE: Final = 24


def parts_of(
    filters: Sequence[Filter], summary: str, shares: Sequence[Choice], *, is_following: bool
) -> list[Part]:
    """Give the parts; a click on one names `filter:NUMBER` or `share:NUMBER`.

    Args:
        filters: What the list is narrowed to.
        summary: Its order in a few words.
        shares: What it consists of, which is only said where nothing is filtered.
        is_following: Whether the cursor stays with the newest.
    """
    parts = [
        Part(f" {each.label} \u00d7 ", "accent", f"filter:{number}")
        for number, each in enumerate(filters)
    ]
    if is_following:
        parts.append(Part(" following ", "accent"))
    parts.append(Part(f" {summary} ", "dim"))
    for number, share in enumerate(shares if not filters else ()):
        label = safe_text(share.filter.label.partition(":")[2], LINE_LIMIT)
        name = fit(label, _SHARE).rstrip() or "none"
        parts += [
            Part(f" {name}", "text", f"share:{number}"),
            Part(f" {share.note}", "strong", f"share:{number}"),
        ]
    return parts
