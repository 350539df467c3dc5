"""`memglass demo`: a memory to try things on."""

from __future__ import annotations

from pathlib import Path

import click

from tui.cli import fail, has_terminal, in_words, show
from tui.memory_file import GivenFile
from tui.shell import ShellCommand, quoted


@click.command("demo", cls=ShellCommand)
@click.option("--path", type=GivenFile(), help="Where the demo memory is kept.")
@click.option("--fresh", is_flag=True, help="Make it anew; the old one is kept beside it.")
def demo_command(path: Path | None, *, fresh: bool) -> None:
    """Make a memory to try things on, and open it."""
    from storage import StorageError
    from tui.demo_file import demo_file

    try:
        file = demo_file(path, fresh=fresh, say=_say)
    except (OSError, StorageError) as error:
        fail(f"The demo memory could not be made: {in_words(error)}")
    if has_terminal():
        show(file, read_only=False)
    else:
        where = quoted(file)
        click.echo(f"The demo memory is {where}; look at it with: memglass {where}")


def _say(message: str) -> None:
    from tui.text import safe_text

    click.echo(safe_text(message))
