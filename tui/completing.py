"""What a shell may complete beside commands, options and files: marks, and reasons of the archive.

What is offered is typed into the shell as it stands, so that nothing is offered that a shell would
take apart or run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from tui.reasons import PERSONS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
# A key press waits for it.
_LARGEST: Final = 64 * 2**20


def complete_usual_reasons(
    ctx: click.Context,  # noqa: ARG001 - of click
    param: click.Parameter,  # noqa: ARG001 - of click
    incomplete: str,
) -> list[CompletionItem[str]]:
    """Offer the usual reasons."""
    return _offered(PERSONS, incomplete)


def complete_reasons_there(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - of click
    incomplete: str,
) -> list[CompletionItem[str]]:
    """Offer the reasons for which something was archived in the file that is named."""
    file = _file_in(ctx)
    return _offered(PERSONS if file is None else _reasons_in(file), incomplete)


def complete_marks(
    ctx: click.Context,
    param: click.Parameter,  # noqa: ARG001 - of click
    incomplete: str,
) -> list[CompletionItem[str]]:
    """Offer the marks of the file that is named."""
    from tui.named_copies import MarkError, marks_of

    file = _file_in(ctx)
    try:
        marks = [] if file is None else marks_of(file)
    except MarkError:
        return []
    return _offered((mark.name for mark in marks), incomplete)


def _file_in(ctx: click.Context) -> Path | None:
    """Return the file that is named on an unfinished line."""
    file = ctx.params.get("file")
    if isinstance(file, Path):
        return file
    # Before an option without its value, click gives up and leaves all words as they are.
    return Path(ctx.args[0]) if ctx.args else None


def _offered(values: Iterable[str], incomplete: str) -> list[CompletionItem[str]]:
    from click.shell_completion import CompletionItem

    return [
        CompletionItem(each)
        for each in values
        if each.startswith(incomplete) and _PLAIN.fullmatch(each)
    ]


def _reasons_in(file: Path) -> list[str]:
    import asyncio

    from storage import StorageError, is_foreign
    from tui.mirrors import place_of
    from tui.shell_store import opened_to_read

    if is_foreign(file):
        # What is in its mirror by now; a key press does not wait for what is new.
        file = place_of(file)

    async def read() -> list[str]:
        async with opened_to_read(file) as store:
            statistics = await store.get_archive_statistics()
        return sorted({*statistics["interactions"], *statistics["patterns"]})

    try:
        return asyncio.run(read()) if file.stat().st_size <= _LARGEST else []
    except (OSError, StorageError):
        return []
