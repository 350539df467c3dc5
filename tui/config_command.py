"""`memglass config`: what can be configured, what is, and where."""

from __future__ import annotations

import sys

import click

from tui.cli import BAD
from tui.config import config_file, load_config
from tui.shell import ShellCommand


@click.command("config", cls=ShellCommand)
@click.option("--path", is_flag=True, help="Say only where the file is, or would be.")
def config_command(*, path: bool) -> None:
    """Print every option, its meaning and its value, as a file to begin with.

    What is wrong in your own file is said, and makes the exit status 2.
    """
    from tui.text import safe_text

    if path:
        click.echo(safe_text(str(config_file())))
        return
    from tui.config_text import as_toml
    from tui.shell import say

    config = load_config()
    text = as_toml(config, config_file())
    click.echo(safe_text(text, lines=True), nl=False)
    for problem in config.problems:
        say(problem)
    if config.problems:
        sys.exit(BAD)
