"""Checks of a memory: the file and what is beside it, every field, and what refers to others."""

from __future__ import annotations

import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.checkup.model import Check
from tui.values import corrupt_window
from tui.wording import counted, in_bytes

if TYPE_CHECKING:
    from storage import FileInfo, HealthFinding, HealthProgress, SQLiteStore

_OTHERS: Final = stat.S_IRGRP | stat.S_IWGRP | stat.S_IROTH | stat.S_IWOTH
_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_BIG_WAL: Final = 64 * 2**20
_PUT_AWAY: Final = "corrupt"
_ADVICE: Final = {
    "corrupt": "memglass repair shows what it may have said.",
    "type": "memglass repair shows what it may have said.",
    "archived": "memglass restore brings the record back as it was; then memglass repair mends it.",
    "orphan": "memglass show says what else it rests on; archive what nobody can vouch for.",
    "integrity": "Work on a copy: memglass backup makes one; then look for a backup that is whole.",
}


def file_checks(info: FileInfo) -> Iterator[Check]:
    """Look at the file and at what stands beside it, without opening it as a memory.

    Args:
        info: What the file is.
    """
    yield Check("format", "ok", _format(info), more={"format": info.format})
    if info.newer:
        told = f"it was made by a newer memglass (schema {info.version}), and is read-only here"
        yield Check("schema", "note", told, "Update memglass to change it.")
    elif info.migration:
        steps = counted(len(info.migration), "step")
        told = f"an older schema: bringing it up to date takes {steps}, and makes a backup first"
        yield Check("schema", "note", told, "memglass FILE asks before it does that.")
    yield from permission_checks(info.path)
    yield from beside_checks(info.path)


def _format(info: FileInfo) -> str:
    generation = "" if info.generation is None else f", generation {info.generation}"
    rows = counted(sum(info.tables.values()), "row")
    size = in_bytes(info.size)
    tables = counted(len(info.tables), "table")
    return (
        f"{info.format}{generation}: {rows} in {tables}, {size}, journal mode {info.journal_mode}"
    )


def permission_checks(path: Path) -> Iterator[Check]:
    """Look who else can read or write the file, its journals and its index.

    Args:
        path: The file.
    """
    if os.name != "posix":
        return
    files = [Path(f"{path.resolve()}{suffix}") for suffix in ("", "-wal", "-shm", ".index")]
    open_to = {file: file.stat().st_mode for file in files if file.exists()}
    shared = {file: mode for file, mode in open_to.items() if mode & _OTHERS}
    if shared:
        able = "change" if any(mode & _WRITE for mode in shared.values()) else "read"
        names = ", ".join(f"{file.name} ({mode & 0o777:o})" for file, mode in shared.items())
        advice = f"chmod 600 {' '.join(map(str, shared))}, if it is yours alone."
        yield Check("permissions", "note", f"others here can {able} {names}", advice)
    else:
        yield Check("permissions", "ok", "only its owner can read it")
    if not os.access(path, os.W_OK) or not os.access(path.resolve().parent, os.W_OK | os.X_OK):
        yield Check("permissions", "note", "it cannot be changed here: file or folder is read-only")


def beside_checks(path: Path) -> Iterator[Check]:
    """Look at the journals beside the file.

    Args:
        path: The file.
    """
    wal, journal = (Path(f"{path.resolve()}{suffix}") for suffix in ("-wal", "-journal"))
    size = wal.stat().st_size if wal.exists() else 0
    if size > _BIG_WAL:
        told = (
            f"the write-ahead log has {in_bytes(size)}: something has kept it from being taken in"
        )
        yield Check("wal", "note", told, "Close what has been reading the file for long.")
    elif size:
        yield Check("wal", "ok", f"the write-ahead log has {in_bytes(size)}")
    if journal.exists() and journal.stat().st_size:
        told = "a rollback journal stands beside it: whoever wrote last was stopped in the middle"
        yield Check("journal", "note", told, "The next program that writes takes that back.")


async def content_checks(
    store: SQLiteStore, progressed: Callable[[HealthProgress], None]
) -> AsyncIterator[Check]:
    """Look at every JSON field, at what records say of each other, and at the file itself.

    Args:
        store: The memory.
        progressed: Is told how far it is.
    """
    from storage import HealthFinding

    broken = put_away = rows = 0
    async for each in store.check_health():
        if not isinstance(each, HealthFinding):
            rows = each.total
            progressed(each)
        elif each.archive_reason == _PUT_AWAY:
            put_away += 1
        else:
            broken += 1
            yield _finding_check(each)
    if put_away:
        told = f"{counted(put_away, 'broken record')} put away in the archive, kept as they were"
        yield Check("put away", "ok", told)
    async for each_check in _dangling(store):
        yield each_check
    if not broken:
        every = "every other" if put_away else "every"
        told = f"{every} JSON field of {counted(rows, 'row')} reads, references and file are sound"
        yield Check("content", "ok", told)


def damage_check(told: str) -> Check:
    """Tell of damage that keeps the rest from being looked at."""
    return Check("file", "wrong", told, _ADVICE["integrity"])


async def _dangling(store: SQLiteStore) -> AsyncIterator[Check]:
    for each in await store.lookup.dangling():
        records = counted(each.records, f"archived {each.kind}")
        told = f"{records} became {each.target}, which is nowhere"
        yield Check(
            "lineage", "note", told, "Restore them if they are missed: memglass restore.",
            more={"target": each.target, "records": each.records},
        )  # fmt: skip


def _finding_check(found: HealthFinding) -> Check:
    at = "" if found.offset is None else f", at byte {found.offset:,} of {len(found.raw):,}"
    parts = (found.table, found.record_id, found.column, found.message)
    told = " ".join(part for part in parts if part)
    # What an archived record held stands inside a field of the archive's own, which keeps it.
    advice = _ADVICE["archived" if "." in found.column else found.problem]
    return Check(
        _NAMES.get(found.problem, found.problem), "wrong", f"{told}{at}", advice,
        more={
            "table": found.table, "record_id": found.record_id, "column": found.column,
            "problem": found.problem, "offset": found.offset, "around": _around(found),
        },
    )  # fmt: skip


_NAMES: Final = {"corrupt": "json", "type": "json", "orphan": "reference", "integrity": "file"}


def _around(found: HealthFinding) -> str | None:
    if not found.raw:
        return None
    from storage import CorruptJSON

    around = corrupt_window(CorruptJSON(found.raw, found.message, found.offset))[0]
    # Where lines are broken at spaces, one after the dots would leave them alone on a line.
    return around.replace("\u2026 ", "\u2026", 1)
