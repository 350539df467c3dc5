"""`memglass index`: the index that a search needs, built or caught up ahead of time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tui.cli import check
from tui.memory_file import MEMORY
from tui.shell import FOUND, NOTHING, ShellCommand, run, say
from tui.shell_options import SETTINGS, json_option, write_json

if TYPE_CHECKING:
    from storage import IndexStatus
    from tui.indexing import Progress

_HELP: Final = """\
Build the index that search needs, or bring it up to date.

The index is a file of its own beside FILE (FILE.index), or in your cache folder where that place
cannot be written, or a program with another embedder is using it. It holds the words and the
meaning of all records, live and archived. FILE itself is only read, and the index can be deleted at
any time: it is made again. A search does the same by itself; doing it ahead of time spares the
first search the wait.

Ctrl+C stops it, and the next run goes on from there.

\b
Where meaning comes from:
  --embedder offline   the model that comes with memglass; no text leaves this machine
  --embedder endpoint  the OpenAI-compatible endpoint that the environment names:
                         MEMGLASS_EMBEDDINGS_URL    such as http://localhost:1234/v1
                         MEMGLASS_EMBEDDINGS_MODEL  the name of the model there
                         MEMGLASS_EMBEDDINGS_KEY    its key, if it wants one

Without --embedder it is the endpoint if the environment names one, else the offline model. Search
and the program choose like that as well, and an index of another embedder is made anew. Before
texts leave this machine, a line says where they go.

\b
Examples:
  memglass index memory.db
  memglass index memory.db --rebuild --embedder offline

With --json, an object with path (null where there is none), records (that are in it), total (that
there are), bytes, embedder (null without vectors), sends_text_to and missing (sentences).

Exit status: 0 if the index is whole, 1 if something is missing from it, 2 if something is wrong,
130 after Ctrl+C.
"""


@click.command(
    "index",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Build or catch up the index that search needs.",
)
@click.argument("file", type=MEMORY)
@click.option("--rebuild", is_flag=True, help="Throw the index away first.")
@click.option(
    "--embedder",
    type=click.Choice(["offline", "endpoint"]),
    help="What turns texts into meaning.",
)
@json_option
def index_command(file: Path, *, rebuild: bool, embedder: str | None, as_json: bool) -> None:
    """Build the index and say what became of it."""
    from tui.indexing import Progress

    check(file)
    progress = Progress(lines=True)
    status = run(
        lambda: _indexed(file, progress, rebuild=rebuild, embedder=embedder),
        progress.when_stopped,
    )
    if as_json:
        write_json(_as_object(status))
    else:
        _write(status)
    for sentence in status.missing:
        say(sentence)
    sys.exit(FOUND if status.is_whole else NOTHING)


async def _indexed(
    file: Path, progress: Progress, *, rebuild: bool, embedder: str | None
) -> IndexStatus:
    from tui.indexing import caught_up, opened

    async with opened(file, embedder) as store:
        if rebuild:
            progress.unfinished = True
            await store.rebuild_index()
        return await caught_up(store, progress)


def _as_object(status: IndexStatus) -> dict[str, Any]:
    return {
        "path": None if status.path is None else str(status.path),
        "records": status.done,
        "total": status.total,
        "bytes": 0 if status.path is None else _size_at_rest(status.path, status.size),
        "embedder": status.embedder,
        "sends_text_to": status.sends_text_to,
        "missing": list(status.missing),
    }


def _write(status: IndexStatus) -> None:
    """Write the state of the index: where it is, how much is in it, what it was made with."""
    from tui.text import safe_text
    from tui.wording import counted, in_bytes

    if status.path is None:
        click.echo("There is no index.")
        return
    count = counted(status.done, "record")
    records = count if status.done == status.total else f"{count} of {status.total:,}"
    where = f", sent to {status.sends_text_to}" if status.sends_text_to else ", on this machine"
    meaning = f"{status.embedder}{where}" if status.embedder else "none"
    click.echo(safe_text(f"Index    {status.path}", 4000))
    click.echo(safe_text(f"Records  {records}"))
    click.echo(safe_text(f"Size     {in_bytes(_size_at_rest(status.path, status.size))}"))
    click.echo(safe_text(f"Meaning  {meaning}", 2000))


def _size_at_rest(path: Path, before: int) -> int:
    """Return the bytes of an index that is closed: while it is written it has a log beside it."""
    try:
        return path.stat().st_size
    except OSError:
        return before
