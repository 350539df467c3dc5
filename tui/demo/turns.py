"""Turns of a session, and the pen that writes an episode of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tui.demo.data import phrases
from tui.demo.dice import Deck, Dice

AGENT: Final = "Kestrel"
TOOL: Final = "tool"


@dataclass(slots=True)
class Turn:
    """One interaction before it has its id.

    Attributes:
        who: A person's name, `AGENT` or `TOOL`.
        action: What was done.
        content: The text of it.
        pause: Seconds since the turn before.
        file_path: The file that it was about.
        details: Arguments and results of tools.
        topic: What the turn is evidence of, as `issue:<symbol>` or `belief:<id>`.
        starts: Whether it is the first of an episode.
        gist: What a summary of the episode would say, in its first turn.
        at: When it happened, in UTC, once it has been placed.
        session: Id of its session.
        id: Its public id, once it has been numbered.
        metadata: What else is stored with it.
        archived: Whether a consolidation has taken it away.
    """

    who: str
    action: str
    content: str
    pause: float = 20.0
    file_path: str | None = None
    details: Any = field(default_factory=dict)
    topic: str = ""
    starts: bool = False
    gist: str = ""
    at: datetime | None = None
    session: str = ""
    id: str = ""
    metadata: Any = field(default_factory=dict)
    archived: bool = False

    @property
    def role(self) -> str:
        """`user`, `agent` or `tool`."""
        return {AGENT: "agent", TOOL: "tool"}.get(self.who, "user")

    @property
    def moment(self) -> datetime:
        """When it happened; only for a turn that has been placed."""
        if self.at is None:
            raise ValueError(f"The turn {self.content[:40]!r} has no time yet; place it first.")
        return self.at


@dataclass(slots=True)
class Voices:
    """What the episodes of one session share; `seen` counts faults over all sessions."""

    dice: Dice
    deck: Deck
    author: str
    other: str
    version: str
    seen: Counter[str]


class Pen:
    """Writes one episode, turn by turn, in the words of `phrases_*.toml`."""

    def __init__(self, kind: str, voices: Voices, slots: Mapping[str, str]) -> None:
        self.dice = voices.dice
        self.deck = voices.deck
        self.author = voices.author
        self.turns: list[Turn] = []
        self._kind = kind
        self.slots = {"author": voices.author, "other": voices.other, **slots}
        for name, text in tuple(self.slots.items()):
            # Every slot may begin a sentence, and every sentence may become a clause.
            self.slots[name.capitalize()] = text[:1].upper() + text[1:]
            self.slots[f"{name}_low"] = text[:1].lower() + text[1:]

    def words(self, act: str) -> str:
        """Return the next phrase for a speech act, filled in."""
        pool = phrases()[self._kind][act]
        return self.deck.deal(f"{self._kind}.{act}", pool).format_map(self.slots)

    def add(self, who: str, action: str, content: str, pause: float, **more: Any) -> Turn:
        """Add a turn."""
        turn = Turn(who, action, content, pause, **more)
        if not self.turns:
            turn.starts = True
        self.turns.append(turn)
        return turn

    def user(self, act: str, who: str = "") -> Turn:
        """Let a person speak; without `who` it is the session's author."""
        pause = self.dice.pause(35, 420) if self.turns else self.dice.pause(150, 2700)
        return self.add(who or self.author, "message", self.words(act), pause)

    def exchange(self, act: str) -> None:
        """Let the author ask, and the agent answer; the phrases hold both, parted by `//`."""
        asked, answer = self.words(act).split(" // ")
        self.add(self.author, "message", asked, self.dice.pause(20, 300))
        self.add(AGENT, "message", answer, self.dice.pause(6, 60))

    def agent(self, act: str, action: str = "message") -> Turn:
        """Let the agent speak."""
        pause = self.dice.pause(6, 70) if self.turns else self.dice.pause(90, 1200)
        return self.add(AGENT, action, self.words(act), pause)

    def call(self, tool: str, act: str, path: str | None = None, /, **arguments: Any) -> Turn:
        """Let the agent use a tool; `result()` follows."""
        details = {"tool": tool, "call": f"call_{self.dice.hexadecimal(8)}", "arguments": arguments}
        pause = self.dice.pause(4, 45)
        return self.add(AGENT, tool, self.words(act), pause, file_path=path, details=details)

    def result(self, content: str, /, *, ok: bool = True, **details: Any) -> Turn:
        """Add what the tool that was called last has answered."""
        call = self.turns[-1]
        seconds = self.dice.pause(0.05, 3.0)
        if call.action in ("run_tests", "run_command", "deploy"):
            seconds = self.dice.pause(2.0, 95.0)
        held = {
            "tool": call.action,
            "call": call.details["call"],
            "ok": ok,
            "exit_code": 0 if ok else 1,
            "seconds": round(seconds, 2),
            **details,
        }
        return self.add(
            TOOL, call.action, content, seconds + 0.4, file_path=call.file_path, details=held
        )
