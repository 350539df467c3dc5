"""What stands marked in a line is what the full text itself finds there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import driver
from storage.search import marks as marks_module
from storage.search import stems
from storage.search.lines import line_of
from storage.search.marks import Marks
from storage.search.query import Term, parse_query
from storage.search.spaceless import GAP
from storage.search.spelling import indexed
from storage.search.stems import FULL_TEXT, stems_of

_MARKED = re.compile("\1([^\2]*)\2")


class FullText:
    """A full text that marks what it finds, by the means of SQLite."""

    def __init__(self) -> None:
        self.connection = driver.connect("file::memory:", busy_ms=0)
        self.connection.execute(f"CREATE VIRTUAL TABLE t USING fts5(x, tokenize='{FULL_TEXT}')")

    def words(self, line: str, terms: Sequence[Term]) -> list[str]:
        """Return what of a line the terms find."""
        self.connection.execute("DELETE FROM t")
        self.connection.execute("INSERT INTO t VALUES (?)", (indexed(line),))
        match = " OR ".join(term.match for term in terms)
        select = "SELECT highlight(t, 0, '\1', '\2') FROM t WHERE t MATCH ?"
        found = self.connection.execute(select, (match,)).fetchall() if match else []
        return _MARKED.findall(found[0][0].replace(GAP, "")) if found else []


@pytest.fixture(scope="module")
def full_text() -> Iterator[FullText]:
    made = FullText()
    yield made
    made.connection.close()


WORDS = (
    *("aed", "A1", "ays", "ai", "sky", "skies"),
    *("run", "Running", "runs", "play", "played", "plays", "relation", "relational", "plan"),
    *(
        "CAFÉ",
        "cafe\u0301",
        "don't",
        "self-care",
        "src/x.py:12",
        "日本語",
        "x数据库",
        "库数据y",
        "🤔",
        "x_y",
        "İ",
        "the",
    ),
)
ENDINGS = ("", "ed", "ing", "eed", "ies", "sses", "y", "ys", "ational", "izer", "ement", "ion", "e")
LINES = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(
    st.characters(exclude_categories=["Cs", "Cn"], exclude_characters=f"\0\1\2{GAP}"),
    max_size=40,
)
TYPED = st.lists(
    st.sampled_from([*WORDS, '"play run"', '"the plan"', "rel*", "pla*", '"self ca"*', "*", '"'])
    | st.text(max_size=5),
    max_size=4,
).map(" ".join)


def _marks(lines: Sequence[str], terms: Sequence[Term]) -> Marks:
    return Marks([line_of(line) for line in lines], terms)


def _words(marks: Marks, line: str, at: int = 0) -> list[str]:
    return [line_of(line).text[start:end] for start, end, _ in marks.places(at)]


@given(LINES, TYPED, st.booleans())
@example("plays the play played", '"play the" "the play"', False)
@example("run run run", '"run run"', False)
@example("relatedrelated related", "relat", True)
@example("aing a Ays AI sky skis", "a", False)
@example("aing a Ays AI sky skis", "ays sky", False)
@example("ab12 ac12 B12 ab", "a*", False)
@example("新的数据库x数据 据数", '数据库 "据库" x', False)
@example("0\U0001d800 a\u0305b हिन्दी \u05e9\u05c1\u05c1x \u0332a", "0 a हिन्दी", False)
def test_marked_is_what_the_full_text_marks(
    full_text: FullText, line: str, typed: str, is_typing: bool
) -> None:
    terms = parse_query(typed, is_typing=is_typing).terms
    marks = _marks([line], terms)
    found = [indexed(word).replace(GAP, "") for word in _words(marks, line)]
    assert found == full_text.words(line_of(line).text, terms)


def test_a_place_is_that_of_the_word_itself() -> None:
    marks = _marks(["other the thé, the"], parse_query("the").terms)
    assert [place[:2] for place in marks.places(0)] == [(6, 9), (10, 13), (15, 18)]


def test_a_word_is_marked_in_both_ways_that_it_is_spelled() -> None:
    lines = ["die Straße, die Gasse", "eine Strasse"]
    for typed in ("strasse", "Straße", "die straße"):
        marks = _marks(lines, parse_query(typed).terms)
        assert _words(marks, lines[0])[:2][typed.startswith("die")] == "Straße"
        assert _words(marks, lines[1], 1) == ["Strasse"]


def test_a_mark_before_a_word_is_no_part_of_it() -> None:
    line = "\u0301the a\u0301the the"
    marks = _marks([line], parse_query("the").terms)
    assert [start for start, _, _ in marks.places(0)] == [1, 10]


def test_each_line_has_its_own() -> None:
    lines = ["a dog", "", "dogs, dog"]
    marks = _marks(lines, parse_query("dog").terms)
    assert [_words(marks, line, at) for at, line in enumerate(lines)] == [
        ["dog"],
        [],
        ["dogs", "dog"],
    ]


@given(st.text("aeiystlzABY1", min_size=1, max_size=5), st.sampled_from(ENDINGS))
def test_a_stem_begins_as_its_word(beginning: str, ending: str) -> None:
    word = (beginning + ending).lower()
    [stem] = stems_of([word]).values()
    head = stem[:-1] if len(stem) > 2 else stem
    assert word.startswith(head) or word[:2].replace("y", "i") == stem


def test_of_words_that_nobody_asks_for_no_stem_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: set[str] = set()

    def noted(words: Iterable[str]) -> dict[str, str]:
        wanted = set(words)
        made.update(wanted)
        return stems_of(wanted)

    monkeypatch.setattr(marks_module, "stems_of", noted)
    log = " ".join(f"{number:08x}" for number in range(0, 2**32, 2**18))
    _marks([f"{log} deploys"], parse_query("deploy").terms)
    assert "deploys" in made
    assert len(made) < 300


def test_only_so_many_stems_are_remembered() -> None:
    for batch in range(3):
        stems_of(f"{batch}x{number}" for number in range(15_000))
        assert len(stems._known) <= stems._REMEMBERED
    stems_of(f"y{number}" for number in range(50_000))
    assert len(stems._known) <= stems._REMEMBERED
