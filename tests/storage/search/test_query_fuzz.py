"""Nothing that a person types is an error: generated questions, as they are made of what trips."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import HybridStore, driver
from storage.search.lines import line_of
from storage.search.query import MAX_TERMS, Term, parse_query
from storage.search.snippets import MAX_LINE, snippets_of
from storage.search.stems import FULL_TEXT

SEED = 20_260_131
ALL = 100_000

FILTERS = ("kind", "type", "reason", "session", "action", "before", "after", "archived", "domain")
VALUES = (
    *("pattern", "interactions", "entity", "archived_pattern", "dog", "workflow", "s1", "old"),
    *("2026", "2026-01-31", "2026-02-30", "2026-13", "9999-12-31", "0001-01-01", "today", "7d"),
    *("2026-01-31T09:30:00.5+14:59", "0001-01-01T00:00+01:00", "9999y", "yes", "no", "all", "1"),
    *("", "a,b", ",", ":"),
)
WORDS = (
    *("support", "group", "the", "running", "relatio", "happy", "C++", "it's", "don\u2019t", "a-b"),
    *("--x", "foo_bar", "src/x.py:12", "https://a.b/c?d=e&f", "a:b", "::", "x" * 70, "x" * 999),
    *("AND", "OR", "NOT", "NEAR", "NEAR(a b, 2)", "rowid", "text:", "{text more}:", "^a", "+a"),
    *("\u65e5\u672c\u8a9e", "\u05e9\u05dc\u05d5\u05dd", "\u0939\u093f\u0928\u094d", "\U0001f914"),
    *("\U0001f600", "\u0130", "\u00df", "caf\u00e9", "cafe\u0301", "\0", "\ud800", "\udfff"),
    *("\udcff", "\u202e", "\ufeff", "\u200d", "\ufffd", "\U0010ffff", "\u0301", "\1", "\2"),
    *("'", "''", '"', '""', "*", "**", "-", "(", ")", "[", "]", "{", "}", ";", "--", "/*", "\\"),
    *("?", "?1", "%", "$x", "@x", ":x"),
)
SIGNS = ("", "", "", "-", "--", '"', "\u201c", "*", ":", "(", ")", "'", "\0", "\ud800", "^", "+")


def token(random: random.Random) -> str:
    word = random.choice(WORDS)
    match random.randrange(8):
        case 0:
            word = f"{random.choice(FILTERS)}:{random.choice(VALUES)}"
        case 1:
            word = f'{random.choice(FILTERS)}:"{random.choice(VALUES)}"'
        case 2:
            word = f'"{word} {random.choice(WORDS)}"'
        case 3:
            size = random.randrange(1, 12)
            word = "".join(
                chr(random.randrange(0x110000 >> random.choice([0, 4, 9, 13]))) for _ in range(size)
            )
    return random.choice(SIGNS) + word + random.choice(SIGNS)


def questions(count: int) -> Iterator[str]:
    print(f"seed {SEED}")
    made = random.Random(SEED)
    for _ in range(count):
        between = made.choice([" ", " ", " ", "", "\t", "\n", "\u3000"])
        yield between.join(token(made) for _ in range(made.randrange(1, 8)))


def check_matches(count: int) -> None:
    """Read questions, and run all that is looked for against a full-text index."""
    connection = driver.connect("file::memory:", busy_ms=0)
    connection.execute(f"CREATE VIRTUAL TABLE t USING fts5(text, more, tokenize='{FULL_TEXT}')")
    connection.execute("INSERT INTO t VALUES ('the support group was happy', 'src/x.py:12')")
    seen: set[Term] = set()
    for typed in questions(count):
        for query in (parse_query(typed), parse_query(typed, is_typing=True)):
            query.text.encode()
            assert len(query.terms) <= MAX_TERMS
            for term in {*query.terms, *query.excluded} - seen:
                connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (term.match,)).fetchall()
                seen.add(term)
            [(_, line)] = snippets_of([line_of(typed)], query.terms)
            assert len(line) <= MAX_LINE
    connection.close()


def test_no_question_is_an_error_for_the_full_text() -> None:
    check_matches(ALL // 25)


@pytest.mark.slow
def test_none_of_a_hundred_thousand_questions_is_an_error_for_the_full_text() -> None:
    check_matches(ALL)


@pytest.fixture
async def memory(tmp_path: Path) -> AsyncIterator[HybridStore]:
    """A small memory of every kind, with its index."""
    async with HybridStore(tmp_path / "memory.db", follow=False) as store:
        turns = [
            "The support group was happy",
            "C++ and it's a-b",
            "\u65e5\u672c\u8a9e caf\u00e9",
            "",
            "x\0y",
        ]
        ids = await store.add_interactions(
            {
                "content": content,
                "session_id": f"s{number % 2}",
                "action": "user_message",
                "timestamp": f"2026-01-{number + 1:02}",
                "details": {"path": "src/x.py:12"},
            }
            for number, content in enumerate(turns * 4)
        )
        await store.archive_interactions(ids[:5], "old")
        for number in range(3):
            await store.add_pattern(
                {
                    "name": f"running {number}",
                    "description": "It runs the tests first",
                    "pattern_type": "workflow",
                    "sequence": ["edit", "test"],
                }
            )
        await store.add_world_model_state(
            {"domain": "code", "session_id": "s1", "entities": {"foo_bar": {"kind": "module"}}}
        )
        await store.wait_for_index()
        yield store


def test_what_was_typed_before_makes_no_difference() -> None:
    now = datetime(2026, 1, 31, tzinfo=UTC)
    for typed in questions(ALL // 50):
        # A phrase of nothing asks for nothing, and where one is, nothing is remembered.
        anew = parse_query(f'"" {typed}', is_typing=True, now=now)
        assert parse_query(typed, is_typing=True, now=now) == anew


async def check_searches(store: HybridStore, count: int) -> None:
    """Ask a store questions, and see that its answers are what was asked for."""
    answers = 0
    for typed in questions(count):
        query = parse_query(typed)
        hits = await store.search(typed, limit=5)
        for hit in hits:
            assert query.filters.archived in (None, hit.archived)
        answers += len(hits)
        await store.typeahead(typed, limit=5)
    assert answers > count // 10
    # An error of ours within a search would have been taken for damage of the index.
    assert (await store.index_status()).missing == ()


async def test_no_question_is_an_error_for_a_store(memory: HybridStore) -> None:
    await check_searches(memory, ALL // 200)


@pytest.mark.slow
async def test_none_of_a_hundred_thousand_questions_is_an_error_for_a_store(
    memory: HybridStore,
) -> None:
    await check_searches(memory, ALL)
