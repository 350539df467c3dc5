"""What was imported from where: the tables `memglass_sources` and `memglass_imported`.

They are bookkeeping, not memory: the journal does not tell of them, and nothing undoes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from storage import rows
from storage.importers.model import GONE
from storage.moments import now_text
from storage.view import Change, View
from storage.where import Where

SOURCES: Final = "memglass_sources"
IMPORTED: Final = "memglass_imported"
_AT_ONCE: Final = 500
_CHUNK: Final = 20_000


@dataclass(slots=True)
class Part:
    """One file of a source, as it was left.

    Attributes:
        id: Its number; 0 if it was never kept.
        path: The file.
        root: The source that it is part of: the file itself, or the folder.
        format: The format's name; "" for a file of a folder that is of none.
        position: Where to go on, and what the file was like: `at`, `mark`, `tail`, `state`,
            `checked`, `is_sweeping`; `count` is how many items are known to be in it, `held` the
            keys of those that were not followed, because a person changed their records.
        first_at: When it was first read.
        synced_at: When it was last read to its end.
    """

    id: int
    path: str
    root: str
    format: str
    position: dict[str, Any] = field(default_factory=dict)
    first_at: str = ""
    synced_at: str | None = None


@dataclass(slots=True)
class Kept:
    """What is known of one item that was imported.

    Attributes:
        id: The number of the row.
        key: The item's identity.
        kind: interaction, pattern or world_model_state.
        record_id: The record that it became.
        hash: Of the item.
        digest: Of the live row that the import left.
        archived: The reason with which the import archived it; None if it left it live.
    """

    id: int
    key: str
    kind: str
    record_id: str
    hash: bytes
    digest: bytes
    archived: str | None


_COLUMNS: Final = "id, key, kind, record_id, hash, digest, archived"


def parts(view: View, root: str | None = None) -> list[Part]:
    """Return the files of one source, or of all."""
    if SOURCES not in view.layout:
        return []
    where = Where().equals("root", root)
    return [
        Part(number, path, root, form or "", _position(position), first_at or "", synced_at)
        for number, path, root, form, position, first_at, synced_at in view.fetch(
            "SELECT id, path, root, format, position, first_at, synced_at"
            f" FROM {SOURCES} WHERE {where.sql} ORDER BY id",
            where.values,
        )
    ]


def _position(text: Any) -> dict[str, Any]:
    try:
        found = orjson.loads(text or "{}")
    except (TypeError, orjson.JSONDecodeError):
        # Somebody damaged it: the file is read from its beginning, which adds nothing twice.
        return {}
    return found if isinstance(found, dict) else {}


def save(change: Change, part: Part) -> None:
    """Keep where a file was left."""
    row: rows.Row = {
        "path": part.path,
        "root": part.root,
        "format": part.format,
        "position": orjson.dumps(part.position).decode(),
        "first_at": part.first_at or now_text(),
        "synced_at": part.synced_at,
    }
    if not part.id:
        # Another process may have begun with it meanwhile.
        where = Where().equals("path", part.path).equals("root", part.root)
        there = change.fetch(f"SELECT id FROM {SOURCES} WHERE {where.sql}", where.values)
        part.id = there[0][0] if there else 0
    if part.id:
        rows.update(change.connection, SOURCES, part.id, row)
        return
    part.first_at = str(row["first_at"])
    rows.insert(change.connection, SOURCES, list(row), [list(row.values())])
    part.id = change.last_rowid()


def known(view: View, source: int, keys: Sequence[str]) -> dict[str, Kept]:
    """Return what was imported from a file under these keys."""
    found: dict[str, Kept] = {}
    for start in range(0, len(keys), _AT_ONCE):
        marks, values = rows.listed(keys[start : start + _AT_ONCE])
        for row in view.fetch(
            f"SELECT {_COLUMNS} FROM {IMPORTED} WHERE source = ? AND key IN ({marks})",
            (source, *values),
        ):
            found[row[1]] = _kept(row)
    return found


def elsewhere(view: View, source: int, keys: Sequence[str]) -> dict[str, Kept]:
    """Return what other files have under these keys now."""
    found: dict[str, Kept] = {}
    for start in range(0, len(keys), _AT_ONCE):
        marks, values = rows.listed(keys[start : start + _AT_ONCE])
        for row in view.fetch(
            f"SELECT {_COLUMNS} FROM {IMPORTED} WHERE source <> ? AND key IN ({marks})"
            " AND archived IS NOT ?",
            (source, *values, GONE),
        ):
            found[row[1]] = _kept(row)
    return found


def of_records(view: View, ids: Sequence[str]) -> list[tuple[int, Kept]]:
    """Return what was imported as these records, each with the number of its file."""
    marks, values = rows.listed(ids)
    return [
        (row[0], _kept(row[1:]))
        for row in view.fetch(
            f"SELECT source, {_COLUMNS} FROM {IMPORTED}"
            f" WHERE (key IN ({marks}) AND record_id IS NULL) OR record_id IN ({marks})",
            (*values, *values),
        )
    ]


def has_left(view: View, record_id: str, digest: bytes) -> bool:
    """Say whether an import left a record as it is now."""
    return bool(
        view.fetch(
            f"SELECT 1 FROM {IMPORTED} WHERE record_id = ? AND digest = ? LIMIT 1",
            (record_id, digest),
        )
    )


def is_left_by_another(view: View, kept: Kept, archived: str | None) -> bool:
    """Say whether another file has the record too, and its import left it archived as this."""
    return bool(
        view.fetch(
            f"SELECT 1 FROM {IMPORTED} WHERE key = ? AND id <> ? AND record_id IS NULL"
            " AND archived IS ? LIMIT 1",
            (kept.key, kept.id, archived),
        )
    )


def newest(view: View) -> int:
    """Return the number of what was imported last; 0 if nothing was."""
    return int(view.fetch(f"SELECT coalesce(max(id), 0) FROM {IMPORTED}")[0][0])


def count(view: View, source: int) -> int:
    """Return how many items were imported from a file and are not known to be gone from it."""
    return int(
        view.fetch(
            f"SELECT count(*) FROM {IMPORTED} WHERE source = ? AND archived IS NOT ?",
            (source, GONE),
        )[0][0]
    )


def all_of(view: View, source: int, after: int = 0) -> Iterator[list[Kept]]:
    """Yield what was imported from a file and is not gone from it, a chunk at a time."""
    last = newest(view)
    while after < last:
        found = view.fetch(
            f"SELECT {_COLUMNS} FROM {IMPORTED} WHERE id > ? AND id <= ? AND source = ?"
            " AND archived IS NOT ? ORDER BY id",
            (after, after + _CHUNK, source, GONE),
        )
        after += _CHUNK
        if found:
            yield [_kept(row) for row in found]


def _kept(row: Sequence[Any]) -> Kept:
    number, key, kind, record_id, content, digest, archived = row
    return Kept(
        number, key, kind, key if record_id is None else record_id, content, digest or b"", archived
    )


def add(change: Change, source: int, fresh: Sequence[tuple[Any, ...]]) -> None:
    """Keep what was imported: key, kind, record id (None for the key), hash, digest, archived."""
    columns = ("source", "key", "kind", "record_id", "hash", "digest", "archived")
    rows.insert(
        change.connection,
        IMPORTED,
        columns,
        [(source, *each) for each in fresh],
        parameters=rows.MANY_PARAMETERS,
    )


def update(change: Change, kept: Kept) -> None:
    """Keep what became of an item that had been imported."""
    values: rows.Row = {"hash": kept.hash, "digest": kept.digest, "archived": kept.archived}
    if kept.record_id != kept.key:
        values["record_id"] = kept.record_id
    rows.update(change.connection, IMPORTED, kept.id, values)


def share(change: Change, kept: Kept, left: bytes) -> None:
    """Tell the other files that have a record what one of them made of it.

    Args:
        change: The transaction's connection.
        kept: What is known of the record now.
        left: The digest that it was left with before; who knows of another has one of his own.
    """
    if left == kept.digest:
        return
    others = change.fetch(
        f"SELECT id FROM {IMPORTED} WHERE key = ? AND id <> ? AND record_id IS NULL AND digest = ?",
        (kept.key, kept.id, left),
    )
    for (number,) in others:
        rows.update(change.connection, IMPORTED, number, {"digest": kept.digest})
