"""The columns in which a diff of two world models is shown."""

from __future__ import annotations

from typing import Final

from tui.text import safe_text
from tui.widgets.columns import Column, Row

SIGN: Final = Column("", lambda row: row["sign"], 1, role="accent")
UNIFIED: Final = (
    SIGN,
    Column("change", lambda row: row["text"], 10, weight=1, apart=lambda row: row["other"]),
)
"""What was and what is, one under the other."""


def _old(row: Row) -> object:
    return row["old"]


def _new(row: Row) -> object:
    return row["new"]


def side_by_side(old: str, new: str) -> tuple[Column, ...]:
    """Give the columns for what was and what is beside each other.

    Args:
        old: What the older side is called.
        new: What the newer side is called.
    """
    return (
        SIGN,
        Column("what", lambda row: row["name"], 16, weight=3, role="strong"),
        Column(safe_text(old, 40), _old, 12, weight=2, apart=_new),
        Column(safe_text(new, 40), _new, 12, weight=2, apart=_old),
    )
