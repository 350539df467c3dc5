"""Terms find in a full-text index what was meant, in every script and by every beginning."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator

import pytest

from storage import driver
from storage.search.query import Term, parse_query
from storage.search.spaceless import GAP
from storage.search.spelling import WORD, composed, indexed, words_in
from storage.search.stems import FULL_TEXT


class Index:
    """A full-text index as the store has it."""

    def __init__(self) -> None:
        self.connection = driver.connect("file::memory:", busy_ms=0)
        self.connection.execute(f"CREATE VIRTUAL TABLE t USING fts5(x, tokenize='{FULL_TEXT}')")
        self.connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")

    def fill(self, *texts: str) -> None:
        self.connection.execute("BEGIN")
        self.connection.execute("DELETE FROM t")
        insert = "INSERT INTO t VALUES (?)"
        self.connection.executemany(insert, [(indexed(text),) for text in texts])
        self.connection.execute("COMMIT")

    def found(self, match: str) -> list[str]:
        found = self.connection.execute("SELECT x FROM t WHERE t MATCH ?", (match,))
        return [x.replace(GAP, "") for (x,) in found]

    def counts(self, *texts: str) -> list[int]:
        """Return how many tokens the tokenizer makes of each text."""
        self.fill(*texts)
        first = self.connection.execute("SELECT min(rowid) FROM t").fetchone()[0]
        select = "SELECT doc, count(*) FROM v GROUP BY doc"
        found = {row - first: count for row, count in self.connection.execute(select)}
        return [found.get(number, 0) for number in range(len(texts))]

    def tokens(self, *texts: str) -> list[list[str]]:
        """Return what the tokenizer makes of each text."""
        self.fill(*texts)
        found: list[list[str]] = [[] for _ in texts]
        first = self.connection.execute("SELECT min(rowid) FROM t").fetchone()[0]
        for row, token in self.connection.execute("SELECT doc, term FROM v ORDER BY doc, offset"):
            found[row - first].append(token)
        return found


@pytest.fixture
def index() -> Iterator[Index]:
    index = Index()
    yield index
    index.connection.close()


ASSIGNED = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) not in ("Cn", "Cs")
]


def test_every_letter_and_digit_of_any_script_is_a_word() -> None:
    letters = [char for char in ASSIGNED if unicodedata.category(char)[0] in "LN"]
    stretching = "\u0640"
    assert [char for char in letters if not re.fullmatch(WORD, composed(char))] == [stretching]


def test_every_character_makes_or_parts_words_for_the_index_as_it_does_here(index: Index) -> None:
    texts = [f"qx{char}xq {char}" for char in ASSIGNED]
    assert len(texts) > 100_000
    words = [sum(1 for _ in words_in(composed(text))) for text in texts]
    counts = zip(ASSIGNED, words, index.counts(*texts), strict=True)
    assert [f"U+{ord(char):04X}" for char, here, there in counts if here != there] == []


def test_every_capital_is_found_as_it_stands(index: Index) -> None:
    letters = [char for char in ASSIGNED if re.fullmatch(WORD, char) and char != char.lower()]
    asked = [parse_query(f"x{char}x").terms[0].words[0] for char in letters]
    expected = index.tokens(*(f"x{char}x" for char in letters))
    found = index.tokens(*asked)
    assert [letters[at] for at in range(len(letters)) if found[at] != expected[at]] == []


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("CAFÉ", "cafe"),
        ("cafe", "Cafe\u0301s"),
        ("cafe\u0301", "café"),
        ("straße", "STRASSE Straße"),
        ("istanbul", "İstanbul"),
        ("İSTANBUL", "istanbul"),
        ("ΟΔΟΣ", "οδος"),
        ("Ночь", "НОЧЬ"),
        ("еще", "Ещё раз"),
        ("ещё*", "ЕЩЕ"),
        ("λόγος", "ΛΟΓΟΣ"),
        ("λογος", "λόγος"),
        ("ανθρωπος", "ἄνθρωπος"),
        ("שלום", "אמר שלום"),
        ("हिन्दी", "मैं हिन्दी बोलता"),
        ("शलोम", "שׁ शलोम।"),
        ("שלום", "אמר שָׁלוֹם"),
        ("שָׁלוֹם", "אמר שלום"),
        ("محمد", "قال مُحَمَّدٌ"),
        ("مُحَمَّد", "محـــمد"),
        ("database", "data\u00adbase"),
        ("hello", "h\u0332e\u0332l\u0332l\u0332o\u0332"),
        ("क्ष", "क्\u200dष"),
        ("1", "1\ufe0f\u20e3 first"),
        ("葛城", "葛\U000e0100城"),
        ("ข้อ*", "ฐานข้อมูล"),
        ("end", "end\U00011641 of it"),
        ("🇸🇪", "🇦🇺🇸🇪"),
        ("🇦*", "🇦🇺🇸🇪"),
        ("日本語", "「日本語」"),
        ("배포", "\u1107\u1162\u1111\u1169 x"),
        ("\u1107\u1162\u1111\u1169", "배포 x"),
        ("🤔", "hm 🤔"),
        ("great🙂", "great🙂 work"),
        ("🚀", "deployed🚀today"),
        ("deployed", "deployed🚀today"),
        ("✅", "tests ✅ lint ❌"),
        ("👍", "yes👍🏽 go on"),
        ("❤️", "we ❤️ it"),
        ("🇩🇪", "from 🇩🇪 with love"),
        ("🚀deploy", "🚀deploy now"),
        ("tests", "🧪tests passed"),
        ("stop", "passed🛑stop"),
        ("🛑", "passed🛑stop"),
        ("🧪tests", "🧪tests passed"),
        ("完成", "🟢完成🎉"),
        ("yes", "great👍🏽yes sir"),
        ("100", "100₽"),
        ("배포", "\u2067배포\u2069"),
        ("strasse", "die Straße"),
        ("STRAẞE", "die Strasse"),
        ("straß*", "Strassen und Gassen"),
        ("running", "she runs"),
        ("self-care", "self care"),
        ("path/to/file.py:12", "in path/to/file.py:12, see"),
    ],
)
def test_what_is_typed_is_found_as_it_was_written(index: Index, typed: str, text: str) -> None:
    index.fill(text, "something else")
    assert index.found(parse_query(typed).terms[0].match) == [indexed(text).replace(GAP, "")]


ENGLISH = """
    running relational connection organization studies happiness hopeful creativity abilities
    meetings motivated wrapping importance pursuing willingness anything everyone playground
    playful storytelling classical activities effectively conditional representation conservatives
    imagination attachments understanding probability hopping hoping dying lying agreed plastered
    conflated troubled sized falling hissing failing filing happy digitizer radically differently
    analogously predication operator generators feudalism decisiveness hopefulness callousness
    formality sensitivity sensibility formative electricity goodness revival allowance inference
    adjustable defensible irritant replacement adjustment dependent adoption communism angularity
    homologous bowdlerize controlling migrations refactoring dependencies caching queries indices
    configuration ecosystem filesystems analysis
"""


@pytest.mark.parametrize("word", ENGLISH.split())
def test_a_word_is_found_by_every_beginning_of_it(index: Index, word: str) -> None:
    index.fill(f"the {word} there")
    beginnings = [word[:size] for size in range(1, len(word) + 1)]
    missed = [part for part in beginnings if not index.found(Term((part,), prefix=True).match)]
    assert missed == []


def test_a_phrase_is_found_by_every_beginning_of_it(index: Index) -> None:
    phrase = "morning meetings about refactoring"
    index.fill(phrase)
    missed = [
        phrase[:size]
        for size in range(1, len(phrase) + 1)
        if not index.found(parse_query('"' + phrase[:size], is_typing=True).terms[0].match)
    ]
    assert missed == []


def test_a_prefix_finds_no_word_that_begins_otherwise(index: Index) -> None:
    index.fill("runway", "ruin", "prune", "rung")
    assert index.found(parse_query("runni*").terms[0].match) == []


def test_a_beginning_looks_for_no_word_that_it_finds_by_itself() -> None:
    assert parse_query("interfac*").terms[0].match == '("interfac"*)'
    assert '"running' in parse_query("runni*").terms[0].match


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("कल", "काल कला"),
        ("हन्द", "हिन्दी"),
        ("तम", "தமிழ் तमिल"),
        ("мои", "мой"),
        ("🇺🇸", "🇦🇺🇸🇪"),
    ],
)
def test_a_word_is_none_that_is_no_whole_one(index: Index, typed: str, text: str) -> None:
    index.fill(text)
    assert index.found(parse_query(typed).terms[0].match) == []


def test_a_beginning_that_is_several_words_for_the_index_is_no_error(index: Index) -> None:
    for code in range(0x300, 0x370):
        assert Term((f"ab{chr(code)}cd",), prefix=True).match
