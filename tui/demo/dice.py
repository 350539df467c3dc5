"""Chance that is the same in every run: named streams of random numbers, and decks of phrases."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

SEED: Final = "ledger, summer 2026"

T = TypeVar("T")


class Dice:
    """One stream of random numbers, named after what it decides.

    Everything is drawn through `random.Random.random()`, whose numbers for a seed are promised to
    stay the same in every version of Python; those of `choice()` or `shuffle()` are not.
    """

    def __init__(self, name: str) -> None:
        self._random = random.Random(f"{SEED}/{name}")  # noqa: S311 - a story needs no secrets

    def chance(self, share: float) -> bool:
        """Return True in `share` (0.0 to 1.0) of all cases."""
        return self._random.random() < share

    def between(self, low: float, high: float) -> float:
        """Return a number from `low` up to `high`."""
        return low + (high - low) * self._random.random()

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int((high - low + 1) * self._random.random())

    def pause(self, low: float, high: float) -> float:
        """Return seconds from `low` to `high`, short ones far more often than long ones."""
        return low + (high - low) * self._random.random() ** 3

    def pick(self, items: Sequence[T]) -> T:
        """Return one of `items`."""
        return items[self.number(0, len(items) - 1)]

    def weighted(self, weights: Mapping[str, float]) -> str:
        """Return one of the keys, each as often as its weight says."""
        left = self.between(0, sum(weights.values()))
        for name, weight in weights.items():
            left -= weight
            if left < 0:
                return name
        return next(reversed(list(weights)))

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in another order."""
        marked = [(self._random.random(), place) for place in range(len(items))]
        return [items[place] for _, place in sorted(marked)]

    def hexadecimal(self, digits: int) -> str:
        """Return a number of so many hexadecimal digits, such as a commit has."""
        return f"{self.number(0, 16**digits - 1):0{digits}x}"


class Deck:
    """Decks of things to say or do: none comes again before all others of its deck were dealt."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._left: dict[str, list[int]] = {}

    def deal(self, name: str, items: Sequence[T]) -> T:
        """Return the next of `items`, which are always the same for one `name`."""
        left = self._left.get(name)
        if not left:
            left = self._left[name] = self._dice.shuffled(range(len(items)))
        return items[left.pop()]
