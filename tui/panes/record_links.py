"""The records that a change or a run of archiving is about, as rows that can be followed."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.history_wording import noun
from tui.sources import noted_in, summaries
from tui.widgets.columns import Column, Row

if TYPE_CHECKING:
    from storage import Place, Store
    from tui.memory import Memory


class RecordLink(NamedTuple):
    """A record that a change or a run is about, and where it stands now."""

    kind: str
    record_id: str
    place: Place | None
    way: str = ""


class More(NamedTuple):
    """Stands at the end for records that are not listed; it leads nowhere."""

    left: int


LINK_COLUMNS: Final = (
    Column("record", lambda row: row["record_id"], 14, weight=1, role="strong"),
    Column("kind", lambda row: noun(row["kind"]), 12),
    Column("now", lambda row: row["state"], 12, weight=1),
)


class RecordLinks:
    """Records that can be followed, as a source of rows.

    Args:
        store: Where they are.
        links: The records.
        left: How many more there are.
    """

    def __init__(self, store: Store, links: Sequence[RecordLink], left: int = 0) -> None:
        self._store = store
        more = (More(left),) if left > 0 else ()
        self.keys: Sequence[Hashable] = (*dict.fromkeys(links), *more)

    async def fetch(self, keys: Sequence[Any]) -> list[Row | None]:
        """Give the rows of these keys."""
        links = [each for each in keys if isinstance(each, RecordLink)]
        places = [(each.place.kind, each.place.key) for each in links if each.place is not None]
        noted = dict(zip(places, await summaries(self._store, places), strict=True))

        def row(each: RecordLink | More) -> Row:
            if isinstance(each, More):
                return {"record_id": f"and {each.left:,} more", "kind": "", "state": ""}
            note = None if each.place is None else noted.get((each.place.kind, each.place.key))
            return {
                **noted_in(note),
                "record_id": each.record_id,
                "kind": each.kind,
                "state": _state(each.place),
            }

        return [row(each) for each in keys]


def _state(place: Place | None) -> str:
    if place is None:
        return "gone"
    return "archived" if place.kind.startswith("archived_") else "live"


async def links_to(memory: Memory, named: Sequence[tuple[str, str]]) -> list[RecordLink]:
    """Find where records stand, each given as kind and id; a note stands for what it is on."""
    links: list[RecordLink] = []
    meant = await _meant(memory, named)
    for kind in dict.fromkeys(kind for kind, _ in meant):
        if kind not in ("interaction", "pattern", "world_model_state", "snapshot"):
            continue
        ids = [record_id for own, record_id in meant if own == kind]
        places = await memory.store.locate(kind, ids)
        links += [RecordLink(kind, each, places.get(each)) for each in ids]
    return links


async def _meant(memory: Memory, named: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """Put the record that a note is on in the place of the note; one that is gone stays."""
    if all(kind != "note" for kind, _ in named):
        return named
    on = {
        ("note", str(each["id"])): (str(each["kind"]), str(each["record_id"]))
        for each in await memory.store.get_notes()
    }
    return list(dict.fromkeys(on.get(each, each) for each in named))


def places_of(links: Sequence[RecordLink]) -> list[Place]:
    """Say where the records stand that are there still."""
    return [each.place for each in links if each.place is not None]
