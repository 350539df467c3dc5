"""Measures how well questions find the turns that answer them: `benchmarks/retrieval.py PATH`.

PATH is a file of labelled conversations in the format of LoCoMo. Each conversation becomes a
database of its own, every turn an interaction, as an agent would write them, with nothing
prepared. Asked are the questions of categories 1 to 4 whose evidence is there, through the public
`search()` with its defaults; the baselines beside it get the same turns and the same questions.

R@k is the share of a question's evidence among the first k hits, MRR the reciprocal rank of the
first piece of evidence among the first 20, both as means over questions.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

if not __package__:
    # Run as a file, this folder would hide the library that has the same name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks._locomo import CATEGORIES, Conversation, Question, conversations
from benchmarks._rankings import RANKINGS, Baselines
from storage import HybridStore

_LIMIT: Final = 20
_AT: Final = (1, 5, 10, 20)
_OURS: Final = "memglass"
_WANTED: Final = {"R@10": 0.77, "MRR": 0.54}
_COLUMNS: Final = (*(f"R@{k}" for k in _AT), "MRR")


class Answer(NamedTuple):
    """What one ranking made of one question: a value for each of the columns."""

    ranking: str
    conversation: str
    category: int
    values: Sequence[float]


def judge(question: Question, ranked: Sequence[str]) -> list[float]:
    """Return R@1, R@5, R@10, R@20 and the reciprocal rank of the first evidence.

    Args:
        question: What was asked.
        ranked: The `dia_id`s of the answer, best first.
    """
    ranks = [ranked.index(each) for each in question.evidence if each in ranked]
    recalls = [sum(rank < k for rank in ranks) / len(question.evidence) for k in _AT]
    return [*recalls, 1 / (1 + min(ranks)) if ranks else 0.0]


async def answers(conversation: Conversation, path: Path) -> list[Answer]:
    """Ask everything about one conversation, of ours and of the baselines.

    Args:
        conversation: What is searched, and what is asked.
        path: Where its database is made.
    """
    found = []
    async with HybridStore(path) as store:
        await store.add_interactions(turn.interaction() for turn in conversation.turns)
        status = await store.wait_for_index()
        for sentence in status.missing:
            print(f"{conversation.name}: {sentence}", file=sys.stderr)
        for question in conversation.questions:
            hits = await store.search(question.text, limit=_LIMIT)
            ranked = [str(hit.record["details"]["dia_id"]) for hit in hits]
            values = judge(question, ranked)
            found.append(Answer(_OURS, conversation.name, question.category, values))
    return found + _baselines(conversation)


def _baselines(conversation: Conversation) -> list[Answer]:
    baselines = Baselines(conversation)
    try:
        return [
            Answer(
                ranking,
                conversation.name,
                question.category,
                judge(question, baselines.rank(ranking, question.text, _LIMIT)),
            )
            for ranking in RANKINGS
            for question in conversation.questions
        ]
    finally:
        baselines.close()


def means(found: Iterable[Answer]) -> dict[str, float]:
    """Return the mean of each column over some answers."""
    columns = zip(*(answer.values for answer in found), strict=True)
    return {name: sum(values) / len(values) for name, values in zip(_COLUMNS, columns, strict=True)}


def _table(title: str, rows: Iterable[tuple[str, Sequence[Answer]]]) -> str:
    lines = [
        f"| {title} | questions | {' | '.join(_COLUMNS)} |",
        f"|---|---{'|---' * len(_COLUMNS)}|",
    ]
    for name, found in rows:
        cells = " | ".join(f"{value:.3f}".lstrip("0") for value in means(found).values())
        lines.append(f"| {name} | {len(found):,} | {cells} |")
    return "\n".join(lines)


def report(found: Sequence[Answer]) -> str:
    """Return every table, in Markdown."""
    ours = [answer for answer in found if answer.ranking == _OURS]

    def split(key: Callable[[Answer], str], names: Iterable[str]) -> list[tuple[str, list[Answer]]]:
        groups = ((name, [answer for answer in ours if key(answer) == name]) for name in names)
        return [(name, group) for name, group in groups if group]

    rankings = [
        (name, [answer for answer in found if answer.ranking == name])
        for name in (*RANKINGS, _OURS)
    ]
    by_category = split(lambda answer: str(answer.category), map(str, CATEGORIES))
    names = dict.fromkeys(answer.conversation for answer in ours)
    by_conversation = split(lambda answer: answer.conversation, names)
    return "\n\n".join(
        (
            _table("ranking", rankings),
            _table(f"{_OURS}, by category", by_category),
            _table(f"{_OURS}, by conversation", by_conversation),
        )
    )


async def measure(path: Path) -> list[Answer]:
    """Ask everything about every conversation of a file."""
    found = []
    with tempfile.TemporaryDirectory(prefix="memglass-retrieval-") as folder:
        for number, conversation in enumerate(conversations(path)):
            found += await answers(conversation, Path(folder) / f"{number}.db")
    return found


def main() -> int:
    """Print the tables; return 1 if a figure falls short, 2 if there is nothing to measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path, help="labelled conversations, in LoCoMo's format")
    try:
        found = asyncio.run(measure(parser.parse_args().path))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if not found:
        print("No question of categories 1 to 4 has all of its evidence.", file=sys.stderr)
        return 2
    print(report(found))
    reached = means(answer for answer in found if answer.ranking == _OURS)
    missed = {name for name, least in _WANTED.items() if reached[name] < least}
    wanted = ", ".join(
        f"{name} {reached[name]:.3f} of {least:.2f}{' MISSED' if name in missed else ''}"
        for name, least in _WANTED.items()
    )
    print(f"\nWanted: {wanted}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
