"""What the tokenizer of the full text makes of words: `running` and `runs` are `run`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from functools import cache
from threading import Lock
from typing import Final, cast

from storage import driver, rows
from storage.search.characters import EMOJI
from storage.search.spelling import spelled_out

_CODES: Final = [
    code
    for first, last in re.findall("(.)(?:-(.))?", EMOJI)
    for code in range(ord(first), ord(last or first) + 1)
]
# The tokenizer sorts them by insertion, which is done soonest where the greatest comes first.
_EMOJI: Final = "".join(map(chr, sorted(_CODES, reverse=True)))
FULL_TEXT: Final = (
    f"porter unicode61 remove_diacritics 2 categories ''L* N* M*'' tokenchars ''{_EMOJI}''"
)
"""The tokenizer of the index, as it stands in the quotes of a declaration. Its stems are those of
Porter (An algorithm for suffix stripping, 1980)."""


_REMEMBERED: Final = 20_000
# Longer ones are left as they stand, so that each of them would be remembered for itself.
_LONGEST: Final = 64

_known: dict[str, str] = {}


class _Tokenizer:
    """A full text in memory that holds words for a moment, to be asked for its tokens."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._connection = driver.connect("file::memory:", busy_ms=0)
        self._connection.execute(f"CREATE VIRTUAL TABLE held USING fts5(x, tokenize='{FULL_TEXT}')")
        self._connection.execute("CREATE VIRTUAL TABLE tokens USING fts5vocab(held, instance)")

    def tokens(self, texts: Sequence[str]) -> list[str]:
        """Return the tokens of each text in their order, with a space between two."""
        found: list[list[str]] = [[] for _ in texts]
        with self._lock:
            self._connection.execute("BEGIN")
            try:
                insert = "INSERT INTO held (rowid, x) VALUES (?, ?)"
                self._connection.executemany(insert, enumerate(texts))
                select = "SELECT doc, term FROM tokens ORDER BY doc, offset"
                for number, token in rows.fetch(self._connection, select):
                    found[number].append(token)
            finally:
                self._connection.execute("ROLLBACK")
        return [" ".join(tokens) for tokens in found]


@cache
def _tokenizer() -> _Tokenizer:
    return _Tokenizer()


if hasattr(os, "register_at_fork"):
    # Another thread may hold the lock at that moment, and is not there in the new process.
    os.register_at_fork(after_in_child=_tokenizer.cache_clear)


def stems_of(words: Iterable[str]) -> dict[str, str]:
    """Return the stem of each word, by word.

    Of twenty words that nobody asked for before that takes 0.06 ms.
    """
    different = set(words)
    found = dict(zip(different, map(_known.get, different), strict=True))
    if None in found.values():
        new = [word for word, stem in found.items() if stem is None]
        made = dict(zip(new, _tokenizer().tokens([*map(spelled_out, new)]), strict=True))
        found |= made
        kept = [(word, made[word]) for word in new[:_REMEMBERED] if len(word) <= _LONGEST]
        if len(_known) + len(kept) > _REMEMBERED:
            _known.clear()
        _known.update(kept)
    return cast("dict[str, str]", found)
