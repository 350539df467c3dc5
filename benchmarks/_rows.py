"""Realistic interactions: the turns of a coding agent, the same ones for the same number."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

Turn = dict[str, Any]

_SEED: Final = 7
_POOL: Final = 500
_TURNS_PER_SESSION: Final = 40
_SECONDS_BETWEEN: Final = 20.0
_BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TEXT: Final = (
    "the agent reads this module then edits a function because its test fails on an import that"
    " was renamed in the last commit and the pipeline of the release branch shows the same trace"
    " so we look at orders invoices refunds currency webhooks migrations before the deploy"
)
_WORDS: Final = _TEXT.split()
_TOOLS: Final = ("read_file", "edit_file", "run_tests", "search", "run_command")
_FOLDERS: Final = ("billing", "orders", "auth", "reports", "jobs", "webhooks")


class _Dice:
    """A source of chance with pools of texts, because drawing each word anew would take minutes."""

    def __init__(self) -> None:
        self.chance = random.Random(_SEED)
        self._short = [self._sentences(1, 2) for _ in range(_POOL)]
        self._long = [self._sentences(2, 6) for _ in range(_POOL)]
        self._output = [self._lines() for _ in range(_POOL)]

    def _sentences(self, least: int, most: int) -> str:
        return " ".join(
            " ".join(self.chance.choices(_WORDS, k=self.chance.randint(6, 16))).capitalize() + "."
            for _ in range(self.chance.randint(least, most))
        )

    def _lines(self) -> str:
        return "\n".join(
            f"{self.path()}:{self.chance.randrange(900)}: {self._sentences(1, 1)}"
            for _ in range(self.chance.randint(1, 9))
        )

    def path(self) -> str:
        folder = self.chance.choice(_FOLDERS)
        return f"src/{folder}/{self.chance.choice(_WORDS)}_{self.chance.randrange(40)}.py"

    def message(self) -> Turn:
        if self.chance.random() < 0.4:
            return {"role": "user", "action": "message", "content": self.chance.choice(self._short)}
        return {
            "role": "agent",
            "action": "message",
            "content": self.chance.choice(self._long),
            "metadata": {"model": "local-32b", "tokens": self.chance.randrange(900)},
        }

    def call(self) -> Turn:
        tool, path = self.chance.choice(_TOOLS), self.path()
        return {
            "role": "agent",
            "action": tool,
            "content": self.chance.choice(self._short),
            "file_path": path,
            "details": {
                "tool": tool,
                "call": f"call_{self.chance.randrange(2**32):08x}",
                "arguments": {"path": path, "lines": [self.chance.randrange(900), 40]},
            },
            "metadata": {"model": "local-32b", "tokens": self.chance.randrange(900)},
        }

    def result(self) -> Turn:
        ok = self.chance.random() < 0.9
        return {
            "role": "tool",
            "action": self.chance.choice(_TOOLS),
            "content": self.chance.choice(self._output),
            "file_path": self.path(),
            "details": {
                "call": f"call_{self.chance.randrange(2**32):08x}",
                "ok": ok,
                "exit_code": 0 if ok else 1,
                "seconds": round(self.chance.random() * 9, 2),
            },
        }


def turns(count: int) -> Iterator[Turn]:
    """Yield `count` interactions as an agent gives them: no ids, times as text, oldest first."""
    dice = _Dice()
    kinds = (dice.message, dice.call, dice.result)
    at = _BEGINNING
    for number in range(count):
        at += timedelta(seconds=dice.chance.expovariate(1 / _SECONDS_BETWEEN))
        yield {
            "timestamp": at.isoformat(),
            "session_id": f"s-{number // _TURNS_PER_SESSION:06d}",
            **kinds[number % 3](),
        }


def moment_of(number: int) -> datetime:
    """Return about when the turn of this number happened."""
    return _BEGINNING + timedelta(seconds=number * _SECONDS_BETWEEN)
