"""What is copied, tagged and exported in a pane: its records, or those that its rows are about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from tui import secrets
from tui.copying import Copyable
from tui.export import AT_ONCE, Records, read_records
from tui.json_lines import json_line
from tui.lines import plain
from tui.panes.change_records import ChangeRecord, RunRecord
from tui.panes.transactions import RUN, TRANSACTION
from tui.sources import LISTS
from tui.text import hides_secrets

if TYPE_CHECKING:
    from tui.broken import Found
    from tui.memory import Memory
    from tui.panes.health import HealthPane
    from tui.panes.sides import Pane
    from tui.panes.world_model import WorldModelPane


class Taken:
    """The rows of the pane are records, and these are taken.

    Attributes:
        NOUN: What the records are called; empty where a row is one.
    """

    NOUN = ""

    async def records(self, pane: Pane) -> Sequence[Any]:
        """Give kind and key of the records that are selected."""
        return pane.selected(*LISTS)

    def keys(self, pane: Pane) -> Sequence[Any]:
        """Give the keys of what is exported: what is selected, else all rows."""
        if pane.table.marks:
            return pane.selected(*LISTS)
        keys: Sequence[Any] = pane.table.keys
        is_found = bool(keys) and len(keys[0]) > 2
        # Several entities of one world model are one record.
        return list(dict.fromkeys((each[0], each[1]) for each in keys)) if is_found else keys

    def read(self, pane: Pane, keys: Sequence[Any]) -> Records:
        """Read what is exported, some at a time."""
        return read_records(pane.memory.store, keys)

    async def copyables(self, pane: Pane) -> list[Copyable]:
        """Give what can be copied of a row beside what its record holds."""
        del pane
        return []


class TakenPoints(Taken):
    """Of a domain: the point in time that is looked at."""

    def keys(self, pane: Pane) -> Sequence[Any]:
        """Give kind and key of a point of each domain."""
        rows = pane.table.selected_keys() if pane.table.marks else pane.table.keys
        return cast("WorldModelPane", pane).points(rows)


class TakenFindings(Taken):
    """Of a finding: what is wrong, and the record that it is in."""

    NOUN = "record"

    def keys(self, pane: Pane) -> Sequence[Any]:
        """Give the marks of the findings."""
        return pane.table.selected_keys() if pane.table.marks else pane.table.keys

    async def read(self, pane: Pane, keys: Sequence[Any]) -> Records:
        """Give the findings as records."""
        for start in range(0, len(keys), AT_ONCE):
            there = [cast("HealthPane", pane).found(key) for key in keys[start : start + AT_ONCE]]
            yield [_finding(each) for each in there if each is not None]

    async def copyables(self, pane: Pane) -> list[Copyable]:
        """Give what is wrong, in words and as JSON."""
        told = [_finding(each) for each in cast("HealthPane", pane).chosen()]
        text = [
            f"{each['table']} {each['record_id']} {each['column']}: {each['message']}"
            for each in told
        ]
        return _both("what is wrong", text, told)


def _finding(found: Found) -> dict[str, Any]:
    finding = found.finding
    names = ("problem", "table", "record_id", "column", "offset", "message")
    told = {name: getattr(finding, name) for name in names}
    return {"kind": "finding", **told, "bytes": found.size, "state": found.state}


class TakenChanges(Taken):
    """Of a change or a run: what it tells, and the records that it is about."""

    NOUN = "record"

    async def records(self, pane: Pane) -> Sequence[Any]:
        """Give kind and key of all records that what is selected is about."""
        found: dict[Any, None] = {}
        for key in pane.table.selected_keys():
            places = await _record(pane.memory, key).places()
            found |= dict.fromkeys((each.kind, each.key) for each in places)
        return list(found)

    def keys(self, pane: Pane) -> Sequence[Any]:
        """Give the keys of the changes or runs."""
        return pane.table.selected_keys() if pane.table.marks else pane.table.keys

    async def read(self, pane: Pane, keys: Sequence[Any]) -> Records:
        """Give the changes or runs as records, each with all that it did."""
        for key in keys:
            yield [await _told(pane.memory, key)]

    async def copyables(self, pane: Pane) -> list[Copyable]:
        """Give what the changes or runs tell, as text and as JSON."""
        keys = pane.table.selected_keys()
        documents = [await _record(pane.memory, key).document(0) for key in keys]
        text = [plain([*each.lines, *each.beside]) for each in documents]
        return _both("what it tells", text, [await _told(pane.memory, key) for key in keys])


def _record(memory: Memory, key: Any) -> ChangeRecord | RunRecord:
    kind, own = key
    return RunRecord(memory, own.run) if kind == RUN else ChangeRecord(memory, own)


async def _told(memory: Memory, key: Any) -> dict[str, Any]:
    kind = RUN if key[0] == RUN else TRANSACTION
    return {"kind": kind, **await _record(memory, key).told()}


def _both(name: str, texts: Sequence[str], told: Sequence[Mapping[str, Any]]) -> list[Copyable]:
    if not told:
        return []
    if hides_secrets():
        texts = [secrets.mask_text(text) for text in texts]
        told = [secrets.masked(each) for each in told]
    form = "JSON" if len(told) == 1 else "JSON, a line each"
    return [
        Copyable(name, "\n".join(texts)),
        Copyable(f"{name}, as {form}", "".join(f"{json_line(each)}\n" for each in told).rstrip()),
    ]


_KINDS: Final[Mapping[str, Taken]] = {
    "world_model": TakenPoints(),
    "health": TakenFindings(),
    "history": TakenChanges(),
}
_RECORDS: Final = Taken()


def taken_in(pane: Pane) -> Taken:
    """Say what is taken out of a pane."""
    return _KINDS.get(pane.id or "", _RECORDS)
