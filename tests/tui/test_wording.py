"""Small words of sentences on screen."""

from __future__ import annotations

import pytest

from tui.wording import sentence


@pytest.mark.parametrize(
    "name", ["l/memory.db", "memory.db", "int-0412", "w-1", "~/kestrel", "metadata.source"]
)
def test_a_name_at_the_beginning_of_a_sentence_stays_itself(name: str) -> None:
    assert sentence(f"{name} is damaged; work on a copy") == f"{name} is damaged; work on a copy."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("archived 2 patterns", "Archived 2 patterns."),
        ("near-duplicates, two of them!", "Near-duplicates, two of them!"),
        ("done: all of it\u2026", "Done: all of it\u2026"),
        ("2 patterns", "2 patterns."),
        ("  ", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_and_ends(text: str, told: str) -> None:
    assert sentence(text) == told
