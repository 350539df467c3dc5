"""What happened, as text to read: a transaction, the life of a record, a run, what undoing does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.documents import Document, fields_document
from tui.history_wording import done, field_lines, noun, summed_up, why
from tui.lines import Line
from tui.moments import long_time, short_time
from tui.text import safe_text
from tui.values import is_corrupt
from tui.wording import confidences, counted

if TYPE_CHECKING:
    from storage import (
        ArchiveRun,
        RecordEffect,
        RecordEvent,
        RunMember,
        TransactionEntry,
        TransactionSummary,
        UndoPreview,
        WorldModelDiff,
    )
    from tui.widgets.columns import Row

_FIELDS: Final = 40
_NAMED: Final = 20
_EFFECTS: Final = 200
_CONFLICTS: Final = 20
_EFFECT_WORDS: Final = {
    "comes back": "comes back",
    "is archived": "is archived",
    "changed": "changes",
    "stays": "stays as it is",
}


def transaction_document(
    summary: TransactionSummary, entries: Sequence[TransactionEntry]
) -> Document:
    """Show who changed what, why, and each field that changed, old and new."""
    lines = [
        Line(long_time(summary["at"]), "when"),
        Line(summary["actor"], "who", limit=200),
        Line(summed_up(summary["operations"]), "what", "strong"),
    ]
    if note := why(summary):
        lines.append(Line(note, "why"))
    if summary["takes_back"]:
        lines.append(Line(_role_line(summary), "this", "strong"))
    if summary["undone_by"]:
        lines.append(Line(f"undone, by transaction {summary['undone_by']}", "state", "strong"))
    for entry in entries:
        lines += [Line(), *_entry_lines(entry)]
    left = summary["number"] - summary["first"] + 1 - len(entries)
    if left > 0:
        lines += [Line(), Line(f"and {left:,} more in the same transaction", role="dim", full=True)]
    lines += [Line(), Line(summary["transaction_id"], "transaction", "dim", limit=100)]
    return Document(lines)


def _role_line(summary: TransactionSummary) -> str:
    words = {
        "undo": "takes back transaction",
        "redo": "does again what was undone, by taking back transaction",
        "undo back to": "takes back all that came after transaction",
    }
    return f"{words[summary['role']]} {summary['takes_back']}"


def _entry_lines(entry: TransactionEntry) -> Iterator[Line]:
    ids = entry["record_ids"]
    told = f"{done(entry['operation'])} {counted(len(ids), noun(entry['kind']))}"
    if len(ids) == 1:
        told = f"{done(entry['operation'])} {noun(entry['kind'])} {safe_text(ids[0], 100)}"
    yield Line(told, role="accent", full=True)
    if entry["reason"] is not None:
        yield Line(entry["reason"], "as", limit=300)
    if entry["target"] is not None:
        yield Line(entry["target"], "became", limit=300)
    yield from field_lines(entry["changes"], _FIELDS)
    if len(ids) > 1:
        more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
        yield Line(", ".join(safe_text(each, 60) for each in ids[:_NAMED]) + more, "records")


def history_document(events: Sequence[RecordEvent]) -> Document:
    """Show what happened to one record, newest first."""
    if not events:
        return Document(
            [
                Line("Nothing is recorded of what happened to this.", role="dim", full=True),
                Line(
                    "The journal tells of changes that are made through memglass; an agent that"
                    " writes the file by itself leaves none.",
                    role="dim",
                    full=True,
                ),
            ]
        )
    lines: list[Line] = []
    for event in events:
        lines += [*_event_lines(event), Line()]
    return Document(lines[:-1])


def _event_lines(event: RecordEvent) -> Iterator[Line]:
    if event.source == "outside":
        yield Line("since then  changed by somebody who keeps no journal", role="bad", full=True)
        return
    by = f"  by {safe_text(event.actor, 60)}" if event.actor else ""
    told = f"{_when(event.at)}  {done(event.what)}{by}"
    if event.source == "archive":
        told += "  (the journal does not tell)"
    yield Line(told, role="strong", full=True)
    if event.note:
        yield Line(event.note, "trigger" if event.source == "snapshot" else "why", limit=500)
    if event.reason is not None:
        yield Line(event.reason, "as", limit=300)
    if event.target is not None:
        yield Line(event.target, "became", limit=300)
    yield from field_lines(event.changes, _FIELDS)
    if event.diff is not None:
        yield from _diff_lines(event.diff)


def _when(at: object) -> str:
    return safe_text(long_time(at), 60)


def _diff_lines(diff: WorldModelDiff) -> Iterator[Line]:
    if diff.confidence_changed:
        before, after = confidences(diff.confidence_before, diff.confidence_after)
        yield Line(f"{before or 'none'} \u2192 {after or 'none'}", "confidence")
    for name, changes in (("entities", diff.entities), ("relations", diff.relations)):
        told = [
            f"{len(some):,} {word}"
            for word, some in (
                ("added", changes.added),
                ("removed", changes.removed),
                ("changed", changes.changed),
            )
            if some
        ]
        if told:
            yield Line(", ".join(told), name)
    broken = [each for each in diff.fields if is_corrupt(each.new)]
    for each in broken:
        yield Line("cannot be read", safe_text(each.path, 60), "bad")
    # Before the first snapshot there was nothing, not even a domain: all of it is new.
    if not any(each.keys == ("domain",) and each.kind == "added" for each in diff.fields):
        fields = [each for each in diff.fields if each not in broken]
        yield from field_lines(fields, _FIELDS, is_known=True)
    if diff.is_empty:
        yield Line("nothing changed", " ", "dim")


def run_document(
    run: ArchiveRun, sources: Sequence[Row], product: Mapping[str, Any] | None
) -> Document:
    """Show what came out of a run of archiving, and beside it what went in.

    Args:
        run: The run.
        sources: Short rows of what went in, as far as they are shown.
        product: The record that came out; None where it is not there.
    """
    lines = [
        Line(_span(run), "when"),
        Line(run.reason, "as", "strong", limit=300),
        Line(_sizes(run), "went in"),
        Line("nothing" if run.target is None else run.target, "came out", limit=300),
        Line(),
        Line("What came out", role="accent", full=True),
    ]
    if product is not None:
        lines += fields_document(product).lines
    else:
        told = "No pattern of that name is there, neither live nor archived."
        lines.append(
            Line("Nothing is named." if run.target is None else told, role="dim", full=True)
        )
    return Document([*lines, Line()], beside=list(_source_lines(run, sources)))


def _source_lines(run: ArchiveRun, sources: Sequence[Row]) -> Iterator[Line]:
    yield Line("What went in", role="accent", full=True)
    for row in sources:
        name = row.get("interaction_id") or row.get("name") or row.get("pattern_id")
        yield Line(row.get("excerpt") or "", safe_text(name, 40), limit=300)
    if run.count > len(sources):
        yield Line(f"and {run.count - len(sources):,} more", " ", "dim")


def run_preview_lines(run: ArchiveRun, members: Sequence[RunMember]) -> list[Line]:
    """Show what restoring a run would bring back."""
    lines = [
        Line(
            f"{counted(run.count, 'record')} of one run: back to where they were, exactly as they"
            " were, in one change that can be undone.",
            full=True,
        ),
        Line(),
    ]
    lines += [Line(each.record_id, noun(each.kind), limit=200) for each in members]
    if run.count > len(members):
        lines.append(Line(f"and {run.count - len(members):,} more", " ", "dim"))
    return lines


def _span(run: ArchiveRun) -> str:
    if run.began is None:
        return "at times that cannot be read"
    if run.began == run.ended:
        return long_time(run.began)
    return f"{long_time(run.began)} to {short_time(run.ended)}"


def _sizes(run: ArchiveRun) -> str:
    parts = ((run.interactions, "interaction"), (run.patterns, "pattern"))
    return " and ".join(counted(count, name) for count, name in parts if count)


def preview_lines(preview: UndoPreview) -> list[Line]:
    """Show what undoing would do to each record, or what is in the way, so that it does nothing."""
    if preview.conflicts:
        return list(_conflict_lines(preview))
    lines: list[Line] = []
    moving = [each for each in preview.effects if each.effect != "stays"]
    for word in ("comes back", "is archived", "changed"):
        count = sum(each.effect == word for each in moving)
        if count:
            lines.append(Line(f"{count:,}", _EFFECT_WORDS[word], "strong"))
    if not moving:
        lines.append(Line("Every record stays as it is.", role="dim", full=True))
    if not preview.is_whole:
        lines.append(
            Line(
                f"Only the newest {preview.looked_at:,} of {preview.records:,} changes were looked"
                " at; a conflict in the others leaves everything as it is.",
                role="strong",
                full=True,
            )
        )
    lines.append(Line())
    for effect in moving[:_EFFECTS]:
        lines += _effect_lines(effect)
    if len(moving) > _EFFECTS:
        lines.append(Line(f"and {len(moving) - _EFFECTS:,} more", role="dim", full=True))
    return lines


def _conflict_lines(preview: UndoPreview) -> Iterator[Line]:
    yield Line("This cannot be done as things are:", role="bad", full=True)
    for conflict in preview.conflicts[:_CONFLICTS]:
        record_id = safe_text(conflict.record_id, 60)
        yield Line(f"{noun(conflict.kind)} {record_id}: {conflict.why}", " ", "bad")
    if len(preview.conflicts) > _CONFLICTS:
        yield Line(f"and {len(preview.conflicts) - _CONFLICTS:,} more", " ", "bad")
    yield Line()
    yield Line(
        "It would overwrite what came after, so that nothing is done. Undo that first, if it is to"
        " go too and stands here.",
        full=True,
    )


def _effect_lines(effect: RecordEffect) -> Iterator[Line]:
    record_id = safe_text(effect.record_id, 80)
    told = f"{noun(effect.kind)} {record_id} {_EFFECT_WORDS[effect.effect]}"
    yield Line(told, full=True)
    yield from field_lines(effect.changes, _FIELDS, is_known=True)
