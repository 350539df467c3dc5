"""Reads a file of labelled conversations in the format of LoCoMo (Maharana et al., 2024)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

# 5 asks for what was never said, so that no turn is evidence of the answer.
CATEGORIES: Final = (1, 2, 3, 4)
_SESSION: Final = re.compile(r"session_(\d+)")
# Files say "D8:6", but also "D8:6; D9:17", "D1:1 D1:2", "D:11:26" and "D30:05".
_EVIDENCE: Final = re.compile(r"D:?(\d+):(\d+)")
_TIMES: Final = ("%I:%M %p on %d %B, %Y", "%d %B, %Y")


class Turn(NamedTuple):
    """One turn of a conversation; `moment` is that of its session, if the file says it."""

    dia_id: str
    session_id: str
    moment: datetime | None
    content: str

    def interaction(self) -> dict[str, Any]:
        """Return it as an agent gives it to the store."""
        given: dict[str, Any] = {
            "session_id": self.session_id,
            "content": self.content,
            "details": {"dia_id": self.dia_id},
        }
        return given if self.moment is None else {**given, "timestamp": self.moment}


class Question(NamedTuple):
    """One question, and the `dia_id`s of the turns that answer it."""

    text: str
    category: int
    evidence: tuple[str, ...]


class Conversation(NamedTuple):
    """One conversation, its turns in order, and what is asked about it."""

    name: str
    turns: Sequence[Turn]
    questions: Sequence[Question]


def conversations(path: Path) -> list[Conversation]:
    """Read every conversation of a file.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is not in the format of LoCoMo.
    """
    found = json.loads(path.read_bytes())
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError(f"{path} is no list of conversations: give a file in LoCoMo's format.")
    return [_conversation(path, number, each) for number, each in enumerate(found)]


def _conversation(path: Path, number: int, found: Mapping[str, Any]) -> Conversation:
    name = str(found.get("sample_id") or f"conversation {number + 1}")
    try:
        turns = list(_turns(found["conversation"]))
        known = {turn.dia_id for turn in turns}
        return Conversation(name, turns, list(_questions(found["qa"], known)))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}, {name}: {error!r} stands in the way of reading it as LoCoMo's format."
        ) from error


def _turns(conversation: Mapping[str, Any]) -> Iterator[Turn]:
    sessions = {
        int(match[1]): key for key in conversation if (match := _SESSION.fullmatch(key)) is not None
    }
    for _, key in sorted(sessions.items()):
        moment = _moment(conversation.get(f"{key}_date_time"))
        for turn in conversation[key]:
            said = [turn.get("text"), turn.get("blip_caption")]
            content = f"{turn['speaker']}: {' '.join(filter(None, said))}"
            yield Turn(turn["dia_id"], key, moment, content)


def _moment(said: str | None) -> datetime | None:
    for form in _TIMES:
        try:
            return datetime.strptime(said or "", form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def _questions(given: Sequence[Mapping[str, Any]], known: set[str]) -> Iterator[Question]:
    for question in given:
        evidence = _evidence(question.get("evidence") or ())
        if question["category"] in CATEGORIES and evidence and known.issuperset(evidence):
            yield Question(question["question"], question["category"], evidence)


def _evidence(given: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that are meant; none at all where one of them cannot be read."""
    found = [_EVIDENCE.findall(each) for each in given]
    if not all(found):
        return ()
    ids = (f"D{int(session)}:{int(turn)}" for each in found for session, turn in each)
    return tuple(dict.fromkeys(ids))
