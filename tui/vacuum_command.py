"""`memglass vacuum`: free space of a memory goes back to the file system."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click

from tui.backup_command import backup_place
from tui.cli import check
from tui.memory_file import CHANGED_MEMORY
from tui.shell import ShellCommand, run, say
from tui.shell_options import (
    SETTINGS,
    dry_run_option,
    json_option,
    migrate_option,
    write_json,
)

_HELP: Final = """\
Give the free space in a memory back to the file system.

No record changes: SQLite writes the file anew without its empty pages. It needs as much free space
on the disk as the file has bytes, and the write lock; if another process holds that, nothing is
done. While another process reads the file, it may get smaller only when that is done.

\b
Examples:
  memglass vacuum memory.db --dry-run
  memglass vacuum memory.db --backup

With --json, an object with path, bytes_before, bytes, won, backup and wal_bytes (of the file
beside it, which another process reads); with --dry-run, with path, bytes and free_bytes (what it
would win at least).

Exit status: 0 if it was done, 2 if something is wrong, 130 after Ctrl+C.
"""


@click.command(
    "vacuum",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Give free space back to the file system.",
)
@click.argument("file", type=CHANGED_MEMORY)
@click.option("--backup", is_flag=True, help="Keep a copy of the file as it was, beside it.")
@dry_run_option
@migrate_option
@json_option
def vacuum_command(
    file: Path, *, backup: bool, dry_run: bool, migrate: bool, as_json: bool
) -> None:
    """Vacuum, and say what that won."""
    check(file)
    if dry_run:
        _preview(file, as_json=as_json)
        return
    kept = backup_place(file) if backup else None
    done = run(lambda: _vacuumed(file, kept, migrate=migrate), lambda: _stopped(kept))
    if as_json:
        write_json(done)
    else:
        _write(done)


def _stopped(kept: Path | None) -> str:
    """Say what Ctrl+C left: the copy appears whole, before the file is touched."""
    copy = f" Its copy stays: {kept}" if kept is not None and kept.exists() else ""
    return f"Stopped: the file is as it was.{copy}"


async def _vacuumed(file: Path, kept: Path | None, *, migrate: bool) -> dict[str, Any]:
    from storage import copy_memory
    from tui.shell_store import opened_to_change

    if kept is not None:
        await copy_memory(file, kept)
    async with opened_to_change(file, migrate=migrate) as store:
        before = await store.get_file_size()
        won = await store.vacuum_database()
        after = await store.get_file_size()
    return {
        "path": str(file),
        "bytes_before": before["bytes"],
        "bytes": after["bytes"],
        "won": won,
        "backup": None if kept is None else str(kept),
        "wal_bytes": after["wal_bytes"],
    }


def _write(done: dict[str, Any]) -> None:
    from tui.text import safe_text
    from tui.wording import in_bytes

    if done["won"]:
        size = in_bytes(done["bytes"])
        told = f"{done['path']} is {in_bytes(done['won'])} smaller: {size}."
    else:
        told = f"There was nothing to win; {done['path']} has {in_bytes(done['bytes'])}."
    click.echo(safe_text(told, 4000))
    if done["wal_bytes"]:
        say("Another process reads the file; it gets smaller when that is done.")
    if done["backup"]:
        click.echo(safe_text(f"As it was: {done['backup']}", 4000))


def _preview(file: Path, *, as_json: bool) -> None:
    from tui.text import safe_text
    from tui.wording import in_bytes

    size = run(lambda: _measured(file), lambda: "Stopped.")
    if as_json:
        write_json({"path": str(file), "bytes": size["bytes"], "free_bytes": size["free_bytes"]})
        return
    won, whole = in_bytes(size["free_bytes"]), in_bytes(size["bytes"])
    click.echo(safe_text(f"Vacuuming {file} would win {won} of {whole}, or a little more.", 4000))


async def _measured(file: Path) -> dict[str, Any]:
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        return await store.get_file_size()
