"""A finding to hand on: a record in Markdown, with what it was made from and what was noted on it.

It is for people to read, so that control characters are made visible in it and markup of the
record's own is escaped. Secrets are masked unless that is asked for otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tui import secrets
from tui.copying import link_to
from tui.documents import fields_document
from tui.lines import Line
from tui.moments import long_time
from tui.notes import note_of, noted_as
from tui.sources import PUBLIC_ID, summaries
from tui.text import safe_text
from tui.wording import counted
from tui.world_documents import diff_document, model_document

if TYPE_CHECKING:
    from tui.memory import Memory

_EVIDENCE: Final = 50
_LONGEST: Final = 20_000
_MODELS: Final = ("world_model_state", "snapshot")
# An underscore inside a word is only that.
_MARKUP: Final = re.compile(r"([\\`*\[\]<>|#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_TICKS: Final = re.compile("`+")


async def finding(memory: Memory, kind: str, key: Any, *, masked: bool = True) -> str:
    """Write a finding on one record.

    Args:
        memory: The memory.
        kind: The kind of list that the record stands in.
        key: Its key there.
        masked: Whether secrets are masked.

    Raises:
        LookupError: It is no longer there.
        StorageError: It cannot be read.
    """
    store = memory.store
    [row] = await summaries(store, [(kind, key)])
    [record] = await store.get_records(kind, [key])
    if row is None or record is None:
        raise LookupError("It is no longer there.")
    record_id = str(row[PUBLIC_ID[kind]])
    note = await note_of(store, row, kind)
    evidence = await _evidence(memory, kind, record_id)
    changes = await _changes(memory, kind, key, record)
    if masked:
        record, note, evidence = (
            secrets.masked(record),
            secrets.masked(note),
            secrets.masked(evidence),
        )
    title = f"{kind.replace('_', ' ').capitalize()} {record_id}"
    lines = [
        f"# {_inline(title)}",
        "",
        f"    {safe_text(link_to(memory.named, kind, record_id), 2000)}",
    ]
    if note["tags"]:
        lines += ["", " ".join(f"`#{safe_text(tag, 100)}`" for tag in note["tags"])]
    if note["text"]:
        lines += ["", *(f"> {_inline(line)}" for line in str(note["text"]).split("\n"))]
    document = model_document(record) if kind in _MODELS else fields_document(record)
    lines += ["", "## What it says", "", *_listed(document.lines)]
    if changes:
        lines += ["", "## What changed in it", "", *_fenced("\n".join(_diff(changes)), "diff")]
    lines += _evidence_lines(evidence)
    text = "\n".join(lines) + "\n"
    # What was put together of several fields, such as a diff, goes through the mask as a whole.
    return secrets.mask_text(text) if masked else text


async def _evidence(memory: Memory, kind: str, record_id: str) -> list[dict[str, Any]]:
    """Give what a record was made from; an id of which nothing is left stands alone."""
    if noted_as(kind) not in ("interaction", "pattern"):
        return []
    store = memory.store
    lineage = await store.get_lineage(noted_as(kind), record_id)
    found: list[dict[str, Any]] = []
    for each in lineage.sources[:_EVIDENCE]:
        place = each.place
        there = await store.get_records(place.kind, [place.key]) if place else [None]
        found.append({"id": each.record_id, "gone": place is None, "record": there[0]})
    if (more := len(lineage.sources) - _EVIDENCE) > 0:
        found.append({"id": f"and {more:,} more", "gone": False})
    return found + [{"id": trouble, "gone": False} for trouble in lineage.troubles]


def _evidence_lines(evidence: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    there = list(evidence)
    if not there:
        return
    yield from ("", f"## What it was made from ({counted(len(there), 'record')})", "")
    for each in there:
        record = each.get("record")
        if record is None:
            gone = ": neither live nor archived any more" if each["gone"] else ""
            yield f"- {_inline(each['id'])}{gone}"
            continue
        inner = record.get("record")
        said = inner if isinstance(inner, Mapping) else record
        when = long_time(said.get("timestamp") or said.get("last_seen"))
        who = " ".join(str(said.get(name) or "") for name in ("role", "action", "name")).strip()
        where = f", archived as {record.get('archive_reason')}" if said is inner else ""
        yield "- " + _inline(f"{each['id']}  {when}  {who}{where}")
        text = said.get("content") or said.get("description")
        for line in safe_text(text, 2000, lines=True).split("\n") if text else ():
            yield f"  > {_inline(line)}"


async def _changes(memory: Memory, kind: str, key: Any, new: Mapping[str, Any]) -> list[Line]:
    """Say what changed in a snapshot since the one of its world model before it."""
    from storage import diff_world_models
    from tui.world.domains import read_domains
    from tui.world.timeline import SNAPSHOT, point_before

    if kind != SNAPSHOT:
        return []
    old = None
    for domain in (await read_domains(memory.store)).values():
        own = next((each for each in domain.points if (each.kind, each.key) == (kind, key)), None)
        if own is not None and (base := point_before(domain.points, own)) is not None:
            [old] = await memory.store.get_records(base.kind, [base.key])
    return list(diff_document(old, new, diff_world_models(old or {}, new)).lines)


def _diff(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        text = safe_text(line.text, line.limit)
        yield text.replace("~", "!", 1) if text.startswith("~") else text


def _listed(lines: Iterable[Line]) -> Iterator[str]:
    """Write the lines of a document as a list; a text of several lines stands in a block."""
    for line in lines:
        text = safe_text(line.text, min(line.limit, _LONGEST), lines=True)
        label = f"**{_inline(line.label.strip())}** " if line.label.strip() else ""
        indent = "  " if (line.label or text).startswith("  ") else ""
        if "\n" in text:
            yield f"{indent}- {label}".rstrip()
            yield ""
            yield from (f"{indent}  {each}" for each in _fenced(text))
            yield ""
        elif text or label:
            yield f"{indent}- {label}{_inline(text.strip())}".rstrip()


def _fenced(text: str, language: str = "") -> Iterator[str]:
    """Write a block that nothing in the text can end."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"{fence}{language}", *text.split("\n"), fence)


def _inline(value: object) -> str:
    """Write a text in a line, with nothing in it that Markdown would take for its own."""
    return _MARKUP.sub(r"\\\1", safe_text(value, _LONGEST))
