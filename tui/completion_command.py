"""`memglass completion`: what makes a shell complete the commands of memglass."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import click

from tui.cli import fail
from tui.shell import ShellCommand
from tui.shell_options import SETTINGS

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_MEMGLASS_COMPLETE"

_HELP: Final = """\
Write what makes a shell complete commands, options, files, marks and reasons.

Without SHELL it is the one that you use, as $SHELL names it.

\b
  bash  in ~/.bashrc (for bash 4.4 or newer):
          eval "$(memglass completion bash)"
  zsh   memglass completion zsh > ~/.zfunc/_memglass
        and in ~/.zshrc:
          fpath+=~/.zfunc; autoload -Uz compinit; compinit
  fish  memglass completion fish > ~/.config/fish/completions/memglass.fish

Exit status: 0 if it was written, 2 if the shell is another one.
"""


@click.command(
    "completion",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Have your shell complete what you type.",
)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
def completion_command(shell: str | None) -> None:
    """Write the script."""
    from click.shell_completion import get_completion_class

    from tui.commands import program
    from tui.text import safe_text

    name = shell or Path(os.environ.get("SHELL", "")).name
    chosen = get_completion_class(name) if name in SHELLS else None
    if chosen is None:
        fail(f"It is not known which shell you use; say {', '.join(SHELLS[:-1])} or {SHELLS[-1]}.")
    script = chosen(program, {}, "memglass", VARIABLE).source()
    click.echo(safe_text(script, lines=True))
