"""One list of actions: footer, help, palette and keys say the same."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len

from tests.tui.conftest import Browse, lines, press, screen
from tests.tui.waiting import settled
from tui.actions import ACTIONS, bindings_for, find, key_name, key_names
from tui.config import Config
from tui.keys_text import as_markdown
from tui.screens.help import help_lines


def test_every_action_has_a_name_of_its_own_and_a_sentence() -> None:
    names = [action.id for action in ACTIONS]
    assert len(names) == len(set(names))
    assert all(action.help.endswith(".") and action.help[0].isupper() for action in ACTIONS)


def test_no_key_means_two_things_in_one_place() -> None:
    places = {place for action in ACTIONS for place in action.where}
    for place in places:
        keys = [
            key for action in ACTIONS if place in action.where for key in action.keys.split(",")
        ]
        assert len(keys) == len(set(keys)), place


def test_no_key_is_one_that_terminals_and_their_programs_keep_for_themselves() -> None:
    """Flow control, job control, end of file, the prefixes of tmux and screen, and twins."""
    kept = {f"ctrl+{letter}" for letter in "abcjhimqsz"} | {"ctrl+backslash", "f1", "f11"}
    assert not {key for action in ACTIONS for key in action.keys.split(",")} & kept


def test_keys_are_spelled_as_they_stand_on_a_keyboard() -> None:
    assert key_name("ctrl+d") == "Ctrl+d"
    assert key_name("question_mark") == "?"
    action = find("down")
    assert action is not None
    assert key_names(action, {}) == "j ↓"
    assert key_names(action, {"down": "n"}) == "n"


def test_bindings_carry_the_id_so_that_keys_can_be_changed() -> None:
    from textual.binding import Binding

    bindings = bindings_for("table", "browser")
    assert all(isinstance(each, Binding) and find(each.id or "") for each in bindings)


def test_a_page_has_every_key_and_the_readme_leads_to_it() -> None:
    root = Path(__file__).parents[2]
    page = root / "docs" / "keys.md"
    assert page.read_text(encoding="utf-8") == as_markdown(), "make docs/keys.md writes it anew"
    for action in ACTIONS:
        assert f"`{action.id}`" in as_markdown()
        assert action.help in as_markdown()
    assert "(docs/keys.md)" in (root / "README.md").read_text(encoding="utf-8")


async def test_the_footer_shows_the_keys_of_the_pane(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        shown = " ".join(lines(pilot)[-1].split())
        assert shown == ("/ Search w Why a Archive u Undo f Filter v View Tab Detail ? Help")
        await press(pilot, "4")
        assert "r Restore" in lines(pilot)[-1]
        assert "Archive" not in lines(pilot)[-1]
        await press(pilot, "5")
        assert "Archive" not in lines(pilot)[-1]


async def test_in_a_narrow_footer_help_is_still_there(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, size=(30, 24)) as pilot:
        assert "? Help" in lines(pilot)[-1]
        assert cell_len(lines(pilot)[-1]) == 30


async def test_a_key_in_the_footer_can_be_clicked(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        x = lines(pilot)[-1].index("View")
        await pilot.click("#key-bar", offset=(x, 0))
        await settled(pilot)
        assert "[Talk]" in screen(pilot)


async def test_help_lists_every_action_with_its_keys(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file, size=(120, 200)) as pilot:
        await press(pilot, "?")
        shown = screen(pilot)
        twins = {"tree_down", "tree_up", "scroll_down", "scroll_up"}
        twins |= {"figures_down", "figures_up", "first_bar", "last_bar"}
        for action in ACTIONS:
            if action.id not in twins:
                assert action.help in shown, action.id
                assert key_names(action, {}) in shown, action.id
        await press(pilot, "?")
        assert "Take back the last change" not in screen(pilot)


def test_help_is_searched_by_words_and_by_keys() -> None:
    def found(wanted: str) -> list[str]:
        lines = help_lines(frozenset({"archive"}), {"undo": "ctrl+z"}, wanted)
        return [f"{line.label[0]}{line.text}" for line in lines if line.label]

    assert len(found("")) > 60
    assert found("selected reason") == [" Archive the selected records, with a reason."]
    assert [each[:15] for each in found("ctrl+z")] == ["\u25c7Take back the "]
    assert all(each[0] == "\u25c7" for each in found("world"))
    assert found("nothing of the kind") == []


def test_help_begins_with_what_works_where_one_is() -> None:
    lines = [line for line in help_lines(frozenset({"undo", "archive"}), {}) if line.label]
    assert {line.text for line in lines[:2]} == {
        action.help for action in ACTIONS if action.id in {"undo", "archive"}
    }
    assert all(line.label.startswith("\u25c7") for line in lines[2:])


async def test_help_is_narrowed_while_one_types_and_escape_shows_all(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "?", "/", "=vacuum q?")
        assert "No action is about that" in screen(pilot)
        await press(pilot, *["backspace"] * 3, "enter")
        assert "Give the free space of the file back." in screen(pilot)
        assert "Ask for something" not in screen(pilot)
        await press(pilot, "escape")
        assert "Ask for something" in screen(pilot)
        await press(pilot, "escape")
        assert "Give the free space" not in screen(pilot)


async def test_the_palette_finds_an_action_and_does_it(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, ":")
        await press(pilot, "=world")
        await press(pilot, "enter", "enter")
        assert "[5 W" in screen(pilot)


async def test_keys_can_be_changed_and_footer_and_help_follow(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(
        memory_file, size=(120, 150), config=Config(keys={"archive": "d", "undo": "ctrl+z"})
    ) as pilot:
        assert "d Archive" in lines(pilot)[-1]
        await press(pilot, "d")
        assert "Archive 1 interaction: why?" in screen(pilot)
        await press(pilot, "4")
        assert "Ctrl+z undoes it." in screen(pilot)
        await press(pilot, "?")
        assert "Ctrl+z" in screen(pilot)


async def test_enter_goes_to_the_detail_and_escape_comes_back(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "enter")
        assert pilot.app.query_one("#record-text").has_focus
        await press(pilot, "escape")
        assert pilot.app.query_one("#interactions-table").has_focus
