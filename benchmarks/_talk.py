"""Made-up memories with the statistics of real ones, the same ones for the same numbers.

Vectors of chance and texts of a few hundred words say nothing about a search: there all records
are equally far from everything, or hundreds are the same. So a session has its speakers and its
topics, whose words are near one another in meaning; other words come from the vocabulary of the
model that embeds them, all with the frequencies of language (Zipf); and rare words are made up.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from benchmarks._frames import ASIDES, ASKED, FRAMES, NAMES, THEMES
from storage.embedders import WordLlamaEmbedder

if TYPE_CHECKING:
    from numpy.typing import NDArray

TURNS_PER_SESSION: Final = 40
SECONDS_BETWEEN: Final = 30

_SEED: Final = 11
_BEGINNING: Final = datetime(2024, 1, 1, tzinfo=UTC)
_TOPICS: Final = 400
_WORDS_NEAR: Final = 60
_RARE_WORDS: Final = 60_000
# Draws of a session, made at once because one by one takes ten times as long.
_DRAWS: Final = 1600
_TOOLS: Final = ("read_file", "edit_file", "run_tests", "search", "run_command")


class Session(NamedTuple):
    """What one session is about, and who speaks in it."""

    name: str
    topics: tuple[int, int]
    speakers: tuple[str, str]


class Talk:
    """Turns of sessions, and questions about them. Each session is drawn on its own."""

    def __init__(self) -> None:
        words = _vocabulary()
        chance = np.random.default_rng(_SEED)
        pairs = chance.integers(0, len(words), (_RARE_WORDS, 2)).tolist()
        made_up = [words[first] + words[second] for first, second in pairs]
        self._words = words
        self.general = _Zipf(words + made_up, 1.05)

    @cached_property
    def topics(self) -> list[_Zipf]:
        """The words of each topic: those of its theme, and what is near one of them in meaning."""
        embedder = WordLlamaEmbedder()
        vectors = embedder.embed_now(self._words)
        themes = [THEMES[number % len(THEMES)] for number in range(_TOPICS)]
        turned = [
            [*theme[place:], *theme[:place]]
            for number, theme in enumerate(themes)
            for place in (number // len(THEMES) % len(theme),)
        ]
        centres = embedder.embed_now([words[0] for words in turned])
        near = np.argsort(-(centres @ vectors.T), axis=1)[:, :_WORDS_NEAR].tolist()
        return [
            _Zipf(words + [self._words[place] for place in row], 0.8)
            for words, row in zip(turned, near, strict=True)
        ]

    def session(self, number: int) -> Session:
        """Return what the session of this number is about."""
        return self._session(number, _chance(number))

    def _session(self, number: int, chance: np.random.Generator) -> Session:
        first, second = (chance.random(2) ** 2 * _TOPICS).astype(int).tolist()
        one, other = (chance.random(2) ** 2 * len(NAMES)).astype(int).tolist()
        return Session(f"s-{number:06d}", (first, second), (NAMES[one], NAMES[other]))

    def turns(self, count: int) -> Iterator[dict[str, Any]]:
        """Yield the first `count` turns as an agent gives them, oldest first."""
        for number in range(-(-count // TURNS_PER_SESSION)):
            yield from self._turns(number)[: count - number * TURNS_PER_SESSION]

    def _turns(self, number: int) -> list[dict[str, Any]]:
        chance = _chance(number)
        session = self._session(number, chance)
        draws = _Draws(self, session, chance)
        make = self._call if number % 3 == 2 else self._said
        at = _BEGINNING + timedelta(seconds=number * TURNS_PER_SESSION * SECONDS_BETWEEN)
        turns = []
        for turn in range(TURNS_PER_SESSION):
            at += timedelta(seconds=draws.number(2 * SECONDS_BETWEEN))
            turns.append(
                {"session_id": session.name, "timestamp": at.isoformat(), **make(draws, turn)}
            )
        return turns

    def _said(self, draws: _Draws, turn: int) -> dict[str, Any]:
        speaker = draws.session.speakers[turn % 2]
        return {"action": "message", "content": f"{speaker}: {draws.text()}"}

    def _call(self, draws: _Draws, turn: int) -> dict[str, Any]:
        if turn % 3 == 0:
            role = "user" if turn % 2 else "agent"
            return {"role": role, "action": "message", "content": draws.text()}
        tool = _TOOLS[draws.number(len(_TOOLS))]
        path = f"src/{draws.word()}/{draws.word()}_{draws.word()}.py"
        return {
            "role": "agent" if turn % 3 == 1 else "tool",
            "action": tool,
            "content": draws.text(),
            "file_path": path,
            "details": {
                "tool": tool,
                "arguments": {"path": path, "query": draws.word()},
                "call": f"call_{draws.number(2**31):08x}",
            },
        }

    def questions(self, count: int, records: int) -> list[str]:
        """Return questions about the first `records` turns, two to eight words of content each."""
        chance = np.random.default_rng((_SEED, count))
        sessions = chance.integers(0, max(records // TURNS_PER_SESSION, 1), count).tolist()
        drawn = [_Draws(self, self.session(number), _chance(~number)) for number in sessions]
        return [draws.question() for draws in drawn]

    def filtered(self, count: int, records: int) -> list[str]:
        """Return questions with a filter each, of every sort that interactions have."""
        sessions = np.random.default_rng((_SEED, count)).integers(
            0, max(records // TURNS_PER_SESSION, 1), count
        )
        middle = _BEGINNING + timedelta(seconds=records * SECONDS_BETWEEN / 2)
        sorts = (
            "session:{name}",
            "action:run_tests",
            "action:message",
            "kind:interaction",
            f"before:{middle:%Y-%m-%d}",
            f"after:{middle:%Y-%m-%d}",
            "archived:no",
        )
        questions = self.questions(count, records)
        return [
            f"{question} {sorts[place % len(sorts)].format(name=self.session(number).name)}"
            for place, (question, number) in enumerate(
                zip(questions, sessions.tolist(), strict=True)
            )
        ]


class _Zipf:
    """Words, the first the most frequent: the r-th comes up in proportion to r ** -exponent."""

    def __init__(self, words: Sequence[str], exponent: float) -> None:
        self._words = words
        shares = np.arange(2, len(words) + 2, dtype=float) ** -exponent
        self._reach = shares.cumsum() / shares.sum()

    def at(self, points: NDArray[np.float64]) -> list[str]:
        """Return the words at some points of [0, 1)."""
        return [self._words[place] for place in self._reach.searchsorted(points).tolist()]


class _Draws:
    """What comes up in one session, in the order in which it is asked for."""

    def __init__(self, talk: Talk, session: Session, chance: np.random.Generator) -> None:
        self.session = session
        self._points = chance.random(_DRAWS).tolist()
        first, second = (talk.topics[topic] for topic in session.topics)
        slots = chance.random(_DRAWS)
        # Most words that say something belong to what the session is about.
        self._slots = first.at(slots)
        for share, words in ((0.6, second), (0.75, talk.general)):
            places = np.flatnonzero(chance.random(_DRAWS) > share)
            for place, word in zip(places.tolist(), words.at(slots[places]), strict=True):
                self._slots[place] = word
        self._used = 0

    def number(self, end: int) -> int:
        """Return a number from 0 to `end` - 1."""
        self._used += 1
        return int(self._points[self._used % _DRAWS] * end)

    def word(self) -> str:
        """Return a word that says something."""
        self._used += 1
        return self._slots[self._used % _DRAWS]

    def frame(self, frames: Sequence[str]) -> str:
        """Fill a frame; the first ones are the most frequent."""
        frame = frames[int(self._points[(self._used * 7 + 3) % _DRAWS] ** 1.5 * len(frames))]
        words = [self.word() for _ in range(frame.count("{}"))]
        speaker = self.session.speakers[self.number(2)]
        return frame.format(*words, name=speaker, number=self.number(5000))

    def text(self) -> str:
        """Return what is said in one turn: mostly one to four sentences."""
        kind = self.number(100)
        if kind < 6:
            return self.frame(ASIDES)
        sentences = 1 + int((self.number(1000) / 1000) ** 2 * 5)
        return " ".join(self.frame(FRAMES) for _ in range(sentences))

    def question(self) -> str:
        """Return a question about the session, or words alone."""
        return self.frame(ASKED)


def _chance(number: int) -> np.random.Generator:
    return np.random.default_rng((_SEED, number & 0xFFFFFFFF))


def _vocabulary() -> list[str]:
    """Return the words of the default embedder that stand for themselves, frequent ones first."""
    spec = find_spec("wordllama")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The benchmark embeds with wordllama: run `pip install wordllama`.")
    folder = Path(spec.submodule_search_locations[0])
    file = folder / "tokenizers" / "l2_supercat_tokenizer_config.json"
    tokens = json.loads(file.read_bytes())["model"]["vocab"]
    words = (token[1:] for token in sorted(tokens, key=tokens.__getitem__) if token[0] == "▁")
    return [word for word in words if len(word) > 3 and word.isascii() and word.islower()]
