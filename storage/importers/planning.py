"""What a batch calls for, compared with what is known: nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from storage.importers import ledger
from storage.importers.ledger import Kept
from storage.importers.model import GONE, Item
from storage.importers.standing import Standing
from storage.view import View


class Seen:
    """Which of the items that had been imported a reading from the beginning has met.

    Attributes:
        last: The number of the newest item when the reading began: later ones are not missed.
        before: The number of the newest item when the import began: later ones were just added.
        hides: Whether something may be there that could not be read, so that nothing is missed.
    """

    def __init__(self, last: int) -> None:
        self._bits = bytearray()
        self.last = last
        self.before = last
        self.hides = False

    def meet(self, numbers: Iterable[int]) -> None:
        """Note that the items of these numbers are still there."""
        for number in numbers:
            at, bit = divmod(number, 8)
            if at >= len(self._bits):
                self._bits.extend(bytes(at + 1 - len(self._bits) + len(self._bits) // 2))
            self._bits[at] |= 1 << bit

    def misses(self, kept: Kept) -> bool:
        """Say whether an item was there before and was not met."""
        return kept.id <= self.last and kept.id not in self and not self.hides

    def __contains__(self, number: int) -> bool:
        at, bit = divmod(number, 8)
        return at < len(self._bits) and bool(self._bits[at] >> bit & 1)


@dataclass(slots=True)
class Plan:
    """What a batch calls for.

    Attributes:
        new: Items under keys that nothing was imported under; `key` is unlike that of all others.
        other: Items that the source changed, or that come back, each with what is known of it.
        unchanged: How many are here already as they are there.
        met: The numbers of those that were known.
        standing: Which keys of the new ones are taken all the same.
        others: What other files have under those keys; it says the same.
    """

    standing: Standing
    others: dict[str, Kept]
    new: list[Item] = field(default_factory=list)
    other: list[tuple[Item, Kept]] = field(default_factory=list)
    unchanged: int = 0
    met: list[int] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.new and not self.other


def plan(view: View, source: int, items: Sequence[Item], seen: Seen | None) -> Plan:
    """Compare a batch with what is known.

    Two items of one reading may have the same key, as where a line stands twice. The second is the
    same record if it says the same, else it gets a key of its own: `key#2`.

    Args:
        view: Where to read.
        source: The number of the file.
        items: The batch; keys may be changed.
        seen: What a reading from the beginning has met so far; None where only what is behind the
            last position is read, so that all that is known was met.
    """
    _go_by_former(view, source, items)
    planner = _Planner(view, source, items, seen)
    result = Plan(planner.standing, planner.others)
    for item in items:
        key, kept, is_repeated = planner.place(item)
        if is_repeated:
            result.unchanged += 1
        elif kept is None:
            item.key = key
            result.new.append(item)
        else:
            result.met.append(kept.id)
            if kept.hash == item.hash and kept.archived in (None, item.archived):
                result.unchanged += seen is None or kept.id <= seen.before
            else:
                result.other.append((item, kept))
    return result


def _go_by_former(view: View, source: int, items: Sequence[Item]) -> None:
    by_former = {item.former: item for item in items if item.former}
    for key in ledger.known(view, source, list(by_former)):
        by_former[key].key = key


class _Planner:
    """Finds for each item of a batch the key that it goes by."""

    def __init__(self, view: View, source: int, items: Sequence[Item], seen: Seen | None) -> None:
        self._view = view
        self._source = source
        self._seen = seen
        self.standing = Standing()
        self.others: dict[str, Kept] = {}
        self._known: dict[str, Kept | None] = {}
        self._made: dict[str, bytes] = {}
        self._met: dict[int, bytes] = {}
        self._look(items)

    def _look(self, items: Sequence[Item]) -> None:
        """Read what is known of items, with as little asking as their kind of reading allows."""
        keys = dict.fromkeys(item.key for item in items)
        self._known |= keys
        if self._seen is None:
            # Nearly all is new: what no record has was not imported.
            self.standing.look(self._view, items)
            keys = dict.fromkeys(
                item.key
                for item in items
                if item.kind == "world_model_state" or item.key in self.standing
            )
        if keys:
            self._known |= ledger.known(self._view, self._source, list(keys))
        unknown = [item for item in items if self._known[item.key] is None]
        if self._seen is not None:
            self.standing.look(self._view, unknown)
        foreign = [item.key for item in unknown if item.is_dated or item.key in self.standing]
        if foreign:
            self.others |= ledger.elsewhere(self._view, self._source, foreign)

    def place(self, item: Item) -> tuple[str, Kept | None, bool]:
        """Return the key, what is known under it, and whether the item says it once more."""
        base = key = item.key
        number = 1
        while True:
            if key in self._made:
                if self._made[key] == item.hash:
                    return key, None, True
            else:
                kept = self._look_up(key, item)
                if kept is None:
                    other = self.others.get(key)
                    if other is None or other.hash == item.hash:
                        self._made[key] = item.hash
                        return key, None, False
                    if base == item.key:
                        # Two files say different things under one key: both are kept.
                        base = key = f"{item.key}@{item.hash.hex()}"
                        continue
                elif not self._was_met(kept):
                    self._met[kept.id] = item.hash
                    return key, kept, False
                # What this batch makes of it, which is not written yet.
                elif self._met.get(kept.id, kept.hash) == item.hash:
                    return key, kept, True
            number += 1
            key = f"{base}#{number}"

    def _look_up(self, key: str, item: Item) -> Kept | None:
        if key not in self._known:
            self._look([replace(item, key=key)])
        return self._known[key]

    def _was_met(self, kept: Kept) -> bool:
        if self._seen is None:
            # What had gone from the source and comes back behind the position is the same record.
            return kept.archived != GONE
        return kept.id in self._seen or kept.id in self._met
