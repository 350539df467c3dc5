"""A record that was changed here: what its source says of it now, and how to change that there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from storage import driver, fields
from storage.errors import FileError
from storage.importers.formats import formats
from storage.importers.line_file import LineFile
from storage.importers.model import Divergence, Item
from storage.importers.recipes import how_to_change
from storage.importers.recipes.model import Case, HowTo
from storage.importers.sqlite_file import SqliteFile
from storage.json_utils import RawJSON, decode
from storage.record_reading import record_of
from storage.sqlite_store import SQLiteStore

# What says of a record where it came from and when it was taken over is not what it says.
_NOT_SAID: Final = frozenset({"snapshot_time", "trigger_event"})


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is other here than in the source.

    Attributes:
        name: The field.
        here: What it is here.
        there: What it would be if it were imported now.
    """

    name: str
    here: Any
    there: Any


@dataclass(frozen=True, slots=True)
class Explained:
    """What there is to know of a record that was changed here.

    Attributes:
        divergence: Which record.
        is_there: Whether the source still has it.
        differences: The fields that differ, where it is live here and in the source.
        how_to: How the same change is made in the source.
    """

    divergence: Divergence
    is_there: bool
    differences: tuple[Difference, ...]
    how_to: HowTo


async def explain_divergence(store: SQLiteStore, divergence: Divergence) -> Explained:
    """Say what the source says of a record now, and how the change made here is made there.

    The source is read up to that record, which takes as long as importing that much of it.

    Raises:
        FileError: The source is missing or cannot be read.
        StoreBusyError: Somebody changes it all the time.
    """
    fields.check_class("store", store, SQLiteStore)
    fields.check_class("divergence", divergence, Divergence)
    kind, record_id = divergence.kind, divergence.record_id
    ours = await store.database.read(lambda view: record_of(view, kind, record_id))
    found = await asyncio.to_thread(_find, divergence)
    theirs = None if found is None else _decoded(found)
    case = Case(
        path=str(divergence.path),
        key=divergence.key,
        kind=kind,
        how=divergence.how,
        theirs=theirs,
        ours=ours,
        line=_line_of(found),
    )
    differences = (
        Difference(name, (case.ours or {}).get(name), (theirs or {}).get(name))
        for name in case.changed(*(theirs or {}))
        if case.ours is not None and name not in _NOT_SAID
    )
    how_to = how_to_change(divergence.format, case)
    return Explained(divergence, found is not None, tuple(differences), how_to)


def _find(divergence: Divergence) -> Item | None:
    """Return the item of a source, or None if it has it no more."""
    form = formats().get(divergence.format)
    if form is None:
        return None
    path = Path(divergence.path)
    try:
        with (
            SqliteFile(path) if form.shape == "database" else LineFile(path) as opened,
            closing(cast("Any", form.items(opened, None))) as items,
        ):
            return _with_key(items, divergence.key)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    except driver.Error as error:
        raise driver.translate(error, path) from error


def _with_key(items: Iterator[Item], key: str) -> Item | None:
    """Return the item of a key, as the import gives keys to those that have the same."""
    base, _, number = key.rpartition("#")
    wanted = int(number) if number.isdecimal() and base else 0
    of_base: dict[bytes, Item] = {}
    for item in items:
        if key in (item.key, item.former) or key == f"{item.key}@{item.hash.hex()}":
            return item
        if wanted and item.key == base:
            of_base.setdefault(item.hash, item)
            if len(of_base) == wanted:
                return item
    return None


def _line_of(item: Item | None) -> int | None:
    where = (item.record.get("metadata") or {}).get("imported_from") if item is not None else None
    if isinstance(where, Mapping) and isinstance(where.get("line"), int):
        return int(where["line"])
    at = item.at if item is not None else None
    # The position behind a line: the byte, and the number of the line.
    return at[1] if isinstance(at, list) and len(at) == 2 and isinstance(at[1], int) else None


def _decoded(item: Item) -> dict[str, Any]:
    record = {name: _value(value) for name, value in item.record.items()}
    if item.archived is not None:
        record["archived"] = item.archived
    return record


def _value(value: Any) -> Any:
    return decode(value) if isinstance(value, RawJSON) else value
