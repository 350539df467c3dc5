"""Lineage, both ways: what a record was made from, and what became of it, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

from storage import archive_reading, fields, interaction_reading, rows
from storage.evidence_map import EvidenceMap
from storage.kinds import INTERACTION, PATTERN, Kind, public_id, strings
from storage.locating import Place, locate
from storage.rows import quote
from storage.view import View

_KINDS: Final = {"interaction": INTERACTION, "pattern": PATTERN}
_MOST_PRODUCTS: Final = 500
# Of an interaction's metadata: the call that it answers, or several; the one above it in a tree.
_FOLLOWED: Final = ("call", "calls", "parent")


class Piece(NamedTuple):
    """A record in the lineage of another.

    Attributes:
        way: `source` for what it was made from, `product` for what became of it.
        step: How many steps away it is; 1 is direct.
        kind: interaction or pattern.
        record_id: Its public id.
        place: Where it stands, live or archived; None if it is gone.
        told_by: What says so: a field of metadata, or `consolidated_to`, `promoted_to`.
    """

    way: Literal["source", "product"]
    step: int
    kind: str
    record_id: str
    place: Place | None
    told_by: tuple[str, ...]


class Lineage(NamedTuple):
    """Where a record came from and what became of it.

    Attributes:
        sources: What it was made from, patterns first.
        products: What became of it, and of that, the nearest first.
        troubles: Sentences on what cannot be read, so that something may be missing.
    """

    sources: tuple[Piece, ...]
    products: tuple[Piece, ...]
    troubles: tuple[str, ...]


def lineage(view: View, evidence: EvidenceMap, kind: str, record_id: str) -> Lineage:
    """Return both sides of a record.

    Args:
        view: Where to read.
        evidence: What the patterns of this file name as their sources.
        kind: interaction or pattern, whether it is live or archived.
        record_id: Its public id.

    Raises:
        ValidationError: There is no such kind.
    """
    fields.check_choice("kind", kind, _KINDS)
    (record_id,) = strings([record_id])
    troubles = []
    own = evidence.of.get(record_id) if kind == "pattern" else None
    if own is not None and own.trouble:
        troubles.append(
            f"The metadata of pattern {record_id} {own.trouble}, so that what it was made from"
            " cannot be read."
        )
    sources = _placed(view, "source", _sources(view, evidence, kind, record_id))
    # What was made of many turns before stands before the turns.
    sources = tuple(sorted(sources, key=lambda piece: piece.kind != "pattern"))
    products = _placed(view, "product", _products(view, evidence, kind, record_id))
    return Lineage(sources, products, tuple(troubles))


class _Step(NamedTuple):
    """A record that something names, before it was looked for."""

    step: int
    kind: str
    record_id: str
    told_by: str


def _sources(view: View, evidence: EvidenceMap, kind: str, record_id: str) -> Iterator[_Step]:
    if kind != "pattern":
        yield from _followed(view, record_id)
        return
    own = evidence.of.get(record_id)
    for source in own.sources if own is not None else ():
        yield _Step(1, source.kind, source.record_id, source.field)
    for each in (INTERACTION, PATTERN):
        for archived_id in _archived_as(view, each, record_id):
            yield _Step(1, each.name, archived_id, each.target or "")


def _followed(view: View, record_id: str) -> Iterator[_Step]:
    """Give what an interaction says that it followed: the call that it answers, what it replies to.

    Importers write it so. Whatever else these fields name is left out where it is no record.
    """
    record = interaction_reading.get(view, record_id)
    metadata = record["metadata"] if record is not None else None
    if not isinstance(metadata, Mapping):
        return
    for field in _FOLLOWED:
        told = metadata.get(field)
        for each in told if isinstance(told, list) else [told]:
            if isinstance(each, str) and each and each != record_id:
                yield _Step(1, "", each, field)


def _archived_as(view: View, kind: Kind, target: str) -> Iterator[str]:
    """Give the records of which the archive says that they became `target`."""
    table = view.layout.get(kind.archive)
    if table is None or kind.target is None or not table.has(kind.target):
        return
    mark, value = rows.bindable(target)
    key = table.sql(archive_reading.key_column(kind))
    for own, original in view.fetch(
        f"SELECT {key}, {table.sql('original_id')} FROM {quote(table.name)}"
        f" WHERE {table.sql(kind.target)} = {mark} ORDER BY rowid",
        [value],
    ):
        yield public_id(own, original)


def _products(view: View, evidence: EvidenceMap, kind: str, record_id: str) -> list[_Step]:
    """Give what became of a record, each piece as far away as its longest way there.

    A lesson names the turns of its episodes too; it stands behind the episodes all the same.
    """
    root = (kind, record_id)
    edges: dict[tuple[str, str], list[_Step]] = {}
    order: list[tuple[str, str]] = []
    pending = [(root, False)]
    while pending:
        node, is_done = pending.pop()
        if is_done:
            order.append(node)
        elif node not in edges and len(edges) <= _MOST_PRODUCTS:
            edges[node] = list(_next(view, evidence, *node))
            pending.append((node, True))
            pending += [((each.kind, each.record_id), False) for each in reversed(edges[node])]
    order.reverse()
    # In a circle of patterns what leads back is left out.
    rank = {node: number for number, node in enumerate(order)}
    away = {root: 0}
    found: list[_Step] = []
    for node in order:
        for each in edges[node]:
            target = (each.kind, each.record_id)
            if rank.get(target, -1) > rank[node]:
                away[target] = max(away.get(target, 0), away.get(node, 0) + 1)
                found.append(each)
    steps = [each._replace(step=away[each.kind, each.record_id]) for each in found]
    return sorted(steps, key=lambda each: each.step)


def _next(view: View, evidence: EvidenceMap, kind: str, record_id: str) -> Iterator[_Step]:
    for pattern_id in evidence.naming.get(record_id, ()):
        for source in evidence.of[pattern_id].sources:
            if source.record_id == record_id and source.kind in (kind, ""):
                yield _Step(1, "pattern", pattern_id, source.field)
    own = _KINDS[kind]
    for row in archive_reading.rows_of(view, own, [record_id]):
        target = row.value(own.target or "")
        if isinstance(target, str | int) and str(target):
            yield _Step(1, "pattern", str(target), own.target or "")


def _placed(
    view: View, way: Literal["source", "product"], steps: Iterable[_Step]
) -> tuple[Piece, ...]:
    """Look where the records stand; what is told twice of one stands once, with both."""
    told: dict[tuple[str, str], list[_Step]] = {}
    for step in steps:
        told.setdefault((step.kind, step.record_id), []).append(step)
    places = {
        kind: locate(view, kind, [record_id for own, record_id in told if own in (kind, "")])
        for kind in _KINDS
    }
    pieces: dict[tuple[str, str], Piece] = {}
    for (kind, record_id), same in told.items():
        real = kind or next((each for each in _KINDS if record_id in places[each]), "")
        if not real:
            # A field that does not say what it names may as well name a file.
            continue
        new = Piece(
            way, same[0].step, real, record_id, places[real].get(record_id),
            tuple(dict.fromkeys(step.told_by for step in same)),
        )  # fmt: skip
        old = pieces.get((real, record_id), new)
        told_by = tuple(dict.fromkeys((*old.told_by, *new.told_by)))
        pieces[real, record_id] = old._replace(told_by=told_by)
    return tuple(pieces.values())


def named_by(evidence: EvidenceMap, kind: str, ids: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of the patterns that name each record; those that none names left out."""
    found: dict[str, list[str]] = {}
    for record_id in ids:
        naming = [
            pattern_id
            for pattern_id in evidence.naming.get(record_id, ())
            if any(
                source.record_id == record_id and source.kind in (kind, "")
                for source in evidence.of[pattern_id].sources
            )
        ]
        if naming:
            found[record_id] = naming
    return found
