"""A diff as a list: side by side where there is space, or one under the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Final

from textual.actions import SkipAction

from tui.actions import bindings_for
from tui.aloud import is_read_aloud
from tui.widgets.columns import Row
from tui.widgets.row_list import RowList
from tui.widgets.world_tree import HistoryWanted
from tui.world.columns import UNIFIED, side_by_side
from tui.world.rows import DiffRow, unified

if TYPE_CHECKING:
    from textual.binding import BindingType

_WIDE_ENOUGH: Final = 110


class DiffList(RowList):
    """Shows the rows of a diff, with the cursor on one of them.

    Args:
        id: As for any widget.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings_for("world_entries")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(UNIFIED, id=id)
        self._diff: Sequence[DiffRow] = ()
        self._titles = ("A", "B")
        self._is_chosen: bool | None = None
        self._hint = ""

    @property
    def is_side_by_side(self) -> bool:
        """Whether what was and what is stand beside each other."""
        if self._is_chosen is not None:
            return self._is_chosen
        return self.app.size.width >= _WIDE_ENOUGH and not is_read_aloud()

    async def show_diff(
        self, diff: Sequence[DiffRow], titles: tuple[str, str], hint: str, *, from_top: bool
    ) -> None:
        """Show another diff.

        Args:
            diff: Its rows.
            titles: What the sides are called.
            hint: What to say where there are none.
            from_top: Whether to go to the first row.
        """
        self._diff, self._titles, self._hint = diff, titles, hint
        await self._lay_out(from_top=from_top)

    async def toggle_sides(self) -> None:
        """Show it the other way, whatever the width."""
        at = None if self.row is None else self.row["number"]
        self._is_chosen = not self.is_side_by_side
        await self._lay_out(from_top=True)
        self.go_to(at)

    async def fit_width(self) -> None:
        """Show it the way that fits the width, unless a person chose one."""
        is_side_by_side = self.table.columns_shown != UNIFIED
        if self._diff and is_side_by_side != self.is_side_by_side:
            await self._lay_out(from_top=False)

    def go_to(self, number: int | None) -> None:
        """Put the cursor on the row of a number, as the diff was given."""
        for at, row in enumerate(self.rows):
            if row["number"] == number:
                self.table.cursor = at
                return

    async def _lay_out(self, *, from_top: bool) -> None:
        # Rows of either way can be read in the columns of the other: until these are there, those
        # that were shown are still painted.
        rows: list[Row]
        if self.is_side_by_side:
            self.table.set_columns(side_by_side(*self._titles))
            rows = [
                {"number": number, "diff": each, "text": each.name, "other": "", **each._asdict()}
                for number, each in enumerate(self._diff)
            ]
        else:
            self.table.set_columns(UNIFIED)
            rows = [
                {
                    **self._diff[number]._asdict(),
                    "number": number,
                    "diff": self._diff[number],
                    "sign": sign,
                    "text": text,
                    "other": _line_beside(self._diff[number], sign),
                }
                for number, sign, text in unified(self._diff)
            ]
        await self.show(rows, self._hint, from_top=from_top)

    @property
    def diff_row(self) -> DiffRow | None:
        """The row of the diff that the cursor is on."""
        return None if self.row is None else self.row["diff"]

    def action_entity_history(self) -> None:
        """Ask what became of the entity or relation under the cursor.

        Raises:
            SkipAction: It is on none, so that the key means the world model as a whole.
        """
        if not self.ask_history():
            raise SkipAction

    def ask_history(self) -> bool:
        """Ask what became of the entity or relation under the cursor; say whether there is one."""
        row = self.diff_row
        if row is None or row.key is None:
            return False
        self.post_message(HistoryWanted(row.key))
        return True


def _line_beside(row: DiffRow, sign: str) -> str:
    """Give what the other line of a change says, from which one is to be told; empty if none."""
    if row.sign != "~":
        return ""
    return f"{row.name}  {row.new if sign == '-' else row.old}"
