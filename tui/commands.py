"""The command line in full: its help, `memglass FILE`, and the commands beside it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from tui.cli import COMMANDS, check, fail, has_terminal, show
from tui.config_command import config_command
from tui.index_command import index_command
from tui.links import split_link
from tui.search_command import search_command
from tui.serve_command import serve_command


class _Program(click.Group):
    """A group whose default command is `open`, so that a file name alone is enough."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `open` before anything that is no command and no option of the program."""
        if args and args[0] not in {*COMMANDS, "--help", "-h", "--version"}:
            args = ["open", *args]
        return super().parse_args(ctx, args)


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="FILE | search FILE QUERY | index FILE | serve FILE | config | demo",
)
@click.version_option(package_name="memglass", message="memglass %(version)s")
def program() -> None:
    """See what an AI agent remembers, and correct it with nothing lost.

    memglass FILE opens a memory; press ? in it for the keys. memglass demo makes one to try.
    memglass search FILE QUERY answers a question in the shell.
    """


program.add_command(search_command)
program.add_command(index_command)
program.add_command(serve_command)
program.add_command(config_command)


@program.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--read-only", is_flag=True, help="Change nothing, not even by accident.")
def open_command(file: Path, *, read_only: bool) -> None:
    """Open a memory (this is what `memglass FILE` does)."""
    if has_terminal():
        show(file, read_only=read_only)
        return
    check(split_link(file)[0])
    where = _quoted(file)
    click.echo(f"{where} is a memory; look at it in a terminal with: memglass {where}")


@program.command("demo")
@click.option("--path", type=click.Path(path_type=Path), help="Where the demo memory is kept.")
@click.option("--fresh", is_flag=True, help="Make it anew; the old one is kept beside it.")
def demo_command(path: Path | None, *, fresh: bool) -> None:
    """Make a memory to try things on, and open it."""
    from storage import StorageError
    from tui.demo_file import demo_file

    try:
        file = demo_file(path, fresh=fresh, say=_say)
    except (OSError, StorageError) as error:
        fail(f"The demo memory could not be made: {error}")
    if has_terminal():
        show(file, read_only=False)
    else:
        where = _quoted(file)
        click.echo(f"The demo memory is {where}; look at it with: memglass {where}")


def _say(message: str) -> None:
    from tui.text import safe_text

    click.echo(safe_text(message))


def _quoted(path: Path) -> str:
    from tui.text import safe_text

    return safe_text(shlex.quote(str(path)))
