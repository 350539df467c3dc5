"""What a database holds, read without the library, and whether a search says just that.

Every text holds a word that is nowhere else, `zz17k`, so that one knows which version of which
record a search has found, and which it has missed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from storage import HybridStore, SearchHit, driver
from storage.search.documents import TABLES
from tests.storage import outside

LISTS = {
    "interactions": "interaction",
    "patterns": "pattern",
    "archived_interactions": "archived_interaction",
    "archived_patterns": "archived_pattern",
    "world_model_states": "world_model_state",
}
_WORD = re.compile(r"zz\d+k")


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands that can be found: a row, or an entity in one."""

    table: str
    number: int
    entity: str = ""


Standing = dict[Place, frozenset[str]]


class Words:
    """Words that nobody has said before."""

    def __init__(self) -> None:
        self._numbers = count()
        self.made: list[str] = []

    def new(self) -> str:
        """Return one more."""
        self.made.append(f"zz{next(self._numbers)}k")
        return self.made[-1]


def words_in(value: object) -> frozenset[str]:
    """Return the words that a value holds, however deep."""
    return frozenset(_WORD.findall(repr(value)))


def standing(path: Path) -> Standing:
    """Read what can be found in a database, and the words of it."""
    found: Standing = {}
    with outside.connected(path) as connection:
        for table in LISTS:
            for number, *values in connection.execute(f"SELECT rowid, * FROM {table}").fetchall():
                if table != "world_model_states":
                    found[Place(table, number)] = words_in(values)
        for number, entities in connection.execute(
            "SELECT rowid, entities FROM world_model_states"
        ).fetchall():
            for key, entity in json.loads(entities or "{}").items():
                found[Place("world_model_states", number, key)] = words_in([key, entity])
    return found


def place_of(hit: SearchHit) -> Place:
    """Return where a hit says that it stands."""
    [table] = [table for table, kind in LISTS.items() if kind == hit.list_kind]
    return Place(table, hit.key.rowid, hit.entity or "")


def check_true(hits: Iterable[SearchHit], now: Standing) -> None:
    """Check that hits are neither ghosts nor stale: each says what the database holds now."""
    for hit in hits:
        assert place_of(hit) in now, f"a ghost: {hit}"
        held = now[place_of(hit)]
        said = words_in([hit.record, hit.entity])
        assert said == held, f"stale: {said} for {held}"
        assert words_in(hit.snippet) <= held
        assert words_in(hit.why.words) <= held


async def check_word(store: HybridStore, word: str, now: Standing) -> None:
    """Check that a search for a word finds all that holds it, and nothing where nothing does."""
    expected = {place for place, words in now.items() if word in words}
    hits = await store.search(word, by="words", limit=50)
    check_true(hits, now)
    found = {place_of(hit) for hit in hits if word in now[place_of(hit)]}
    assert found == expected, f"{word} finds {found}, and should find {expected}"
    if not expected:
        assert hits == [], word


async def check_all(store: HybridStore, path: Path, made: Iterable[str]) -> None:
    """Let the index catch up, and check that every word is found where it stands."""
    status = await store.wait_for_index()
    assert (status.state, status.missing) == ("ready", ())
    now = standing(path)
    for word in made:
        await check_word(store, word, now)
    assert status.path is not None
    check_index(status.path, now)


def check_index(index: Path, now: Standing) -> None:
    """Check that an index has one entry for all that can be found, in each of its parts."""
    with outside.connected(index) as connection:
        docs = connection.execute("SELECT slot, source, number, part FROM docs").fetchall()
        slots = sorted(slot for slot, *_ in docs)
        assert numbers(connection, "SELECT id FROM words_docsize") == slots
        if slots:
            assert numbers(connection, "SELECT slot FROM halves") == slots
            assert numbers(connection, "SELECT rowid FROM vectors_rowids") == slots
        assert numbers(connection, "SELECT slot FROM unembedded") == []
        assert len(slots) == len(now)
    places = [Place(TABLES[source], number, part) for _, source, number, part in docs]
    assert sorted(places) == sorted(now)


def numbers(connection: driver.Connection, sql: str) -> list[Any]:
    """Return the one column of a query, in order."""
    return sorted(number for (number,) in connection.execute(sql).fetchall())
