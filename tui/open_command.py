"""`memglass open`, which is what `memglass FILE` does."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli import check, file_and_mark, has_terminal, mirror_as_which, parted, show
from tui.memory_file import GivenFile
from tui.shell import ShellCommand, quoted


@click.command("open", cls=ShellCommand)
@click.argument("file", type=GivenFile())
@click.option("--read-only", is_flag=True, help="Change nothing, not even by accident.")
@click.option("--reader", is_flag=True, help="Show it for a screen reader.")
def open_command(file: Path, *, read_only: bool, reader: bool) -> None:
    """Open a memory (this is what `memglass FILE` does)."""
    if has_terminal():
        show(file, read_only=read_only, reader=reader)
        return
    memory, mark = file_and_mark(parted(file)[0])
    mirror = None if mark else mirror_as_which(memory)
    where = quoted(file)
    how = f"look at it in a terminal with: memglass {where}"
    if mirror is None:
        check(memory)
        click.echo(f"{where} is a memory; {how}")
    else:
        click.echo(f"{where} opens as a mirror; {how}")
