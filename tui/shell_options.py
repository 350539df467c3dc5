"""Options that several commands have, each said once, and what they print alike."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from tui.cli import fail
from tui.json_lines import json_line
from tui.text import safe_text


class _Word(click.types.StringParamType):
    """A text that is not empty, which in a script is rather a variable that is not set."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return what is given; an empty text is wrong usage."""
        if not value and (ctx is None or not ctx.resilient_parsing):
            self.fail("it is empty, as a variable is that is not set.", param, ctx)
        return str(super().convert(value, param, ctx))


WORD: Final = _Word()
"""A text that is not empty."""

SETTINGS: Final[dict[str, Any]] = {"max_content_width": 100}
"""Settings of a command that is given no words of a person's own."""

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Write JSON, for a program to read."
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Say what would be done, and change nothing."
)
migrate_option = click.option(
    "--migrate",
    is_flag=True,
    help="Bring a file with an older schema up to date first; a backup is made beside it.",
)


note_option = click.option(
    "--note", metavar="TEXT", default="", help="What the journal says of it, instead of the usual."
)


def names_from(given: Sequence[str]) -> list[str]:
    """Return what is named on the command line; for `-`, each line of standard input.

    Where something is named and yet nothing comes of it, the process ends with a sentence.
    """
    names: list[str] = []
    for each in given:
        if each == "-":
            if isinstance(sys.stdin, io.TextIOWrapper):
                sys.stdin.reconfigure(errors="surrogateescape")
            names += [line.strip() for line in sys.stdin if line.strip()]
        else:
            names.append(each)
    if given and not names:
        fail("No id was given: standard input is empty.")
    return names


def write_json(value: object) -> None:
    """Write a value as JSON in one line of ASCII."""
    line = json_line(value)
    click.echo(safe_text(line, len(line)))
