"""Where a record came from and what became of it, as rows to follow."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.moments import short_time
from tui.sources import summaries
from tui.widgets.columns import Column, Row
from tui.wording import confidence

if TYPE_CHECKING:
    from storage import Piece, Store

NOTHING: Final = (
    "Nothing is recorded of what this was made from, nor of what became of it. A pattern names its"
    " sources in metadata.source_interactions, the archive what a record became."
)
GONE: Final = "gone"


class Trouble(NamedTuple):
    """What cannot be read, so that a piece may be missing."""

    sentence: str


def _way(row: Row) -> str:
    if row["way"] == "source":
        return "from"
    return "became" if row["step"] == 1 else f"{' ' * (min(row['step'], 3) - 2)}\u21b3 then"


COLUMNS: Final = (
    Column("lineage", _way, 7, role="dim"),
    Column("record", lambda row: row["record_id"], 12, weight=1, role="strong"),
    Column("state", lambda row: row["state"], 8),
    Column("why", lambda row: row["reason"], 12, weight=2, role="dim", needs=64),
    Column("time", lambda row: short_time(row["time"]), 11, role="dim", needs=80),
    Column("what", lambda row: row["what"], 8, weight=6),
)


class Lineage:
    """The pieces of a record's lineage, its sources first, as a source of rows.

    Args:
        store: Where they are.
        pieces: The sources, then the products.
        troubles: What cannot be read.
    """

    def __init__(self, store: Store, pieces: Sequence[Piece], troubles: Sequence[str] = ()) -> None:
        self._store = store
        self.keys: Sequence[Hashable] = (*map(Trouble, troubles), *pieces)

    async def fetch(self, keys: Sequence[Hashable]) -> list[Row | None]:
        """Give the rows of pieces."""
        pieces: list[Any] = list(keys)
        wanted = [each.place for each in pieces if not isinstance(each, Trouble) and each.place]
        found = dict(zip(wanted, await summaries(self._store, wanted), strict=True))
        return [
            _trouble_row(each) if isinstance(each, Trouble) else _row(each, found.get(each.place))
            for each in pieces
        ]


async def lineage_of(store: Store, kind: str, record_id: str) -> Lineage:
    """Read the lineage of a record.

    Args:
        store: Where it is.
        kind: The kind of list that it stands in.
        record_id: Its public id.

    Raises:
        StorageError: It could not be read.
    """
    found = await store.get_lineage(kind.removeprefix("archived_"), record_id)
    return Lineage(store, [*found.sources, *found.products], found.troubles)


def _trouble_row(trouble: Trouble) -> Row:
    return {
        "way": "source", "step": 1, "record_id": "", "state": "corrupt", "reason": "", "time": None,
        "what": trouble.sentence,
    }  # fmt: skip


def _row(piece: Piece, found: Mapping[str, Any] | None) -> Row:
    state = "live"
    if found is None:
        state = GONE
    elif found["kind"].startswith("archived_"):
        state = "archived"
    row = found or {}
    return {
        "way": piece.way,
        "step": piece.step,
        "record_id": piece.record_id,
        "state": state,
        "reason": row.get("archive_reason"),
        "time": row.get("timestamp") or row.get("last_seen") or row.get("archived_at"),
        "what": "neither live nor archived" if found is None else _what(found),
    }


def _what(row: Mapping[str, Any]) -> str:
    """Say what a record says, and who says it or how sure the agent is."""
    by = row.get("role")
    if by is None and "confidence" in row:
        by = confidence(row["confidence"])
    says = row.get("name") or row.get("excerpt")
    return " ".join(str(each) for each in (by, says) if each not in (None, ""))
