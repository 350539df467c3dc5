"""Asking as the agent would: by words or meaning, cut off at k, and questions that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import HybridStore
from tests.tui.asking import asking, fill, found, learned, pane, rows
from tests.tui.conftest import Browse, lines, press, screen, toasts
from tests.tui.waiting import settled


@pytest.fixture
async def memory(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    await fill(path)
    return path


async def test_words_or_meaning_or_both_answer_and_the_screen_says_which(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser", size=(100, 30)) as pilot:
        await press(pilot, "down")
        assert "words + meaning" in lines(pilot)[2]
        both = found(pilot)
        await press(pilot, "b")
        assert "words only" in lines(pilot)[2]
        assert {"words", "nearby"}.issuperset(row.split()[5] for row in rows(pilot) if row.strip())
        await press(pilot, "b")
        assert "meaning only" in lines(pilot)[2]
        assert len(found(pilot)) > len(both)


async def test_the_way_of_asking_is_remembered(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down", "b", "K", "ctrl+u", "2", "enter")
    async with asking(memory, browse, "parser", size=(100, 30)) as pilot:
        assert "words only k 2" in lines(pilot)[2]


async def test_what_the_agent_does_not_get_has_its_rank_in_brackets(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "deploy", size=(100, 30)) as pilot:
        await press(pilot, "down", "K", "ctrl+u", "2", "enter")
        assert [row.split()[0] for row in rows(pilot)[:3]] == ["1", "2", "(3)"]
        await press(pilot, "down", "down")
        assert "with k = 2 the agent does not get it" in screen(pilot)


@pytest.mark.parametrize("typed", ["0", "501", "many", "-1"])
async def test_a_cut_that_makes_no_sense_changes_nothing(
    memory: Path, browse: Browse, typed: str
) -> None:
    async with asking(memory, browse, "deploy") as pilot:
        await press(pilot, "down", "K", "ctrl+u", *typed, "enter")
        assert pane(pilot).ways.cut == 20
        assert "Give a number from 1 to 500." in toasts(pilot)


async def test_a_saved_question_shows_what_is_new_and_what_is_gone(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "tabs", size=(120, 30)) as pilot:
        await press(pilot, "down", "b", "S")
        assert found(pilot) == ["pat-2"]
        assert "saved: nothing moved" in lines(pilot)[2]
    async with HybridStore(memory) as store:
        await store.update_pattern("pat-2", name="Prefers spaces", description="Spaces.")
        await store.add_pattern(learned("pat-9", "Tabs in the ledger", "preference"))
    async with asking(memory, browse, size=(120, 30)) as pilot:
        await press(pilot, "escape", "o", "enter")
        assert lines(pilot)[1].strip() == "tabs"
        assert "saved: 1 new, 1 gone" in lines(pilot)[2]
        assert [row.split()[:3] for row in rows(pilot)[:2]] == [
            ["1", "new", "pattern"],
            ["gone", "pattern", "Prefers"],
        ]
        await press(pilot, "down")
        assert "Prefers spaces" in screen(pilot)


async def test_a_saved_question_is_saved_anew_or_forgotten(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "tabs") as pilot:
        await press(pilot, "down", "S", "S")
        assert "This question is saved" in screen(pilot)
        await press(pilot, "d")
        assert pane(pilot).ways.queries == []
        assert "saved:" not in lines(pilot)[2]
        await press(pilot, "o")
        assert "No question is saved yet" in toasts(pilot)


async def test_that_a_question_is_saved_is_no_change_of_what_it_finds(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "deploy", size=(100, 30)) as pilot:
        await press(pilot, "down", "S")
        table = pane(pilot).table
        assert "moved" in lines(pilot)[3]
        assert {table.fresh.sign(key) for key in table.keys} == {""}


async def test_a_click_changes_what_answers(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploy", size=(100, 30)) as pilot:
        at = lines(pilot)[2].index("words + meaning")
        await pilot.click("#search .list-bar", offset=(at, 0))
        await settled(pilot)
        assert "words only" in lines(pilot)[2]
