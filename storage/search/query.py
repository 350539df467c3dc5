"""The question box: words, "a phrase", -not, prefix* and filters. Nothing typed is an error.

Terms are handed to FTS5 quoted, and its tokenizer `FULL_TEXT` does all the folding, so that a term
finds what the index holds: case, accents and English endings make no difference.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from itertools import islice
from string import ascii_lowercase
from typing import Final, NamedTuple

from storage.search.filters import EVERYTHING, NAMES, Filters, filters_of, read_filter
from storage.search.spaceless import joined, pieces
from storage.search.spelling import composed, spelled_out, words_in
from storage.search.stems import stems_of

__all__ = [
    "MAX_TERMS",
    "MAX_TYPED",
    "STOP_WORDS",
    "Filters",
    "Query",
    "Term",
    "Way",
    "filters_of",
    "parse_query",
]

MAX_TYPED: Final = 10_000
"""How many characters of a question are read."""
MAX_TERMS: Final = 64
"""How many different terms a question has at most, and of how many words a phrase."""

# Capitals that the tokenizer does not know as such. A word with one keeps its case.
_CAPITALS: Final = re.compile(
    "[\u037f\u0528-\u052f\u13a0-\u13f5\u1c90-\u1cbf\u2c2f\ua698-\ua7ff\U000104b0-\U0001e921]"
)
_STOP_WORDS: Final = """
    a about after again all also am an and any are aren as at be because been before being both
    but by can could couldn did didn do does doesn doing don during each for from further had hadn
    has hasn have haven having he her here hers him himself his how i if in into is isn it its
    itself just ll m me more most my myself no nor not of off on once only or other our ours out
    over own re s same she should shouldn so some such t than that the their theirs them themselves
    then there these they this those through to too under until up ve very was wasn we were weren
    what when where which while who whom whose why will with would wouldn you your yours yourself"""
STOP_WORDS: Final = frozenset(_STOP_WORDS.split())
"""Words that say how a question is asked, not what it asks for."""
# A prefix is stemmed as if it were a word, and so misses words whose ending it stands in: `runni`
# is not how `run`, the stem of `running`, begins. Words that it may become find those.
_ENDINGS: Final = (
    *("ed", "ative", "ful", "ness", "al", "ance", "ence"),
    *("ous", "ings", "ions", "ments", "ly", "ity", "ility", "ator", "ization", "ism"),
)
# Each of them, parted wherever a word may stop: what stands there already, and what comes; by the
# last letter that stands there.
_GROWING: Final = {
    letter: [
        (ending[:size], ending[size:])
        for ending in _ENDINGS
        for size in range(1, len(ending))
        if ending[size - 1] == letter
    ]
    for letter in sorted({*"".join(_ENDINGS)})
}


class Way(NamedTuple):
    """Words that stand side by side where a term is found.

    Attributes:
        words: One or several.
        goes_on: Whether the stem of the last one may go on.
    """

    words: tuple[str, ...]
    goes_on: bool


@dataclass(frozen=True)
class Term:
    """One thing to look for; what follows from it is found once for all letters that come after it.

    Attributes:
        words: One word, or several that stand side by side, in lower case.
        prefix: Whether the last word may go on.
        required: Whether a hit has to hold it, as it was asked for in quotes.
    """

    words: tuple[str, ...]
    prefix: bool = False
    required: bool = False

    @property
    def text(self) -> str:
        """The words as they are written."""
        return joined(self.words)

    @cached_property
    def is_common(self) -> bool:
        """Whether it says how is asked, not what for: `what`, `the`, `don't`."""
        if self.required or self.prefix:
            return False
        return self.words[1:] == ("t",) or STOP_WORDS.issuperset(self.words)

    @cached_property
    def ways(self) -> Sequence[Way]:
        """The words that stand for it: as they are, or what they may be the beginning of."""
        return _ways(self.words) if self.prefix else (Way(self.words, goes_on=False),)

    @cached_property
    def match(self) -> str:
        """The term as FTS5 reads it: quoted, so that no character of it is syntax."""
        ways = [
            f'"{spelled_out(" ".join(way.words))}"{"*" if way.goes_on else ""}' for way in self.ways
        ]
        return f"({' OR '.join(ways)})" if self.prefix else ways[0]


@lru_cache
def _ways(words: tuple[str, ...]) -> Sequence[Way]:
    """Return the words that the beginning of something may stand for."""
    *before, last = words
    ways = [Way(words, goes_on=True)]
    ways += [Way((*before, grown), goes_on=False) for grown in _grown(last)]
    if last.endswith(("y", "ys")):
        # The stem of `play` and `plays` is `plai`, that of `playground` is not.
        ways += [Way((*before, last + letter), goes_on=True) for letter in ascii_lowercase]
    return tuple(ways)


def _grown(word: str) -> tuple[str, ...]:
    """Return words that `word` may be the beginning of, and whose stems it does not begin."""
    if len(word) < 3 or not "a" <= word[-1] <= "z":
        return ()
    begun = _GROWING.get(word[-1], ())
    ways = [word + ending for ending in _ENDINGS]
    ways += [word + rest for start, rest in begun if word.endswith(start)]
    stems = stems_of([word, *ways])
    # One way to each stem will do, and looking for a word takes as long if there is none.
    found = {stems[way]: way for way in ways if not stems[way].startswith(stems[word])}
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is understood.

    Attributes:
        text: What is asked, in words, for the embedder. It can be encoded as UTF-8.
        terms: What to look for, `MAX_TERMS` at most.
        excluded: What no hit may hold, `MAX_TERMS` at most.
        filters: What every hit has to be.
        unread: What has the name of a filter, but makes none, and was taken as words; as typed.
    """

    text: str = ""
    terms: tuple[Term, ...] = ()
    excluded: tuple[Term, ...] = ()
    filters: Filters = EVERYTHING
    unread: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether a hit has to be anything but what is looked for."""
        return self.filters is not EVERYTHING and self.filters != EVERYTHING

    @property
    def required(self) -> tuple[Term, ...]:
        """The phrases that a hit has to hold.

        In a sentence quotes are only quotes: what it names need not stand in what answers it.
        """
        if any(term.is_common for term in self.terms):
            return ()
        return tuple(term for term in self.terms if term.required)

    @property
    def telling(self) -> tuple[Term, ...]:
        """The terms that say what is asked for; all of them where none does."""
        return tuple(term for term in self.terms if not term.is_common) or self.terms


# Reading what was typed.

_QUOTES: Final = dict.fromkeys(map(ord, "“”„‟«»″\uff02"), '"')
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_TOKEN: Final = re.compile(
    r"(?P<minus>(?<!\S)-(?=[^-\s]))?"
    r'(?:(?:(?P<name>[A-Za-z]+):)?"(?P<quoted>[^"]*)(?P<close>"\*?|\Z)'
    r"|(?P<plain>(?=\S)(?:(?P<field>[A-Za-z]+):)?(?P<value>\S*)))"
)
_SPECIAL: Final = re.compile(r'["*:]|(?<!\S)-+')
# What stands between words that have nothing to do with each other, unlike `-`, `.`, `/` and `:`.
_APART: Final = re.compile(
    r"[,;|&()\[\]{}<>=!?+\"\u2013\u2014\u2026\u060c\u061b\u061f\u3001\u3002\u300c-\u300f"
    r"\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]+"
)
# `Anna's`, `we'll`: what is asked for is the word before it.
_ENDED: Final = re.compile(r"(?<=\S)['\u2019](?:s|d|m|ll|re|ve)\b", re.IGNORECASE)


def parse_query(typed: str, *, is_typing: bool = False, now: datetime | None = None) -> Query:
    """Understand what a person typed.

    Words are looked for one by one, and what is joined without a space (`a-b`, `src/x.py:12`) side
    by side; of a script that has no spaces, each two or three letters. Quotes, typographic ones
    too, are around a phrase that has to stand there; one that is not closed takes the rest. A `-`
    before a word, a phrase or a filter turns it round. A word or phrase with `*` at its end may go
    on.

    Filters are `kind: type: reason: session: action: domain: tag: archived: before: after:`, with
    one value, or several with commas between; one in quotes is taken as it is. Several of one name
    mean any of them. A time is a date (`2026`, `2026-01`, `2026-01-31`), a time as it is stored,
    `today`, `yesterday`, or so long ago: `24h`, `7d`, `2w`, `3m` (of 30 days), `1y` (of 365).
    All are in UTC. What makes no sense as a filter is words, and named in `unread`.

    The first `MAX_TYPED` characters and `MAX_TERMS` terms count.

    Args:
        typed: Anything at all.
        is_typing: Whether the last word may still go on, and a filter that makes no sense yet is
            left out.
        now: What relative times count from, in UTC; the present if None.
    """
    typed = typed[:MAX_TYPED].replace("\0", " ")
    if not typed.isascii():
        typed = _SURROGATES.sub(" ", typed).translate(_QUOTES)
    reading, start = _Reading(now or datetime.now(UTC), len(typed) if is_typing else -1), 0
    # A phrase may go on, and a filter may depend on the time.
    if is_typing and '"' not in typed and ":" not in typed:
        start = typed.rfind(" ") + 1
        reading.go_on(_plain_words(typed[:start]))
    for token in _TOKEN.finditer(typed, start):
        reading.take(token)
    return reading.query()


# Whoever types a question has it read again with every letter of its last word.
@lru_cache(maxsize=16)
def _plain_words(typed: str) -> _Reading:
    """Read words that are finished, and neither phrases nor filters; nobody may change them."""
    reading = _Reading(datetime.now(UTC), -1)
    for token in _TOKEN.finditer(typed):
        reading.take(token)
    return reading


def as_words(text: str) -> str:
    """Return a question for the words of a text: no filter, no phrase and no not is in it."""
    return _SPECIAL.sub(" ", text.translate(_QUOTES))


class _Reading:
    """What of a question has been understood so far."""

    def __init__(self, now: datetime, unfinished: int) -> None:
        self._now = now
        self._unfinished = unfinished
        self._said: list[str] = []
        self._terms: dict[Term, None] = {}
        self._excluded: dict[Term, None] = {}
        self._filters: dict[str, Filters] = {}
        self._without: dict[Filters, None] = {}
        self._unread: dict[str, None] = {}

    def go_on(self, other: _Reading) -> None:
        """Go on behind words that another has read."""
        self._said += other._said
        self._terms |= other._terms
        self._excluded |= other._excluded

    def take(self, token: re.Match[str]) -> None:
        minus, name, quoted, close, plain, field, _ = token.groups()
        is_not, is_last = minus is not None, token.end() == self._unfinished
        filtered = (name or field or "").lower()
        if filtered in NAMES:
            if self._filter(token, filtered, is_not=is_not) or is_last:
                return
            self._unread[token[0]] = None
        if quoted is not None and name is None:
            phrase = quoted
            found = _phrase(phrase, is_prefix=close == '"*' or (is_last and not close))
        else:
            phrase = plain or f"{name}:{quoted}"
            text = phrase + "*" if is_last and not is_not else phrase
            found = _words(text) if is_not else _pieces(text)
        (self._excluded if is_not else self._terms).update(dict.fromkeys(found))
        if not is_not:
            self._said.append(phrase.rstrip("*").strip())

    def _filter(self, token: re.Match[str], name: str, *, is_not: bool) -> bool:
        """Take a filter, or say that it makes none."""
        quoted = token["quoted"]
        values = token["value"].split(",") if quoted is None else [quoted]
        read = [read_filter(name, value, self._now) for value in values]
        made = [each for each in read if each is not None]
        if len(made) < len(read):
            return False
        for each in made:
            if is_not:
                self._without[each] = None
            else:
                self._filters[name] = self._filters.get(name, each).either(each)
        return True

    def query(self) -> Query:
        filters = Filters(excluded=tuple(self._without)) if self._without else EVERYTHING
        for each in self._filters.values():
            filters = filters.both(each)
        terms = tuple(self._terms)[:MAX_TERMS]
        excluded = tuple(self._excluded)[:MAX_TERMS]
        said = " ".join(filter(None, self._said))
        return Query(said, terms, excluded, filters, tuple(self._unread)[:MAX_TERMS])


def _phrase(text: str, *, is_prefix: bool) -> list[Term]:
    words = _split(text)
    return [Term(words, is_prefix, required=True)] if words else []


def _words(text: str) -> list[Term]:
    found = ((_split(part), part.endswith("*")) for part in _APART.split(_ENDED.sub("", text)))
    return [Term(words, is_prefix) for words, is_prefix in found if words]


# Whoever types a question has it read again with every letter.
@lru_cache(maxsize=256)
def _pieces(text: str) -> list[Term]:
    """Return what to look for of a text: where no spaces are, nobody says where a word ends."""
    if text.isascii():
        return _words(text)
    found: list[Term] = []
    for term in _words(text):
        *parts, last = pieces(term.words)
        found += [*map(Term, parts), Term(last, term.prefix)]
    return found


def _split(text: str) -> tuple[str, ...]:
    words = [each[0] for each in islice(words_in(composed(text)), MAX_TERMS)]
    return tuple(word if _CAPITALS.search(word) else word.lower() for word in words)
