"""`memglass export`: the records of a memory as JSON lines or a table, or a report to read."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import click

from tui.cli import fail
from tui.memory_file import MEMORY, GivenFile
from tui.reading import prepare
from tui.shell import FOUND, NOTHING, ShellCommand, run, say
from tui.shell_options import SETTINGS, WORD, json_option, write_json
from tui.sources import LISTS, JoinedKeys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from storage import HybridStore, Store

FORMATS: Final = ("jsonl", "csv", "html")

_HELP: Final = """\
Write the records of a memory to a file, or a report of all of it.

FILE is only read. Keys, tokens and passwords in it are masked unless you say otherwise. A file
appears whole or not at all, only you can read it (mode 0600), and nothing is written over silently.

\b
  --format jsonl  each record in a line, with its kind, exactly as it is
  --format csv    a table for a spreadsheet, in which no cell can be run
  --format html   a report to read, to print and to hand on: figures, leads,
                  patterns with their evidence, the archive by reason, world
                  models and what changed in them, broken fields, recent
                  changes; one file, without scripts, that loads nothing

Without --format the ending of PATH decides (.jsonl, .csv, .html), and without --to, or with --to -,
it goes to standard output.

\b
Examples:
  memglass export memory.db --to report.html
  memglass export memory.db --kind pattern --to patterns.csv
  memglass export memory.db --kind interaction | jq -r .content
  memglass export memory.db --query 'session:s-91 -deploy' --to session.jsonl

--query is what memglass search takes, and the records come in its order, best first.

With --json and --to, an object with path, format, records, bytes and masked.

Exit status: 0 if it was written, 1 if there is no such record, 2 if something is wrong, 130 after
Ctrl+C.
"""

STOPPED: Final = "Stopped: nothing was left behind."
_CUT_SHORT: Final = "Stopped: what was written is not all of it."
_MOST_HITS: Final = 10_000
# What search finds of a state are its entities; snapshots it does not look through.
_SEARCHED_AS: Final = {"world_model_state": "entity"}
_BIG: Final = 64 * 2**20

Format = Literal["jsonl", "csv", "html"]
_ENDINGS: Final[Mapping[str, Format]] = {
    "": "jsonl",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".html": "html",
    ".htm": "html",
}


class _Wanted(NamedTuple):
    """What is exported, and how."""

    form: Format
    to: Path | None
    kinds: tuple[str, ...]
    query: str | None
    limit: int
    masked: bool
    over: bool


@click.command(
    "export",
    cls=ShellCommand,
    context_settings=SETTINGS,
    help=_HELP,
    short_help="Write records or a report to a file.",
)
@click.argument("file", type=MEMORY)
@click.option("--to", type=GivenFile(), metavar="PATH", help="The file to write.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="What it is to be.")
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(LISTS),
    metavar="KIND",
    multiple=True,
    help=f"Only records of this kind; several may be given: {', '.join(LISTS)}.",
)
@click.option("--query", type=WORD, help="Only records that a search finds.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Of what --query finds, the N best at most; {_MOST_HITS:,} where none is given.",
)
@click.option("--no-mask", is_flag=True, help="Leave secrets as they are.")
@click.option("--over", is_flag=True, help="Replace PATH if it is there.")
@json_option
def export_command(
    file: Path,
    *,
    to: Path | None,
    form: Format | None,
    kinds: tuple[str, ...],
    query: str | None,
    limit: int | None,
    no_mask: bool,
    over: bool,
    as_json: bool,
) -> None:
    """Export, and say what was exported."""
    # As programs of a shell have it.
    to = None if to == Path("-") else to
    if limit is not None and query is None:
        fail("--limit is of what --query finds; without that, all records are written.")
    most = _MOST_HITS if limit is None else limit
    wanted = _Wanted(_form(form, to), to, kinds, query, most, not no_mask, over)
    # What is masked in it is said by its own option.
    prepare(file, is_exact=True)
    _check(wanted)
    count, size = _exported(file, wanted)
    if not count and wanted.form != "html":
        say("There is no such record; nothing was written.")
        sys.exit(NOTHING)
    if to is not None:
        _tell(wanted, count, size, as_json=as_json)
    sys.exit(FOUND)


def _form(given: Format | None, to: Path | None) -> Format:
    if given is not None:
        return given
    form = _ENDINGS.get("" if to is None else to.suffix.lower())
    if form is None:
        fail(
            f"What {to} is to be cannot be told from its ending; end it in .jsonl, .csv or .html,"
            " or say it with --format."
        )
    return form


def _check(wanted: _Wanted) -> None:
    if wanted.form == "html" and (wanted.kinds or wanted.query):
        fail(
            "A report is of the whole memory: leave --kind and --query out, or write jsonl or csv."
        )
    if wanted.to is None and wanted.form != "jsonl" and sys.stdout.isatty():
        # Its cells hold what the records hold, control characters too.
        fail(f"{wanted.form} is not for a terminal; name a file with --to.")


def _exported(file: Path, wanted: _Wanted) -> tuple[int, int]:
    """Write what is wanted; return how many records it holds, and its bytes."""
    from tui.export import ExportError, PlaceTakenError

    try:
        left = STOPPED if wanted.to is not None else _CUT_SHORT
        return run(lambda: _written(file, wanted), lambda: left)
    except PlaceTakenError as error:
        fail(f"{error} --over replaces it.")
    except ExportError as error:
        fail(str(error))


async def _written(file: Path, wanted: _Wanted) -> tuple[int, int]:
    from tui.export import check_place

    if wanted.to is not None:
        check_place(wanted.to, over=wanted.over)
    return await (_report(file, wanted) if wanted.form == "html" else _records(file, wanted))


async def _records(file: Path, wanted: _Wanted) -> tuple[int, int]:
    from tui.indexing import Progress, caught_up, opened
    from tui.shell_store import opened_to_read

    if wanted.query:
        async with opened(file) as searched:
            await caught_up(searched, Progress(lines=False))
            found = await _found(searched, wanted.query, wanted.kinds, wanted.limit)
            return await _write(searched, found, wanted)
    async with opened_to_read(file) as store:
        kinds = wanted.kinds or LISTS
        keys = JoinedKeys([(kind, await store.list_keys(kind)) for kind in kinds])
        return await _write(store, keys, wanted)


async def _write(store: Store, keys: Sequence[tuple[str, Any]], wanted: _Wanted) -> tuple[int, int]:
    from tui.export import export, read_records, write_records

    if not keys:
        return 0, 0
    records = read_records(store, keys)
    form: Literal["csv", "jsonl"] = "csv" if wanted.form == "csv" else "jsonl"
    if wanted.to is None:
        out = _standard_output()
        return await write_records(records, out, form=form, masked=wanted.masked), 0
    return await export(records, wanted.to, form=form, masked=wanted.masked, over=wanted.over)


def _standard_output() -> Any:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A table has bytes that are no text, and line ends of its own.
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
    return sys.stdout


async def _found(
    store: HybridStore, query: str, kinds: tuple[str, ...], limit: int
) -> list[tuple[str, Any]]:
    """Give the keys of what a search finds, best first, each once."""
    ids: dict[str, list[str]] = {}
    order: dict[tuple[str, str], None] = {}
    searched = [_SEARCHED_AS.get(kind, kind) for kind in kinds if kind != "snapshot"]
    if kinds and not searched:
        return []
    sides = {kind.startswith("archived_") for kind in kinds}
    archived = sides.pop() if len(sides) == 1 else None
    hits = await store.search(query, limit=limit, kinds=searched or None, archived=archived)
    if len(hits) == limit:
        say(f"Only the {limit:,} best hits are taken; --limit takes more.")
    for hit in hits:
        kind = "world_model_state" if hit.kind == "entity" else hit.kind
        kind = f"archived_{kind}" if hit.archived else kind
        if not kinds or kind in kinds:
            order[kind, hit.record_id] = None
    for kind, record_id in order:
        ids.setdefault(kind, []).append(record_id)
    places: dict[tuple[str, str], Any] = {}
    for kind, own in ids.items():
        for record_id, place in (await store.locate(kind, own)).items():
            places[kind, record_id] = place
    return [(places[each].kind, places[each].key) for each in order if each in places]


async def _report(file: Path, wanted: _Wanted) -> tuple[int, int]:
    from tui.export import whole_file
    from tui.report.gathering import gather
    from tui.report.page import report_page
    from tui.shell_store import opened_to_read

    async with opened_to_read(file) as store:
        found = await gather(store, file, masked=wanted.masked, tell=_tell_step(file))
    text = report_page(found)
    if wanted.to is None:
        _standard_output().write(text)
        return found.records, len(text.encode())
    async with whole_file(wanted.to, over=wanted.over) as out:
        out.write(text)
    return found.records, len(text.encode())


def _tell_step(file: Path) -> Callable[[str], None]:
    """Give what says how far a report is, where somebody waits for a big one."""
    waits = sys.stderr.isatty() and file.stat().st_size > _BIG
    return (lambda what: say(f"looking for {what}\u2026")) if waits else (lambda _what: None)


def _tell(wanted: _Wanted, count: int, size: int, *, as_json: bool) -> None:
    from tui.wording import counted, in_bytes

    if as_json:
        told = {"path": str(wanted.to), "format": wanted.form, "records": count}
        write_json({**told, "bytes": size, "masked": wanted.masked})
        return
    secrets = "secrets masked" if wanted.masked else "secrets as they are"
    what = "a report on" if wanted.form == "html" else ""
    of = f"{what} {counted(count, 'record')}".strip()
    say(f"Wrote {of} ({secrets}, {in_bytes(size)}) to {wanted.to}")
