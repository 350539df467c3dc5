"""Asking: answers while one types, filters as chips, and what is said where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import SearchHit, SQLiteStore
from tests.tui.asking import ask, asking, fill, found, pane, rows
from tests.tui.conftest import Browse, lines, press, screen
from tests.tui.waiting import settled
from tui.search_hints import nothing_found

SIZES = [(80, 24), (120, 40)]


@pytest.fixture
async def memory(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    await fill(path)
    return path


@pytest.mark.parametrize("size", SIZES)
async def test_answers_come_while_one_types(
    memory: Path, browse: Browse, size: tuple[int, int]
) -> None:
    async with asking(memory, browse, "parser", size=size) as pilot:
        assert set(found(pilot)[:2]) == {"int-1", "int-2"}
        assert "parser tests" in "".join(rows(pilot))


async def test_while_one_types_no_more_is_looked_for_than_can_be_seen(
    memory: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with asking(memory, browse, "", size=(80, 24)) as pilot:
        searching = pane(pilot).memory.searching
        typeahead, limits = searching.typeahead, list[int]()

        async def counted(typed: str, *, limit: int) -> list[SearchHit]:
            limits.append(limit)
            return await typeahead(typed, limit=limit)

        monkeypatch.setattr(searching, "typeahead", counted)
        await ask(pilot, "parser")
        assert {"int-1", "int-2"} <= set(found(pilot))
        assert 0 < max(limits) < 24


async def test_a_slash_asks_from_any_pane(memory: Path, browse: Browse) -> None:
    async with browse(memory) as pilot:
        for key in "2345":
            await press(pilot, key, "slash")
            assert "[6 Search]" in lines(pilot)[0]
            assert pilot.app.focused is pilot.app.query_one("#question")


async def test_letters_and_digits_are_typed_and_not_obeyed(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "quiz/2a?:") as pilot:
        assert "quiz/2a?:" in lines(pilot)[1]
        assert "[6 Search]" in lines(pilot)[0]


async def test_what_another_question_shows_of_a_record_is_no_change_of_it(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await ask(pilot, "tests windows")
        assert "int-1" in found(pilot)
        assert not any(pane(pilot).table.fresh.sign(key) for key in pane(pilot).table.keys)


async def test_the_beginning_of_a_word_is_enough_at_once(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "excel") as pilot:
        assert "int-5" in found(pilot)


async def test_patterns_archived_records_and_entities_are_found_too(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "deploy*") as pilot:
        assert {"int-4", "int-6", "pat-1", "pat-3", "web1"} <= set(found(pilot))


async def test_a_row_says_what_it_is_and_whether_it_is_archived(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "happen night kind:pattern archived:yes") as pilot:
        assert rows(pilot)[0].split()[1:3] == ["pattern", "arch"]
        await ask(pilot, "tabs kind:pattern")
        assert rows(pilot)[0].split()[1:3] == ["pattern", "live"]


async def test_a_row_says_why_it_is_there(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "lunch") as pilot:
        assert rows(pilot)[0].split()[5] in ("words", "both")


async def test_the_detail_says_which_words_of_the_record_it_was(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "excellent lunch") as pilot:
        shown = screen(pilot)
        assert "found by" in shown
        assert "Lunch" in next(line for line in lines(pilot) if line.startswith(" words"))


async def test_only_filters_are_a_question_too(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "kind:entity domain:infra") as pilot:
        assert set(found(pilot)) == {"orders-db", "web1"}
        assert "filters" in rows(pilot)[0]


async def test_an_entity_shows_itself_and_its_world_model(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "kind:entity postgres", size=(160, 40)) as pilot:
        assert "orders-db in infra" in screen(pilot)
        assert "engine" in screen(pilot)


async def test_an_entity_of_which_nothing_is_said_shows_itself_too(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "null.db"
    async with SQLiteStore(path) as store:
        await store.add_world_model_state({"domain": "infra", "entities": {"blackhole": None}})
    async with asking(path, browse, "blackhole", size=(160, 40)) as pilot:
        assert "blackhole in infra" in screen(pilot)
        assert "The world model that it stands in" in screen(pilot)


async def test_filters_stand_as_chips_under_the_question(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploys kind:pattern type:workflow") as pilot:
        assert "kind:pattern \u00d7  type:workflow \u00d7" in lines(pilot)[2]
        assert set(found(pilot)) == {"pat-1", "pat-3"}


async def test_a_click_on_a_chip_takes_it_out_of_the_question(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploys kind:pattern type:workflow") as pilot:
        await pilot.click("#search .list-bar", offset=(3, 0))
        await settled(pilot)
        assert lines(pilot)[1].strip() == "deploys type:workflow"
        assert "kind:pattern" not in lines(pilot)[2]


async def test_escape_in_the_answers_lets_go_of_all_filters(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploys kind:pattern before:2030-01-01") as pilot:
        await press(pilot, "escape", "escape")
        assert lines(pilot)[1].strip() == "deploys"
        assert "int-6" in found(pilot)


async def test_f_offers_the_values_of_this_memory_and_writes_them_into_the_question(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "deploys") as pilot:
        await press(pilot, "down", "f", "=workflow")
        assert "type:workflow  1 pattern" in screen(pilot)
        await press(pilot, "enter")
        assert lines(pilot)[1].strip() == "deploys type:workflow"
        assert set(found(pilot)) == {"pat-1", "pat-3"}


async def test_f_offers_kinds_reasons_sessions_and_domains(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploys", size=(120, 40)) as pilot:
        await press(pilot, "down", "f")
        for offered in ("kind:entity", "archived:yes", "reason:wrong", "session:s-2"):
            assert offered in screen(pilot)
        assert "domain:infra" in screen(pilot)


async def test_f_lets_go_of_a_filter_by_keys_alone(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploys kind:pattern type:workflow") as pilot:
        await press(pilot, "down", "f", "=kind:pat")
        assert "kind:pattern  let go of it" in screen(pilot)
        await press(pilot, "enter")
        assert lines(pilot)[1].strip() == "deploys type:workflow"


async def test_a_date_can_be_typed_as_a_filter(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "deploy*") as pilot:
        await press(pilot, "down", "f", "=before:2026-01-01", "enter")
        assert "before:2026-01-01 \u00d7" in lines(pilot)[2]
        assert "int-6" not in found(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_with_nothing_asked_it_says_what_can_be(
    memory: Path, browse: Browse, size: tuple[int, int]
) -> None:
    async with asking(memory, browse, size=size) as pilot:
        for example in ('"just ship it"', "-staging", "roll*", "kind:pattern", "session:"):
            assert example in screen(pilot)


@pytest.mark.parametrize("asked", ["orders.py", "foo/bar", "well-known", '"side by side"'])
def test_where_words_have_to_stand_side_by_side_the_way_out_is_said(asked: str) -> None:
    told = nothing_found(asked, None)
    assert "Ask with spaces alone, and no quotes, hyphens, dots or the like" in told
    assert "spaces alone" not in nothing_found("orders py", None)


async def test_with_nothing_found_it_says_what_to_loosen(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, '"zebra crossing" kind:pattern -x') as pilot:
        shown = screen(pilot)
        assert "Nothing here answers that." in shown
        assert "Let go of a filter" in shown
        assert "no quotes" in shown
        assert "minus" in shown


async def test_a_filter_that_is_none_is_said_to_be_words_once_it_is_typed(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser kind:zzz") as pilot:
        assert found(pilot)
        assert "taken as words" not in screen(pilot)
        await press(pilot, "down")
        assert lines(pilot)[3].startswith(" taken as words: kind:zzz (kinds are interaction, patt")
        await ask(pilot, "parser")
        assert "taken as words" not in screen(pilot)
        await ask(pilot, '"zebra crossing" kind:zzz')
        assert "Nothing here answers that." in screen(pilot)
        assert "taken as words" in screen(pilot)


async def test_an_empty_question_lets_go_of_the_answers(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await ask(pilot, "")
        assert not found(pilot)
        assert "Type what you are looking for" in screen(pilot)


async def test_down_enter_and_escape_lead_from_the_question_to_the_answers(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser") as pilot:
        for key in ("down", "enter", "escape", "tab"):
            await press(pilot, "slash", key)
            assert pilot.app.focused is pane(pilot).table, key


async def test_of_two_questions_in_a_row_the_last_is_answered(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse) as pilot:
        await pilot.press(*"lunch", "ctrl+u", *"tabs")
        await settled(pilot)
        assert "pat-2" in found(pilot)
        assert "int-5" not in found(pilot)[:1]


async def test_while_an_answer_is_on_its_way_that_is_said(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse) as pilot:
        await pilot.press(*"zebra")
        assert "Nothing here" not in screen(pilot)
        assert "searching" in lines(pilot)[2]
        await settled(pilot)
        assert "searching" not in lines(pilot)[2]


async def test_the_old_answers_stay_until_the_new_ones_are_there(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser") as pilot:
        for key in " xyzzy":
            await pilot.press(key)
            assert found(pilot)


@pytest.mark.parametrize(
    "typed", ["C++", "it's", '"', "-", "*", "kind:", "NEAR(", "a OR", "🙂", "()"]
)
async def test_nothing_that_is_typed_is_an_error(memory: Path, browse: Browse, typed: str) -> None:
    async with asking(memory, browse, typed) as pilot:
        assert not pilot.app._notifications


async def test_what_is_pasted_is_one_line_that_a_terminal_only_shows(
    memory: Path, browse: Browse
) -> None:
    from textual.events import Paste

    async with asking(memory, browse) as pilot:
        pilot.app.query_one("#question").post_message(Paste("parser\n\x1b]52;c;AA\x07\u202etests"))
        await settled(pilot)
        assert lines(pilot)[1].strip() == "parser  ]52;c;AA  tests"


async def test_a_failure_is_a_message_and_the_answers_stay(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        before = found(pilot)
        await pane(pilot).memory.store.close()
        await press(pilot, "x")
        assert "is not open" in "".join(note.message for note in pilot.app._notifications)
        assert found(pilot) == before


@pytest.mark.parametrize("size", [(40, 12), (30, 8), (20, 6), (250, 70)])
async def test_it_works_at_any_size(memory: Path, browse: Browse, size: tuple[int, int]) -> None:
    async with asking(memory, browse, "deploy kind:pattern", size=size) as pilot:
        for key in ("enter", "i", "escape", "f", "escape", "tab", "v", "z", "escape", "escape"):
            await press(pilot, key)
            assert len(lines(pilot)) == size[1]
