"""Records as they are named in a shell: by id, by kind and id, or a pattern by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tui.moves import Wanted, batches
from tui.shell import NothingDoneError
from tui.wording import counted

if TYPE_CHECKING:
    from storage import SQLiteStore, Store

KINDS: Final = ("interaction", "pattern")
_ARCHIVED: Final = "archived_"
_TOLD: Final = 3


class Found(NamedTuple):
    """A record that was named.

    Attributes:
        list_kind: The kind of list that it stands in: `interaction`, `archived_pattern`, …
        key: Its key in that list.
        record_id: Its public id.
    """

    list_kind: str
    key: Any
    record_id: str

    @property
    def kind(self) -> str:
        """What it is, live or archived: `interaction` or `pattern`."""
        return self.list_kind.removeprefix(_ARCHIVED)


async def find_records(store: SQLiteStore, names: Iterable[str], *, archived: bool) -> list[Found]:
    """Find the records that are named, each once, in their order.

    Args:
        store: Where they are.
        names: `ID`, `interaction:ID`, `pattern:ID`, or the name of a pattern that only one has.
        archived: Whether they are looked for in the archive, or among what is live.

    Raises:
        NothingDoneError: One of them is not there, not there alone, or on the other side.
        StorageError: It could not be read.
    """
    wanted = list(dict.fromkeys(names))
    by_id: dict[str, list[Found]] = {}
    for kind in KINDS:
        ids = [each for name in wanted for each in (name, _inner(kind, name)) if each]
        places = await store.locate(f"{_ARCHIVED}{kind}" if archived else kind, ids)
        for name in wanted:
            for record_id in (name, _inner(kind, name)):
                if record_id in places:
                    place = places[record_id]
                    by_id.setdefault(name, []).append(Found(place.kind, place.key, record_id))
    unknown = [name for name in wanted if name not in by_id]
    by_name = await _by_name(store, unknown, archived=archived) if unknown else {}
    found = {name: by_id.get(name) or by_name.get(name, []) for name in wanted}
    await _refuse(store, found, archived=archived)
    return list(dict.fromkeys(each for [each] in found.values()))


def _inner(kind: str, name: str) -> str:
    """Return the id in `kind:ID`; empty where it is no such name."""
    prefix = f"{kind}:"
    return name.removeprefix(prefix) if name.startswith(prefix) else ""


async def _by_name(
    store: SQLiteStore, names: Sequence[str], *, archived: bool
) -> dict[str, list[Found]]:
    """Find patterns by their names."""
    kind = f"{_ARCHIVED}pattern" if archived else "pattern"
    found: dict[str, list[Found]] = {}
    for name in names:
        texts = [each for each in (name, _inner("pattern", name)) if each]
        named = [each for text in texts for each in await store.lookup.find(text, "pattern")]
        ids = dict.fromkeys(each.record_id for each in named if each.kind == kind)
        places = await store.locate(kind, ids)
        found[name] = [Found(place.kind, place.key, each) for each, place in places.items()]
    return found


async def _refuse(store: Store, found: Mapping[str, list[Found]], *, archived: bool) -> None:
    for name, those in found.items():
        if len(those) > 1:
            told = ", ".join(f"{each.kind}:{each.record_id}" for each in those[:_TOLD])
            raise NothingDoneError(
                f"{name} names {counted(len(those), 'record')} ({told}); say which by kind and id."
                " Nothing was changed."
            )
    there = [name for name, those in found.items() if those]
    missing = [name for name, those in found.items() if not those]
    gone = [name for name in there if not archived and _is_archived(found[name][0])]
    if gone:
        raise NothingDoneError(f"{_listed(gone)} in the archive already. Nothing was changed.")
    if archived and (live := await _live(store, dict.fromkeys(KINDS, missing))):
        raise NothingDoneError(f"{_listed(live)} live, not archived. Nothing was changed.")
    back = dict(wanted_of(found[name][0] for name in there)) if archived else {}
    if taken := await _live(
        store, {kind.removeprefix(_ARCHIVED): ids for kind, ids in back.items()}
    ):
        raise NothingDoneError(
            f"{_listed(taken)} live by now, and would be written over. Nothing was changed."
        )
    if missing:
        where = "in the archive" if archived else "in it"
        raise NothingDoneError(
            f"{_listed(missing)} neither an interaction nor a pattern {where}. Nothing was changed."
        )


def _is_archived(record: Found) -> bool:
    return record.list_kind.startswith(_ARCHIVED)


async def _live(store: Store, ids: Mapping[str, Sequence[str]]) -> list[str]:
    """Return those of the ids of each kind that are live."""
    live: dict[str, None] = {}
    for kind in KINDS:
        places = await store.locate(kind, ids.get(kind, ()))
        live |= {each: None for each, place in places.items() if place.kind == kind}
    return list(live)


def _listed(names: Sequence[str]) -> str:
    """Give names as the subject of a sentence, with its verb."""
    told = ", ".join(names[:_TOLD])
    if len(names) > _TOLD:
        told += f" and {len(names) - _TOLD:,} more"
    return f"{told} {'is' if len(names) == 1 else 'are'}"


def wanted_of(records: Iterable[Found]) -> Wanted:
    """Give the ids of records by the kind of their list."""
    ids: dict[str, list[str]] = {}
    for each in records:
        ids.setdefault(each.list_kind, []).append(each.record_id)
    return list(ids.items())


def moved_json(
    records: Iterable[Found], transaction_id: str | None, **more: object
) -> dict[str, object]:
    """Give what `--json` says of records that were moved, or would be.

    Args:
        records: The records.
        transaction_id: What moved them; None where nothing was changed.
        more: What is said besides.
    """
    told = [{"kind": each.kind, "record_id": each.record_id} for each in records]
    return {"transaction_id": transaction_id, **more, "records": told}


async def described(store: Store, records: Sequence[Found]) -> list[str]:
    """Say of each record in a line what it is, when it was, and how it begins."""
    from tui.moments import exact_time
    from tui.sources import summaries

    rows = []
    for part in batches((each.list_kind, each.key) for each in records):
        rows += await summaries(store, part)
    lines = []
    for each, found in zip(records, rows, strict=True):
        row = found or {}
        cells = (
            each.kind,
            each.record_id,
            exact_time(next((row[name] for name in _TIMES if row.get(name)), None)),
            row.get("archive_reason"),
            row.get("name"),
            row.get("excerpt"),
        )
        lines.append("  ".join(str(cell) for cell in cells if cell))
    return lines


_TIMES: Final = ("archived_at", "timestamp", "last_seen", "created_at")
