"""The retrieval benchmark, on a conversation that is made up here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import retrieval
from benchmarks._locomo import Question, conversations
from benchmarks._rankings import RANKINGS

_SAID = (
    "Hey, how was your weekend?",
    "I planted tomatoes in the greenhouse.",
    "Lovely, I only watched a movie.",
    "My sister adopted a parrot called Kiko.",
    "I start a new job at the harbour on Monday.",
)


def _file(tmp_path: Path, questions: list[dict[str, Any]]) -> Path:
    turns = [
        {"speaker": ("Ada", "Ben")[number % 2], "dia_id": f"D1:{number + 1}", "text": text}
        for number, text in enumerate(_SAID)
    ]
    turns[1]["blip_caption"] = "a photo of a red bucket"
    conversation = {"session_1": turns, "session_1_date_time": "1:56 pm on 8 May, 2023"}
    path = tmp_path / "talk.json"
    path.write_text(json.dumps([{"conversation": conversation, "qa": questions}]))
    return path


def _asked(question: str, *evidence: str, category: int = 4) -> dict[str, Any]:
    return {"question": question, "evidence": list(evidence), "category": category}


async def test_the_benchmark_finds_the_turns_that_answer(tmp_path: Path) -> None:
    path = _file(tmp_path, [_asked("Who adopted a parrot?", "D1:4"), _asked("red bucket", "D1:2")])
    found = await retrieval.measure(path)
    ours = [answer for answer in found if answer.ranking == "memglass"]
    assert retrieval.means(ours) == {"R@1": 1, "R@5": 1, "R@10": 1, "R@20": 1, "MRR": 1}


async def test_the_report_has_every_ranking_category_and_conversation(tmp_path: Path) -> None:
    found = await retrieval.measure(_file(tmp_path, [_asked("Where is the new job?", "D1:5")]))
    report = retrieval.report(found)
    assert all(name in report for name in (*RANKINGS, "| memglass | 1 |"))
    assert "| 4 | 1 |" in report
    assert "| conversation 1 | 1 |" in report


def test_evidence_ids_are_read_however_they_are_written(tmp_path: Path) -> None:
    path = _file(tmp_path, [_asked("?", "D1:1; D1:02", "D:1:3 D1:4")])
    (question,) = conversations(path)[0].questions
    assert question.evidence == ("D1:1", "D1:2", "D1:3", "D1:4")


@pytest.mark.parametrize(
    "question",
    [
        _asked("?", "D1:1", "D1:99"),
        _asked("?", "D1:1", "D"),
        _asked("?"),
        _asked("?", "D1:1", category=5),
    ],
)
def test_a_question_without_all_of_its_evidence_is_left_out(
    tmp_path: Path, question: dict[str, Any]
) -> None:
    assert conversations(_file(tmp_path, [question]))[0].questions == []


def test_evidence_beyond_the_first_k_is_no_recall_at_k() -> None:
    ranked = [f"D1:{number}" for number in range(1, 21)]
    question = Question("?", 1, ("D1:4", "D1:12"))
    assert retrieval.judge(question, ranked) == [0, 0.5, 0.5, 1, 0.25]


def test_a_file_of_another_format_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('[{"conversation": {"session_1": [{"text": "no speaker"}]}, "qa": []}]')
    with pytest.raises(ValueError, match=r"other\.json.*speaker"):
        conversations(path)
