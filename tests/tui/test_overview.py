"""The overview: leads one key from their evidence, and below them how much there is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from textual.color import Color

from storage import SQLiteStore
from tests.tui.asking import look
from tests.tui.conftest import START, Browse, interaction, lines, press, screen, stored
from tests.tui.waiting import settled
from tui.config import Config

CORRECTION = "Stop, that was wrong. Deploys to production always need my explicit approval."


@pytest.fixture
async def suspicious(tmp_path: Path) -> Path:
    """A memory with a correction that was buried, and a belief on irony."""
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        said = [interaction(number) for number in range(25)]
        said[7]["content"] = CORRECTION
        said[7]["role"] = "user"
        for number, turn in enumerate(said[20:]):
            turn["timestamp"] = START + timedelta(days=2 + number)
        said[20]["content"] = "sure, just ship it"
        said[20]["role"] = "user"
        ids = await store.add_interactions(said)
        pattern = {"name": "Release work", "pattern_type": "workflow", "confidence": 0.6}
        await store.add_pattern(
            {**pattern, "id": "pat-run", "metadata": {"source_interactions": ids[:20]}}
        )
        await store.add_pattern(
            {
                **pattern,
                "id": "pat-sure",
                "name": "No approval needed",
                "confidence": 0.9,
                "metadata": {"source_interactions": [ids[20]]},
            }
        )
        await store.archive_interactions(ids[:20], "consolidated_to_working", "pat-run")
    return path


async def test_no_leads_are_selected_because_nothing_could_be_done_with_several(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview") as pilot:
        assert "Space Select" not in screen(pilot)
        await press(pilot, "space", "*", "V", "j", "V")
        await pilot.click("#overview-table", offset=(1, 2))
        await settled(pilot)
        assert "selected" not in lines(pilot)[1]
        assert lines(pilot)[4].startswith("\u25b8")


async def test_where_nothing_is_suspicious_the_keys_of_a_person_are_named(
    tmp_path: Path, browse: Browse
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interaction(interaction(1))
    config = Config(keys={"search": "f3", "pane_8": "9"})
    async with browse(path, start="overview", config=config) as pilot:
        assert "Look around with 2 to 9, or ask with F3." in screen(pilot)


async def test_it_grew_by_what_was_archived_since_too(suspicious: Path, browse: Browse) -> None:
    async with browse(suspicious, start="overview", size=(140, 60)) as pilot:
        assert "5  interactions" in screen(pilot)
        assert "+25  interactions in its last 30 days" in screen(pilot)


async def test_it_opens_with_the_leads_and_explains_the_first(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview") as pilot:
        shown = lines(pilot)
        assert "[1 Overview]" in shown[0]
        assert "2 leads" in shown[1]
        assert "5 interactions  2 patterns" in shown[1]
        assert "pat-sure: .90 on 1 source" in shown[3]
        assert "maybe lost: int-0007" in shown[4]
        assert "is believed with .90" in screen(pilot)


async def test_enter_goes_to_the_evidence_and_back(suspicious: Path, browse: Browse) -> None:
    async with browse(suspicious, start="overview", size=(100, 40)) as pilot:
        await press(pilot, "enter")
        assert "[3 Patterns]" in lines(pilot)[0]
        assert "pat-sure [Fields]" in screen(pilot)
        await press(pilot, "backspace", "j", "enter")
        assert "[4 Archive]" in lines(pilot)[0]
        assert "int-0007 [Fields]" in screen(pilot)


async def test_w_lists_what_a_lead_rests_on_and_enter_follows_it(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview", size=(100, 40)) as pilot:
        await press(pilot, "w")
        assert "reads as irony" in screen(pilot)
        await press(pilot, "enter")
        assert "int-0020 [Fields]" in screen(pilot)


async def test_r_restores_what_is_maybe_lost_and_u_takes_that_back(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview") as pilot:
        await press(pilot, "j", "r")
        assert CORRECTION[:30] in screen(pilot)
        await press(pilot, "enter")
        assert await stored(suspicious, lambda store: store.get_interaction("int-0007"))
        assert "maybe lost: int-0007" not in screen(pilot)
        await press(pilot, "u")
        assert not await stored(suspicious, lambda store: store.get_interaction("int-0007"))
        assert "maybe lost: int-0007" in screen(pilot)


async def test_r_is_only_offered_where_something_is_maybe_lost(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview") as pilot:
        await press(pilot, "r")
        assert "r Restore" not in lines(pilot)[-1]
        assert "Restore 1 record" not in screen(pilot)
        await press(pilot, "j")
        assert "r Restore" in lines(pilot)[-1]


async def test_a_day_in_the_chart_leads_to_its_interactions(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview", size=(100, 40)) as pilot:
        await press(pilot, "tab", "tab")
        assert "2026-03-07: 1 interaction," in screen(pilot)
        await press(pilot, "h", "enter")
        assert "[2 Interactions]" in lines(pilot)[0]
        assert "int-0023 [Fields]" in screen(pilot)


async def test_the_course_of_a_domain_leads_to_its_snapshots(
    memory_file: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file) as store:
        await store.add_world_model_state(
            {"domain": "orders", "session_id": "s", "entities": [], "relations": []}
            | {"confidence": 0.4, "snapshot_time": START}
        )
    async with browse(memory_file, start="overview", size=(120, 60)) as pilot:
        await press(pilot, "tab", "tab", "tab")
        heading = "Confidence in infra: .80 at 03-04"
        assert heading in screen(pilot)
        assert "snapshot 3 of 3  (1 of 2 domains)" in screen(pilot)
        await press(pilot, "h", "h", "h")
        assert "Confidence in infra: .60 at 03-02" in screen(pilot)
        assert "snapshot 1 of 3" in screen(pilot)
        await press(pilot, "j")
        assert "Confidence in orders: .40" in screen(pilot)
        await press(pilot, "k")
        assert heading in screen(pilot)
        await press(pilot, "h", "enter")
        assert "[5 World model]" in lines(pilot)[0]
        assert "B 03-03 09:00" in screen(pilot)
        await press(pilot, "backspace")
        assert "[1 Overview]" in lines(pilot)[0]


async def test_tab_goes_through_all_of_it_and_escape_back_to_the_leads(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview") as pilot:
        seen = []
        for _ in range(4):
            seen.append(pilot.app.focused.id if pilot.app.focused else "")
            await press(pilot, "tab")
        assert seen == ["overview-table", "record-text", "day-chart", "overview-figures"]
        await press(pilot, "tab", "tab", "tab", *["j"] * 16)
        assert "Patterns by type" in screen(pilot)
        await press(pilot, "escape")
        assert pilot.app.focused is pilot.app.query_one("#overview-table")


async def test_one_of_a_kind_is_said_in_the_singular(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interaction(interaction(1))
        await store.add_pattern({"name": "Release work", "pattern_type": "workflow"})
    async with browse(path) as pilot:
        await press(pilot, "1")
        assert " 1 interaction  1 pattern " in lines(pilot)[1]
        await press(pilot, "tab", "tab")
        assert "1 interaction, 0 of them archived" in screen(pilot)


async def test_an_empty_memory_says_what_to_expect(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "new.db"
    async with SQLiteStore(path):
        pass
    async with browse(path, start="overview", size=(120, 50)) as pilot:
        assert "This memory is empty." in screen(pilot)
        await press(pilot, "enter", "r", "w", "tab", "tab", "enter", "tab")
        assert "Nothing is archived" in screen(pilot)
        assert "No interactions yet, so there is nothing to draw" in screen(pilot)


async def test_a_sound_memory_says_where_to_go(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, start="overview") as pilot:
        assert "Nothing suspicious was found" in screen(pilot)


async def test_what_panels_say_by_the_way_has_the_quiet_colour_of_the_theme(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, start="overview", size=(200, 60)) as pilot:
        quiet = Color.parse(pilot.app.theme_variables["quiet"]).rich_color
        strips = pilot.app.screen._compositor.render_strips()
        [said] = [each for strip in strips for each in strip if "first visit" in each.text]
        assert said.style is not None
        assert said.style.color == quiet


async def test_what_is_new_is_told_at_the_next_visit(suspicious: Path, browse: Browse) -> None:
    async with browse(suspicious, start="overview", size=(200, 60)) as pilot:
        assert "This is your first visit" in screen(pilot)
    async with SQLiteStore(suspicious) as store:
        await store.add_interactions([{}, {}, {}])
    async with browse(suspicious, start="overview", size=(200, 60)) as pilot:
        assert "+3  interactions" in screen(pilot)
        assert "Since " in screen(pilot)


async def test_what_the_agent_writes_meanwhile_is_counted_and_looked_at(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview") as pilot:
        async with SQLiteStore(suspicious) as store:
            await store.add_interaction({"role": "tool", "content": "\x1b]52;c;eA==\x07"})
        pilot.app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "6 interactions" in lines(pilot)[1]
        assert "3 leads" in lines(pilot)[1]


async def test_a_lead_that_comes_before_the_first_does_not_take_the_cursor_from_it(
    suspicious: Path, browse: Browse
) -> None:
    async with browse(suspicious, start="overview") as pilot:
        async with SQLiteStore(suspicious) as store:
            await store.add_pattern(
                {
                    "id": "pat-also",
                    "name": "No tests needed",
                    "confidence": 0.99,
                    "metadata": {"source_interactions": ["int-0020"]},
                }
            )
        await look(pilot)
        assert "pat-also: .99" in lines(pilot)[3]
        assert lines(pilot)[4].startswith("\u25b8")
        assert "pat-sure: .90" in lines(pilot)[4]
        assert "is believed with .90" in screen(pilot)


@pytest.mark.parametrize("size", [(30, 10), (80, 24), (250, 70)])
async def test_it_works_at_any_size(
    suspicious: Path, browse: Browse, size: tuple[int, int]
) -> None:
    async with browse(suspicious, start="overview", size=size) as pilot:
        for key in ("j", "z", "tab", "z", "tab", "h", "l", "tab", "j", "tab", "v"):
            await press(pilot, key)
            assert len(lines(pilot)) == size[1]


async def test_hostile_text_in_a_lead_is_only_text(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "memory.db"
    name = "[@click=app.quit]x[/nope]\x1b]52;c;eA==\x07\u202e"
    async with SQLiteStore(path) as store:
        await store.add_pattern(
            {
                "id": name,
                "name": name,
                "pattern_type": name,
                "confidence": 0.9,
                "metadata": {"source_interactions": [name]},
            }
        )
        await store.add_world_model_state({"domain": name, "confidence": 0.5})
    async with browse(path, start="overview", size=(200, 60)) as pilot:
        assert "[@click=app.quit]x" in screen(pilot)
        assert not {"\x1b", "\x07", "\u202e"} & set(screen(pilot))
        await press(pilot, "enter", "backspace", "w", "v", "v")
        assert not {"\x1b", "\x07", "\u202e"} & set(screen(pilot))
