"""When two things that are said of one field cannot both be true.

Nobody who says less denies what somebody else says: a domain knows a part of the world, in words of
its own. So two values are held against each other only where both are short and of one kind, and
only after what is mere spelling is taken away. Where it is not clear, nothing is claimed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from storage.json_utils import CorruptJSON
from storage.moments import parse_moment
from storage.search.characters import MARKS, one_of
from storage.search.spelling import composed, spelled_out

_LETTERS: Final = rf"[^\W\d_]+(?:{one_of(MARKS)}+[^\W\d_]*)*+"
# Compiled with its first use, which takes some milliseconds.
_WORD: Final = rf"{_LETTERS}[+#]*|(?<!\S)-\d+(?:\.\d+)*|\d+(?:\.\d+)*"
_DECIMAL: Final = re.compile(r"[+-]?\d{1,60}(?:\.\d{1,60})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_CAMEL: Final = re.compile(r"(?<=[a-z\d])(?=[A-Z])")
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")

# A value of more words than that is prose, which two domains never word alike.
_MOST_WORDS: Final = 8
_LONGEST_TEXT: Final = 80
# Of "prod" and "production" one is the other; of "db" and "dba" nobody knows.
_SHORTEST_STEM: Final = 4

_YES: Final = frozenset({"true", "yes", "on", "y"})
_NO: Final = frozenset({"false", "no", "off", "n"})
_DENIALS: Final = frozenset(
    {"not", "no", "never", "none", "nothing", "without", "non", "cannot", "nor"}
)

# What stands where nobody knows, as `folded()` has it.
_UNKNOWN: Final = frozenset(
    {
        *("", "?", "??", "???", "...", "\u2026", "\u2013", "\u2014", "n/a", "na", "null"),
        *("unknown", "not known", "undefined", "unspecified", "not specified", "unclear"),
        *("tbd", "tba", "todo"),
    }
)

# What is known of the belief instead of the thing, how often it came up in a domain, and prose.
_BOOKKEEPING: Final = frozenset(
    {
        *("confidence", "certainty", "score", "importance", "salience", "probability"),
        *("frequency", "mention", "mentions", "interaction", "interactions", "occurrences"),
        *("access", "accesses", "accessed", "usage", "embedding", "embeddings"),
        *("timestamp", "at", "seen", "created", "updated", "modified", "learned", "observed"),
        *("evidence", "source", "sources", "provenance", "session", "domain", "trigger", "history"),
        *("note", "notes", "observation", "observations", "comment", "comments", "description"),
        *("summary", "text", "content", "tag", "tags", "alias", "aliases", "label", "labels"),
        *("keywords", "examples", "context", "metadata", "reasoning", "explanation"),
    }
)
# The words for kinds of things are each domain's own; by ids and names a thing is found.
_NOT_COMPARED: Final = frozenset(
    {"id", "key", "name", "type", "kind", "category", "count", "weight", "entitytype", "entityid"}
    | {"relationtype", "sourceid", "targetid", "from", "to", "target"}
)


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without what is mere spelling: case, how accents are put, points, `_`, `-`, spaces.

    >>> folded("Orders_DB") == folded("orders-db")
    True
    """
    return re.sub(r"[\s_\-]+", " ", _plain(name)).strip()


@lru_cache(maxsize=4096)
def is_compared(name: str) -> bool:
    """Whether domains that hold different values under a name disagree on the world.

    >>> [name for name in ("engine", "updatedAt", "type", "uptime") if is_compared(name)]
    ['engine', 'uptime']
    """
    words = _words(_CAMEL.sub(" ", name).replace("_", " ").replace("-", " "))
    joined = "".join(words)
    return joined not in _NOT_COMPARED and _BOOKKEEPING.isdisjoint(words)


def says_something(value: Any) -> bool:
    """Whether a value says anything.

    Null, an empty text or list, what stands where nobody knows, and what is corrupt do not.

    >>> [value for value in ("mysql", "unknown", "N/A", "-", [], 0) if says_something(value)]
    ['mysql', 0]
    """
    if isinstance(value, CorruptJSON):
        return False
    if isinstance(value, str):
        return len(value) > _LONGEST_TEXT or folded(value) not in _UNKNOWN
    return value is not None and value != [] and value != {}


def contradict(one: Any, other: Any) -> bool:
    """Whether two values of one field cannot both be true.

    - Text: case, punctuation and `_` are spelling; one that says all that the other says, and more,
      only refines it (`postgres` and `PostgreSQL 15`), unless a negation is what it has more. Text
      of more than eight words is prose and never compared.
    - Numbers are compared as numbers, also where one is written as text (`"5432"`); dates with a
      time as the moment that they mean.
    - A list of one is what it holds. Longer lists never contradict: each may know a part.
    - Values of different kinds (an object and a text) are not compared.

    >>> contradict("mysql", "postgres"), contradict("postgres", "PostgreSQL 15")
    (True, False)
    >>> contradict("allowed", "not allowed"), contradict(1, "1.0"), contradict(["a"], ["b", "c"])
    (True, False, False)
    """
    one, other = _alone(one), _alone(other)
    if not (says_something(one) and says_something(other)):
        return False
    if any(isinstance(each, Mapping | list | tuple) for each in (one, other)):
        return False
    if isinstance(one, bool) or isinstance(other, bool):
        truths = _truth(one), _truth(other)
        return None not in truths and truths[0] != truths[1]
    numbers = _number(one), _number(other)
    if numbers[0] is not None and numbers[1] is not None:
        if math.isclose(numbers[0], numbers[1], rel_tol=1e-9):
            return False
        # Of two texts "4" can be the version of which "4.1" says more.
        if not (isinstance(one, str) and isinstance(other, str)):
            return True
    return _texts_contradict(_spelled(one), _spelled(other))


def denies(words: str) -> bool:
    """Whether a text has a negation in it."""
    return not _DENIALS.isdisjoint(_words(words))


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list | tuple) and len(value) == 1 else value


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return {0: False, 1: True}.get(int(value)) if value in (0, 1) else None
    word = str(value).strip().casefold()
    return True if word in _YES else False if word in _NO else None


def _number(value: Any) -> float | None:
    if isinstance(value, str) and not _DECIMAL.fullmatch(value.strip()):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _spelled(value: Any) -> str:
    if isinstance(value, int) and value.bit_length() > _LONGEST_TEXT:
        return hex(value)
    return str(value)


@lru_cache(maxsize=4096)
def _texts_contradict(one: str, other: str) -> bool:
    if max(len(one), len(other)) > _LONGEST_TEXT:
        return False
    if _STAMP.match(one) and _STAMP.match(other):
        return parse_moment(one) != parse_moment(other)
    words, others = _words(one), _words(other)
    if not words or not others:
        return _plain(one.strip()) != _plain(other.strip())
    if max(len(words), len(others)) > _MOST_WORDS:
        return False
    if denies(one) != denies(other):
        return True
    fewer, more = sorted((words, others), key=len)
    return not all(any(_is_one_word(word, each) for each in more) for word in fewer)


def _words(text: str) -> list[str]:
    return re.findall(_WORD, _plain(text).replace("n't", " not"))


def _plain(text: str) -> str:
    return spelled_out(composed(text.casefold()))


def _is_one_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if one == other or (long.startswith(f"{short}.") and short[-1].isdigit()):
        return True
    is_of_letters = short[0].isalpha() and short[-1] not in "+#"
    return len(short) >= _SHORTEST_STEM and is_of_letters and long.startswith(short)
