"""From what was found to the record itself and back, and what can be done to it there."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.tui.asking import ask, asking, fill, found, indexed, learned, look, pane, rows
from tests.tui.conftest import Browse, lines, press, screen, stored, toasts
from tests.tui.test_hostile import ALL, HOSTILE, assert_only_text, make


@pytest.fixture
async def memory(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    await fill(path)
    return path


@pytest.mark.parametrize(
    ("question", "tab", "row"),
    [
        ("lunch", "[2 Int", "Lunch was excellent"),
        ("tabs kind:pattern", "[3 Patterns]", "Prefers tabs"),
        ("night archived:yes", "[4 Archive]", "Deploys happen at night"),
        ("postgres kind:entity", "[5 W", "infra"),
    ],
)
async def test_enter_goes_to_the_record_in_its_own_pane(
    memory: Path, browse: Browse, question: str, tab: str, row: str
) -> None:
    async with asking(memory, browse, question) as pilot:
        await press(pilot, "down", "enter")
        assert tab in lines(pilot)[0]
        cursor = next(line for line in lines(pilot) if line.startswith("▸"))
        assert row in cursor


async def test_a_filter_that_hides_the_record_is_let_go_of(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse) as pilot:
        await press(pilot, "escape", "2", "f", "=session:s-1", "enter")
        await ask(pilot, "lunch")
        await press(pilot, "enter", "enter")
        assert "\u00d7" not in lines(pilot)[1]
        assert "Lunch" in next(line for line in lines(pilot) if line.startswith("▸"))


async def test_backspace_comes_back_to_the_answers_and_then_to_where_one_asked(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse) as pilot:
        await press(pilot, "escape", "3")
        await ask(pilot, "parser")
        await press(pilot, "enter", "j", "enter")
        assert "[2 Int" in lines(pilot)[0]
        assert "Bksp Back" in lines(pilot)[-1]
        await press(pilot, "backspace")
        assert "[6 Search]" in lines(pilot)[0]
        assert pane(pilot).table.cursor == 1
        await press(pilot, "backspace")
        assert "[3 Patterns]" in lines(pilot)[0]
        assert "Bksp" not in lines(pilot)[-1]


async def test_l_finds_more_like_a_record_that_was_found(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "fail windows") as pilot:
        await press(pilot, "down", "l")
        assert "like int-1 \u00d7" in lines(pilot)[2]
        assert "int-2" in found(pilot)
        assert "int-1" not in found(pilot)


async def test_l_works_in_the_other_panes(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse) as pilot:
        await press(pilot, "escape", "3", "l")
        assert "[6 Search]" in lines(pilot)[0]
        assert "like pat-" in lines(pilot)[3]
        await press(pilot, "4", "l")
        assert "like pat-3 \u00d7" in lines(pilot)[3]
        assert "pat-1" in found(pilot)


async def test_another_question_is_answered_from_the_top(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down", "j", "l")
        assert pane(pilot).table.cursor == 0


async def test_escape_comes_back_from_more_like_this(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down", "l", "escape")
        assert "like" not in lines(pilot)[2]


async def test_what_was_found_is_archived_with_a_reason(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "lunch kind:interaction") as pilot:
        await press(pilot, "down", "a", "7")
        assert "Archived 1 interaction as wrong" in toasts(pilot)
        await indexed(pilot)
        assert rows(pilot)[0].split()[1:3] == ["interaction", "arch"]
    archived = await stored(
        memory, lambda store: store.get_archived_interactions(interaction_id="int-5")
    )
    assert [row["archive_reason"] for row in archived] == ["wrong"]


async def test_of_a_selection_only_what_is_live_is_archived(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploys deploying deploy") as pilot:
        await press(pilot, "down", "*", "a", "7")
        assert "as wrong" in toasts(pilot)
    archived = await stored(memory, lambda store: store.get_archived_patterns())
    assert len(archived) == len({row["original_id"] for row in archived})
    models = await stored(memory, lambda store: store.get_active_world_models())
    assert len(models) == 1


async def test_what_was_found_in_the_archive_is_restored(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "night archived:yes") as pilot:
        await press(pilot, "down", "r", "enter")
        assert "Restored 1 pattern" in toasts(pilot)
    assert await stored(memory, lambda store: store.get_pattern("pat-3")) is not None


async def test_an_entity_is_not_archived_and_it_says_so(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "kind:entity") as pilot:
        await press(pilot, "down", "a")
        assert "no record here to archive" in toasts(pilot)


async def test_what_somebody_adds_is_found_without_asking_again(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser") as pilot:
        async with SQLiteStore(memory) as agent:
            await agent.add_pattern(learned("pat-9", "The parser is brittle", "workflow"))
        await look(pilot)
        await indexed(pilot)
        assert "pat-9" in found(pilot)


async def test_what_somebody_archives_is_never_shown_as_live(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "lunch") as pilot:
        async with SQLiteStore(memory) as agent:
            await agent.archive_interactions(["int-5"], "wrong")
        await look(pilot)
        await indexed(pilot)
        row = next(line for line in rows(pilot) if "Lunch" in line)
        assert row.split()[1:3] == ["interaction", "arch"]


async def test_the_cursor_stays_on_its_record_when_something_better_is_added(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down", "j")
        before = pane(pilot).table.cursor_key
        async with SQLiteStore(memory) as agent:
            await agent.add_interaction({"interaction_id": "int-9", "content": "parser parser"})
        await look(pilot)
        await indexed(pilot)
        assert "int-9" in found(pilot)
        assert pane(pilot).table.cursor_key == before


async def test_whoever_is_still_asking_sees_the_best_first_when_more_is_found(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "lunch") as pilot:
        async with SQLiteStore(memory) as agent:
            await agent.add_interaction({"interaction_id": "int-9", "content": "lunch"})
        await look(pilot)
        await indexed(pilot)
        assert "int-9" in found(pilot)
        assert pane(pilot).table.cursor == 0


async def test_at_the_end_of_a_long_answer_more_is_found(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "long.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions(
            [{"interaction_id": f"int-{n}", "content": f"the parser, turn {n}"} for n in range(70)]
        )
    async with asking(path, browse, "parser") as pilot:
        assert len(found(pilot)) == 50
        assert "best 50" in lines(pilot)[2]
        await press(pilot, "down", "G")
        assert len(found(pilot)) == 70
        assert "70 found" in lines(pilot)[2]


async def test_on_a_read_only_memory_it_answers_and_refuses_to_archive(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "lunch", read_only=True) as pilot:
        assert found(pilot)[0] == "int-5"
        await press(pilot, "down", "a")
        assert "Nothing can be changed" in toasts(pilot)


async def test_hostile_text_that_is_found_is_only_text(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "hostile.db"
    await make(path, *HOSTILE, ALL)
    async with asking(path, browse, "zero", size=(80, 60)) as pilot:
        assert found(pilot)
        assert_only_text(pilot)
        for key in (
            "down",
            "v",
            "v",
            "v",
            "z",
            "z",
            "f",
            "enter",
            "G",
            "l",
            "i",
            "escape",
            "enter",
        ):
            await press(pilot, key)
            assert_only_text(pilot)


async def test_the_filters_of_a_hostile_memory_are_only_text(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "hostile.db"
    await make(path, *HOSTILE, ALL)
    async with asking(path, browse, "zero", size=(120, 60)) as pilot:
        await press(pilot, "down", "f")
        assert_only_text(pilot)
        for _ in range(4):
            await press(pilot, "enter", "f")
            await pilot.press(*["down"] * 6)
            assert_only_text(pilot)


async def test_ten_megabytes_are_found_and_shown_in_part(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "long.db"
    async with SQLiteStore(path) as store:
        await store.add_interaction({"interaction_id": "int-1", "content": "needle " + "x" * 10**7})
    async with asking(path, browse, "needle") as pilot:
        assert found(pilot) == ["int-1"]
        assert_only_text(pilot)
        assert "needle" in screen(pilot)
