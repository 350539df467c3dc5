"""`memglass search`: one question, its hits on standard output, for a person or as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from tui.memory_file import MEMORY
from tui.reading import prepare
from tui.shell import DASHES_ARE_WORDS, FOUND, NOTHING, ShellCommand, is_emphasised, run, say

if TYPE_CHECKING:
    from storage import SearchHit
    from tui.indexing import Progress

KINDS: Final = ("interaction", "pattern", "entity", "archived_interaction", "archived_pattern")

_HELP: Final = """\
Search a memory by words and by meaning.

The best hit comes first, live or archived, with the reason why it is there. FILE is only read.
What is searched is an index beside it, which the first search builds.

\b
QUERY may hold, in any order:
  deploy friday        any of these words, and what means the same
  '"on a friday"'      this phrase (the inner quotes are part of the query)
  -staging             not this word, and -"…" not this phrase
  deploy*              words that begin like this
  kind:pattern         records of this kind (the kinds are those of --kind)
  type:workflow        patterns of this type
  action:deploy        interactions with this action
  session:s-91         interactions of this session
  domain:infra         entities of this domain
  tag:todo             what somebody gave this tag
  reason:manual        what was archived for this reason
  archived:no          what is not archived; archived:yes, what is
  after:2026-09-01     not before this day or time, in UTC
  before:2026-09-12    before this day or time, in UTC

Of two values for one filter, either may fit. Whatever is none of this is plain words;
a line says so of what looks like a filter.

\b
Examples:
  memglass search memory.db who approves deploys
  memglass search memory.db '"ship it"' -sarcasm after:2026-09-01
  memglass search memory.db tests --kind pattern --archived
  memglass search memory.db deploy --json | jq -r .record_id

With --json, each line is an object with kind, record_id, entity, archived, score, snippet,
record (all fields) and why (words and nearby, the words that fit in the record and in its
neighbours; similarity, of the meaning, -1 to 1 or null; by). What JSON cannot say is an object
with the key $memglass: "corrupt" (a field that is not JSON, with error, offset and raw), "text"
(not UTF-8), "blob" or "real" (infinite), the last three with base64.

Nothing leaves this machine unless MEMGLASS_EMBEDDINGS_URL and MEMGLASS_EMBEDDINGS_MODEL name
an endpoint elsewhere for embeddings, and then a line says so.

Exit status: 0 with hits, 1 with none, 2 if something is wrong, 130 after Ctrl+C. What was
indexed before Ctrl+C stays, and the next run goes on from there.
"""

_LINE: Final = 2000

By = Literal["both", "words", "meaning"]


@click.command(
    "search",
    cls=ShellCommand,
    context_settings=DASHES_ARE_WORDS,
    help=_HELP,
    short_help="Search a memory by words and by meaning.",
)
@click.argument("file", type=MEMORY)
@click.argument("query", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, one line for each hit.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="Show N hits at most.",
)
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    help="Only records of this kind; several may be given.",
)
@click.option("--archived/--live", default=None, help="Only what is archived, or only what is not.")
@click.option(
    "--by",
    type=click.Choice(["words", "meaning", "both"]),
    default="both",
    show_default=True,
    help="What makes a record a hit.",
)
def search_command(
    file: Path,
    query: tuple[str, ...],
    *,
    as_json: bool,
    limit: int,
    kinds: tuple[str, ...],
    archived: bool | None,
    by: By,
) -> None:
    """Answer one question."""
    from tui.indexing import Progress
    from tui.search_hints import taken_as_words

    prepare(file, is_exact=as_json)
    if as_words := taken_as_words(" ".join(query)):
        say(as_words)
    progress = Progress(lines=False)
    options = {"limit": limit, "kinds": kinds or None, "archived": archived, "by": by}
    hits, missing = run(
        lambda: _found(file, " ".join(query), progress, options), progress.when_stopped
    )
    for sentence in missing:
        say(sentence)
    # A question wants the best, but what only filters is a list, that another command may act upon.
    if len(hits) == limit and hits[-1].why.by == "filters":
        say(f"There may be more than these {limit:,}; --limit N gives N.")
    if as_json:
        _write_json(hits)
    else:
        _write(hits, emphasised=is_emphasised())
    sys.exit(FOUND if hits else NOTHING)


async def _found(
    file: Path, query: str, progress: Progress, options: Mapping[str, Any]
) -> tuple[list[SearchHit], tuple[str, ...]]:
    """Return the hits, and what the index lacks, as sentences."""
    from tui.indexing import caught_up, opened

    async with opened(file) as store:
        await caught_up(store, progress)
        hits = await store.search(query, **options)
        # Asked last: an endpoint may have failed at the question itself.
        return hits, (await store.index_status()).missing


def _write_json(hits: Sequence[SearchHit]) -> None:
    from tui.json_lines import json_line
    from tui.text import safe_text

    for hit in hits:
        line = json_line(
            {
                "kind": hit.kind,
                "record_id": hit.record_id,
                "entity": hit.entity,
                "archived": hit.archived,
                "score": hit.score,
                "why": {
                    "words": hit.why.words,
                    "nearby": hit.why.nearby,
                    "similarity": hit.why.similarity,
                    "by": hit.why.by,
                },
                "snippet": hit.snippet,
                "record": hit.record,
            }
        )
        click.echo(safe_text(line, len(line)))


def _write(hits: Sequence[SearchHit], *, emphasised: bool) -> None:
    from tui.text import safe_text

    for number, hit in enumerate(hits):
        if number:
            click.echo()
        click.echo(safe_text(_head(hit), _LINE))
        click.echo("    ", nl=False)
        _write_emphasised(hit.snippet, hit.why.words if emphasised else ())
        click.echo()
        click.echo(safe_text(f"    why: {_reason(hit)}", _LINE))


def _write_emphasised(text: str, words: Sequence[str]) -> None:
    """Write one line with the words in bold, as whole words and in any case."""
    from storage import places_of
    from tui.text import safe_text

    line, written = safe_text(text, _LINE), 0
    for start, end in places_of(map(safe_text, words), line):
        click.echo(
            f"{safe_text(line[written:start])}\x1b[1m{safe_text(line[start:end])}\x1b[0m", nl=False
        )
        written = end
    click.echo(safe_text(line[written:]), nl=False)


def _head(hit: SearchHit) -> str:
    """Name a hit: kind, id, time, and the reason where it is archived."""
    from tui.world.rows import spelled_key

    kind = f"archived {hit.kind}" if hit.archived else hit.kind
    name = hit.record_id
    if hit.entity is not None:
        name = f"{spelled_key(hit.entity)} in {hit.record_id}"
    reason = hit.record.get("archive_reason") if hit.archived else None
    return "  ".join(str(part) for part in (kind, name, _time(hit), reason) if part)


def _time(hit: SearchHit) -> str:
    """Give when it happened, in local time, with the offset: a line may be read on its own."""
    from tui.moments import exact_time
    from tui.wording import time_of

    return exact_time(time_of(hit.record))[:40]


def _reason(hit: SearchHit) -> str:
    """Say why a hit is there."""
    why = hit.why
    parts = []
    if why.words:
        parts.append(f"words {', '.join(why.words)}")
    if why.nearby:
        parts.append(f"nearby {', '.join(why.nearby)}")
    if why.similarity is not None and why.by in ("meaning", "both"):
        parts.append(f"meaning {why.similarity:.2f}")
    return "; ".join(parts) or "it passes the filters"
