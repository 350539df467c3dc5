"""The command line in full: its help, `memglass FILE`, and the commands of the list."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from tui.command_list import COMMANDS, GROUPS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Program(click.Group):
    """A group that imports only the command that is run; without one, `open` is meant."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `open` before anything that is no command and no option of the program."""
        if args and args[0] not in {*COMMANDS, "--help", "-h", "--version"}:
            args = ["open", *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - of click
        """Name all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002 - of click
        cmd_name: str,
    ) -> click.Command | None:
        """Import a command; None where there is no such."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].home.partition(":")
        command = getattr(import_module(f"tui.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the list is ours
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem[str]]:
        """Offer commands and options; where none of them begins like that, files."""
        from click.shell_completion import CompletionItem

        # A shell forgets what came before a file.
        items: list[CompletionItem[str]] = [CompletionItem(incomplete, type="file")]
        items += [
            CompletionItem(entry.name, help=entry.help)
            for entry in COMMANDS.values()
            if entry.name.startswith(incomplete)
        ]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - of click
        formatter: click.HelpFormatter,
    ) -> None:
        """Write a line for each command under its heading; nothing is imported for that."""
        for heading, entries in GROUPS:
            with formatter.section(heading):
                formatter.write_dl([(entry.name, entry.help) for entry in entries])


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    options_metavar="",
    subcommand_metavar="FILE | COMMAND …",
)
@click.version_option(package_name="memglass", message="memglass %(version)s")
def program() -> None:
    """See what an AI agent remembers, and correct it with nothing lost.

    memglass FILE opens a memory; press ? in it for the keys. memglass demo makes one to try.
    memglass COMMAND --help says more of a command.
    """
