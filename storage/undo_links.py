"""Which transactions took back which: read from the notes of the journal, and proven.

An undo says in its note what it takes back. Anybody may write such a note, so that it is believed
only where the transaction did the opposite of what it names: as many records added as archived,
archived as restored, restored as archived, and as many updated, table by table. An undo inside a
transaction with a note of its own counts as a change of its own, which it is to whoever made it.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from storage import journal, rows
from storage.rows import DIGEST_BYTES
from storage.view import View

_NOTE: Final = re.compile(r"undo (of|back to) (\S+)")
_OPPOSITE: Final = {"add": "archive", "archive": "restore", "restore": "archive"}
_PAGE: Final = 200
_NEAR: Final = 2000

IS_LAST: Final = (
    f"transaction_id IS NOT (SELECT next.transaction_id FROM {journal.TABLE} next"
    f" WHERE next.id > {journal.TABLE}.id ORDER BY next.id LIMIT 1)"
)
"""The SQL that picks the last entry of each transaction."""


def undo_note(transaction_id: str) -> str:
    """Return the note of the transaction that takes back another."""
    return f"undo of {transaction_id}"


def undo_to_note(transaction_id: str) -> str:
    """Return the note of the transaction that takes back all that came after another."""
    return f"undo back to {transaction_id}"


@dataclass(frozen=True, slots=True)
class UndoLink:
    """A transaction that takes back others.

    Attributes:
        number: The id of its last journal entry.
        transaction_id: Its id.
        target: The transaction that it takes back, or back to which it goes.
        first: The first journal entry that it takes back.
        last: The last one.
        is_range: Whether it takes back everything between the two, and not one transaction.
        depth: 1 takes back a change, 2 takes back an undo (a redo), 3 a redo, and so on.
    """

    number: int
    transaction_id: str
    target: str
    first: int
    last: int
    is_range: bool
    depth: int

    @property
    def is_redo(self) -> bool:
        """Whether it brings back what an undo took away."""
        return self.depth % 2 == 0


class UndoLinks:
    """What was read of the links so far, as far down in the journal as somebody looked.

    The journal only grows, so that what was read stays true; several threads may ask.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._low = self._high = 0
        self._links: dict[int, UndoLink] = {}
        # The last entry of a transaction → the one that took it back; and those that went back.
        self._taken: dict[int, UndoLink] = {}
        self._live_ranges: list[UndoLink] = []

    def look(self, view: View, down_to: int) -> None:
        """Read the links of all transactions from the entry `down_to` on."""
        newest = journal.newest(view)
        with self._lock:
            if newest < self._high or not self._high:
                self._links, self._low, self._high = {}, newest + 1, newest
                self._taken, self._live_ranges = {}, []
            found = _links_in(view, self._high + 1, newest)
            found += _links_in(view, down_to, self._low - 1)
            self._low, self._high = min(self._low, down_to), newest
            if found:
                self._links |= {link.number: link for link in found}
                self._resolve()

    def _resolve(self) -> None:
        """Find out which undo still holds, from the newest down, because later ones decide."""
        taken: dict[int, UndoLink] = {}
        ranges: list[UndoLink] = []
        for number in sorted(self._links, reverse=True):
            link = self._links[number]
            if _taken_back(number, taken, ranges) is not None:
                continue
            if link.is_range:
                ranges.append(link)
            else:
                taken.setdefault(link.last, link)
        self._taken, self._live_ranges = taken, ranges

    def at(self, number: int) -> UndoLink | None:
        """Return the link of the transaction whose last entry this is, if it takes back another."""
        return self._links.get(number)

    def taken_back_by(self, number: int) -> UndoLink | None:
        """Return what has taken back the transaction whose last entry this is, and still holds."""
        return _taken_back(number, self._taken, self._live_ranges)


def _taken_back(number: int, taken: dict[int, UndoLink], ranges: list[UndoLink]) -> UndoLink | None:
    found = [each for each in ranges if each.first <= number <= each.last]
    if number in taken:
        found.append(taken[number])
    return max(found, key=lambda link: link.number, default=None)


class _Claim(NamedTuple):
    """A transaction that says that it takes back another.

    Attributes:
        number: The id of its last journal entry.
        first: The id of its first.
        transaction_id: Its id.
        way: `of` or `back to`.
        target: The transaction that it names.
    """

    number: int
    first: int
    transaction_id: str
    way: str
    target: str


def _links_in(view: View, first: int, last: int) -> list[UndoLink]:
    if first > last or journal.TABLE not in view.layout:
        return []
    found = view.fetch(
        f"SELECT id, transaction_id, note FROM {journal.TABLE} WHERE id BETWEEN ? AND ?"
        f" AND note GLOB 'undo [ob]*' AND {IS_LAST}",
        (first, last),
    )
    claims = [each for row in found if (each := _claim(view, *row)) is not None]
    ends = _ends(view, claims)
    return [
        link
        for claim in claims
        if claim.number in ends and (link := _proven(view, claim, ends[claim.number])) is not None
    ]


def _claim(view: View, number: int, transaction_id: Any, note: Any) -> _Claim | None:
    said = _NOTE.fullmatch(note) if isinstance(note, str) else None
    if said is None or not isinstance(transaction_id, str):
        return None
    first = journal.first_of(view, transaction_id, number)
    return _Claim(number, first, transaction_id, said[1], said[2])


def _ends(view: View, claims: Sequence[_Claim]) -> dict[int, int]:
    """Find the last entry of what each claim names, by the number of the claim.

    Nearly all of them are near. All others are found in one pass over the journal, whatever
    somebody has written into it.
    """
    ends: dict[int, int] = {}
    for claim in claims:
        if (near := _near(view, claim)) is not None:
            ends[claim.number] = near
    far = [each for each in claims if each.number not in ends]
    if not far:
        return ends
    wanted = rows.encode_values(list({each.target for each in far}))
    lasts = dict(
        view.fetch(
            f"SELECT transaction_id, max(id) FROM {journal.TABLE}"
            " WHERE transaction_id IN (SELECT value FROM json_each(?)) GROUP BY 1",
            (wanted,),
        )
    )
    ends |= {
        each.number: lasts[each.target]
        for each in far
        if lasts.get(each.target, each.first) < each.first
    }
    return ends


def _near(view: View, claim: _Claim) -> int | None:
    """Return the last entry of what a claim names, if it is among the entries before it."""
    mark, target = rows.bindable(claim.target)
    found = view.fetch(
        f"SELECT id FROM {journal.TABLE} WHERE id BETWEEN ? AND ? AND transaction_id = {mark}"
        " ORDER BY id DESC LIMIT 1",
        (claim.first - _NEAR, claim.first - 1, target),
    )
    return int(found[0][0]) if found else None


def _proven(view: View, claim: _Claim, end: int) -> UndoLink | None:
    """Return the link that is claimed, if the transaction did what its note says.

    Args:
        view: Where to read.
        claim: The claim.
        end: The last entry of the transaction that it names.
    """
    is_range = claim.way == "back to"
    if is_range:
        first, last = end + 1, claim.first - 1
    else:
        first, last = journal.first_of(view, claim.target, end), end
    if opposite(operations(view, first, last)) != operations(view, claim.first, claim.number):
        return None
    depth = 1 if is_range else 1 + _depth(view, end)
    return UndoLink(claim.number, claim.transaction_id, claim.target, first, last, is_range, depth)


def _depth(view: View, number: int) -> int:
    """Say how often what a transaction did had been done and taken back before it.

    What is far away counts as a change: undo and redo follow each other closely.
    """
    depth = 0
    while True:
        ((transaction_id, note),) = view.fetch(
            f"SELECT transaction_id, note FROM {journal.TABLE} WHERE id = ?", (number,)
        )
        claim = _claim(view, number, transaction_id, note)
        if claim is None:
            return depth
        depth += 1
        near = _near(view, claim)
        if claim.way == "back to" or near is None:
            return depth
        number = near


def operations(view: View, first: int, last: int) -> Counter[tuple[str, str]]:
    """Count the records of entries by operation and table, in the order of the first of each."""
    return Counter(
        {
            (operation, table): count
            for operation, table, count in view.fetch(
                "SELECT CAST(operation AS TEXT), lower(table_name),"
                f" coalesce(sum(length(after_hash)), 0) / {DIGEST_BYTES}"
                f" FROM {journal.TABLE} WHERE id BETWEEN ? AND ? GROUP BY 1, 2 ORDER BY min(id)",
                (first, last),
            )
        }
    )


def opposite(done: Counter[tuple[str, str]]) -> Counter[tuple[str, str]]:
    """Return what taking it back does, as `operations` counts it."""
    counted: Counter[tuple[str, str]] = Counter()
    for (operation, table), count in done.items():
        counted[_OPPOSITE.get(operation, operation), table] += count
    return counted


def redoable(view: View, actor: str) -> str | None:
    """Return the undo that an actor may take back next, or None.

    That is the newest of the actor's undos that still holds, unless the actor has changed
    something else since: from then on there is nothing to go forward to, as in any editor.
    """
    links = UndoLinks()
    below = journal.newest(view) + 1
    while heads := _heads_of(view, actor, below):
        links.look(view, heads[-1])
        for number in heads:
            link = links.at(number)
            if link is None:
                return None
            if not link.is_redo and links.taken_back_by(number) is None:
                return link.transaction_id
        below = heads[-1]
    return None


def _heads_of(view: View, actor: str, below: int) -> list[int]:
    """Return the last entries of an actor's newest transactions, newest first."""
    if journal.TABLE not in view.layout:
        return []
    mark, value = rows.bindable(actor)
    found = view.fetch(
        f"SELECT id FROM {journal.TABLE} WHERE actor = {mark} AND id < ? AND {IS_LAST}"
        f" ORDER BY id DESC LIMIT {_PAGE}",
        (value, below),
    )
    return [number for (number,) in found]
