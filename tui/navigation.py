"""Going from record to record: what asks for it, and the way back to where one came from."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from textual.message import Message

if TYPE_CHECKING:
    from tui.filters import Filter

SHOWN_IN: Final = {
    "interaction": "interactions",
    "pattern": "patterns",
    "archived_interaction": "archive",
    "archived_pattern": "archive",
    "world_model_state": "world_model",
    "snapshot": "world_model",
}
"""The kinds of lists that a record can stand in, and the panes that show them."""

_REMEMBERED: Final = 100


@dataclass
class Followed(Message):
    """A person wants to see a record in its own pane.

    Attributes:
        kind: The kind of list that it stands in.
        key: Its key there.
    """

    kind: str
    key: Any


@dataclass
class Wanted(Message):
    """A person wants to see a record, live or archived, in its own pane.

    Attributes:
        kind: interaction, pattern, world_model_state or snapshot.
        record_id: Its public id.
    """

    kind: str
    record_id: str


class Stop(NamedTuple):
    """A place where a person was.

    Attributes:
        pane: The id of the pane.
        label: How it is called in the breadcrumbs.
        key: The key of the record under the cursor, or None where there was none.
        filters: What the list was narrowed to.
        view: The view of the detail.
        in_detail: Whether the detail had the focus.
        record_id: The public id of the record, where the list is one of records.
    """

    pane: str
    label: str
    key: Hashable | None = None
    filters: Sequence[Filter] = ()
    view: str = ""
    in_detail: bool = False
    record_id: str = ""

    @property
    def kind(self) -> str:
        """The kind of list that the record stands in; empty where it is no record's own pane."""
        kind = self.key[0] if isinstance(self.key, tuple) and self.key else ""
        return str(kind) if self.record_id and SHOWN_IN.get(kind) == self.pane else ""


class Trail:
    """The stops before and after the place where a person is, as a browser keeps them."""

    def __init__(self) -> None:
        self._behind: list[Stop] = []
        self._ahead: list[Stop] = []

    @property
    def behind(self) -> Sequence[Stop]:
        """Where one can go back to, the last one being the nearest."""
        return self._behind

    @property
    def has_ahead(self) -> bool:
        """Whether one came back from somewhere."""
        return bool(self._ahead)

    def leave(self, here: Stop) -> None:
        """Go on from here by a link; what was ahead is no longer."""
        self._behind.append(here)
        del self._behind[:-_REMEMBERED]
        self._ahead.clear()

    def back(self, here: Stop, steps: int = 1) -> Stop | None:
        """Go back from here; None where there is no way back."""
        return _step(here, steps, self._behind, self._ahead)

    def forward(self, here: Stop) -> Stop | None:
        """Go forward again, or None where one did not come back from anywhere."""
        return _step(here, 1, self._ahead, self._behind)

    def clear(self) -> None:
        """Begin anew."""
        self._behind.clear()
        self._ahead.clear()


def _step(here: Stop, steps: int, source: list[Stop], other: list[Stop]) -> Stop | None:
    stop: Stop | None = None
    for _ in range(min(steps, len(source))):
        other.append(here if stop is None else stop)
        stop = source.pop()
    return stop
