"""Looking for records that speak of others that are nowhere, a part of a table at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from storage import driver, rows
from storage.evidence import read_evidence
from storage.findings import HealthFinding, Part, is_damage, told_id, walk
from storage.kinds import INTERACTION, LEGACY, tables_of
from storage.layout import TableLayout
from storage.rows import quote
from storage.schema import PATTERNS, WORLD_MODEL_SNAPSHOTS, WORLD_MODEL_STATES
from storage.view import ROWS_PER_STATEMENT, View

_SHOWN: Final = 80


def snapshots(view: View, *, last: int | None) -> Part:
    """Look at some snapshots for a state that is not there."""
    table = view.layout.get(WORLD_MODEL_SNAPSHOTS.name)
    states = view.layout.get(WORLD_MODEL_STATES.name)
    if table is None or states is None or not table.has("world_model_id"):
        return Part([], None, 0)
    state = table.sql("world_model_id")
    sql = (
        f"SELECT rowid, {state}, EXISTS (SELECT 1 FROM {quote(states.name)} s"
        f" WHERE s.{states.sql('id')} = {quote(table.name)}.{state}) FROM {quote(table.name)}"
        " WHERE rowid > ? ORDER BY rowid LIMIT ?"
    )

    def look(number: int, state: Any, is_there: int) -> Iterator[HealthFinding]:
        if state is not None and not is_there:
            told = f"speaks of world-model state {_shown(state)}, which is not there"
            yield HealthFinding(
                "orphan", table.name, str(number), "world_model_id", told, rowid=number
            )

    return walk(view, table.name, sql, last, look)


def patterns(view: View, *, last: int | None) -> Part:
    """Look at some patterns for interactions that are neither live nor archived."""
    table = view.layout.get(PATTERNS.name)
    if table is None or not table.has("metadata"):
        return Part([], None, 0)
    key = table.sql("id")
    sources: list[tuple[int, str, list[str]]] = []

    def look(number: int, key: Any, key_type: bytes, metadata: Any) -> Iterator[HealthFinding]:
        ids = read_evidence(metadata).interactions()
        sources.append((number, told_id(key, key_type, number), ids))
        return iter(())

    sql = (
        f"SELECT rowid, {key}, typeof({key}), {table.sql('metadata')} FROM {quote(table.name)}"
        " WHERE rowid > ? ORDER BY rowid LIMIT ?"
    )
    part = walk(view, table.name, sql, last, look)
    try:
        nowhere = absent(view, dict.fromkeys(each for *_, ids in sources for each in ids))
    except driver.DatabaseError as error:
        # The scan of the interactions tells what is damaged there.
        if not is_damage(error):
            raise
        return part
    told = "was made from interaction {}, which is neither live nor archived"
    findings = [
        HealthFinding(
            "orphan", table.name, record_id, "metadata", told.format(_shown(each)), rowid=number
        )
        for number, record_id, ids in sources
        for each in ids
        if each in nowhere
    ]
    return Part([*part.findings, *findings], part.last, part.count)


def absent(view: View, ids: Iterable[str]) -> set[str]:
    """Return those of `ids` that are neither live nor archived."""
    missing = set(ids)
    for table in tables_of(view, INTERACTION):
        missing -= _there(view, missing, table, "rowid")
    archive = view.layout.get(INTERACTION.archive)
    if archive is not None:
        missing -= _there(view, missing, archive, archive.sql("original_id"))
    return missing


def _there(view: View, ids: set[str], table: TableLayout, number: str) -> set[str]:
    """Return those of `ids` that a row of `table` has, as its key or derived from its number."""
    key = table.sql(INTERACTION.key)
    listed = list(ids)
    there: set[str] = set()
    for start in range(0, len(listed), ROWS_PER_STATEMENT):
        part = listed[start : start + ROWS_PER_STATEMENT]
        there.update(_values(view, table, key, part))
        numbers = [each.removeprefix(LEGACY) for each in part if each.startswith(LEGACY)]
        derived = f" AND typeof({key}) NOT IN ('text', 'integer')"
        there.update(LEGACY + each for each in _values(view, table, number, numbers, derived))
    return there


def _values(
    view: View, table: TableLayout, column: str, wanted: list[str], condition: str = ""
) -> Iterator[str]:
    marks = ", ".join("?" * len(wanted))
    for (each,) in view.fetch(
        f"SELECT {column} FROM {quote(table.name)} WHERE {column} IN ({marks}){condition}", wanted
    ):
        yield str(each)


def _shown(value: Any) -> str:
    text = rows.tolerant_text(value) if isinstance(value, bytes) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
