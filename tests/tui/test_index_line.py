"""What is said of the index: how far it is, what is missing, and where texts go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from storage import HybridStore, IndexStatus
from tests.tui.asking import asking, fill, found, indexed, look, pane
from tests.tui.conftest import Browse, lines, press, screen, toasts
from tests.tui.waiting import settled
from tui.config import Config
from tui.index_wording import index_lines, index_parts, missing_parts
from tui.panes.index_line import IndexLine
from tui.screens.browser import BrowserScreen

READY = IndexStatus(
    state="ready",
    done=18_330,
    total=18_330,
    path=Path("/memory.db.index"),
    size=2_100_000,
    embedder="wordllama",
    sends_text_to="",
    missing=(),
)
BUILDING = replace(READY, state="building", done=9_165)


@pytest.fixture
async def memory(tmp_path: Path) -> Path:
    path = tmp_path / "memory.db"
    await fill(path)
    return path


def store_of(pilot: Pilot[None]) -> HybridStore:
    """The store itself, which does more than the program asks of it."""
    store = pane(pilot).memory.store
    assert isinstance(store, HybridStore)
    return store


def said(status: IndexStatus | None, key: str = "p", *, is_paused: bool = False) -> str:
    return "".join(part.text for part in index_parts(status, key, is_paused=is_paused))


def told(status: IndexStatus) -> str:
    return "\n".join(f"{line.label} {line.text}" for line in index_lines(status))


def test_a_complete_index_says_what_it_holds() -> None:
    assert said(READY) == " index ready  18,330 records, by words and meaning"


def test_without_vectors_it_says_that_words_are_all() -> None:
    assert "by words only" in said(replace(READY, embedder=None))


def test_while_it_is_built_a_bar_says_how_far_it_is() -> None:
    assert "██████░░░░░░ 50 %" in said(BUILDING)
    assert "9,165 of 18,330 records" in said(BUILDING)
    assert said(BUILDING).endswith("; p pauses")


def test_an_index_of_nothing_has_an_empty_bar() -> None:
    assert "0 %" in said(replace(BUILDING, done=0, total=0))


def test_catching_up_says_how_much_is_there() -> None:
    assert "index catching up  18,000 of 18,330" in said(
        replace(READY, state="catching_up", done=18_000)
    )


def test_what_catches_up_and_holds_all_counts_it_once() -> None:
    status = replace(READY, state="catching_up")
    assert said(status) == " index catching up  18,330 records"
    assert "index catching up, 18,330 records" in told(status)


def test_a_paused_index_says_how_it_goes_on() -> None:
    assert said(replace(BUILDING, state="paused"), is_paused=True) == (
        " index paused  9,165 of 18,330 records; p goes on"
    )
    assert said(READY, is_paused=True).endswith(", by words and meaning; paused; p goes on")


def test_no_index_is_said_to_be_none() -> None:
    assert "no index" in said(replace(READY, state="off"))


def test_while_one_types_no_key_is_named_that_would_be_typed() -> None:
    assert "pauses" not in said(BUILDING, key="")


def test_what_is_missing_is_said_in_its_own_words() -> None:
    status = replace(READY, missing=("sqlite-vec is missing.", "And more."))
    left, right = missing_parts(status, "i")
    assert "".join(part.text for part in left) == " !  sqlite-vec is missing."
    assert "".join(part.text for part in right) == "  i says all 2 "
    assert "And more." in told(status)


def test_all_is_said_about_where_texts_go() -> None:
    assert "texts stay on this machine" in told(READY)
    assert "LEAVE THIS MACHINE: they are sent to api.example.org" in told(
        replace(READY, sends_text_to="api.example.org")
    )


async def test_the_search_says_that_the_index_is_ready(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse) as pilot:
        assert "index ready" in lines(pilot)[-2]
        assert "by words and meaning" in lines(pilot)[-2]


async def test_p_pauses_the_index_and_goes_on_with_it(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down", "p")
        assert "paused; p goes on" in lines(pilot)[-2]
        await press(pilot, "p")
        await indexed(pilot)
        assert "index ready" in lines(pilot)[-2]
        assert "paused" not in lines(pilot)[-2]


async def test_a_paused_index_says_that_something_new_is_not_in_it(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down", "p")
        await store_of(pilot).add_pattern({"id": "pat-8", "name": "Parser"})
        await look(pilot)
        assert "index paused" in lines(pilot)[-2]
        # Its ranks would move by themselves.
        await press(pilot, "S")
        assert "The index does not hold all yet." in toasts(pilot)
        assert "saved" not in lines(pilot)[2]
        await press(pilot, "p")
        await indexed(pilot)
        await press(pilot, "S")
        assert "saved: nothing moved" in lines(pilot)[2]


async def test_p_goes_on_wherever_the_line_says_so(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down")
        await store_of(pilot).pause_index()
        await store_of(pilot).add_pattern({"id": "pat-8", "name": "Parser"})
        await look(pilot)
        assert "p goes on" in lines(pilot)[-2]
        await press(pilot, "p")
        assert "paused" not in lines(pilot)[-2]


async def test_i_says_all_about_the_index(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser", size=(120, 40)) as pilot:
        await press(pilot, "down", "i")
        for shown in ("The index is a cache", "wordllama", "stay on this machine", "kB"):
            assert shown in screen(pilot)
        await press(pilot, "p")
        assert "paused" in lines(pilot)[-2]


async def test_the_index_is_built_anew_only_when_that_is_answered(
    memory: Path, browse: Browse
) -> None:
    async with asking(memory, browse, "parser") as pilot:
        await press(pilot, "down", "R")
        assert "Build the index anew?" in screen(pilot)
        await press(pilot, "escape")
        assert "being built" not in "".join(note.message for note in pilot.app._notifications)
        await press(pilot, "R", "enter")
        assert "being built anew" in "".join(note.message for note in pilot.app._notifications)
        await indexed(pilot)
        assert "index ready" in lines(pilot)[-2]
        assert "int-1" in found(pilot)


async def test_more_of_the_index_brings_more_answers(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        store = store_of(pilot)
        await store.pause_index()
        await store.add_pattern({"id": "pat-8", "name": "Parser", "pattern_type": "workflow"})
        await look(pilot)
        await store.resume_index()
        await indexed(pilot)
        assert "pat-8" in found(pilot)


async def test_a_line_that_is_not_there_yet_shows_later_what_it_was_told(
    memory: Path, browse: Browse
) -> None:
    quiet = Config(looks_every=3600)
    async with asking(memory, browse, "parser", size=(120, 40), config=quiet) as pilot:
        line = IndexLine(pane(pilot).memory)
        assert not line.show(READY)
        await pane(pilot).mount(line)
        await settled(pilot)
        assert screen(pilot).count("index ready  18,330 records") == 1


async def test_what_is_missing_stands_above_the_line(memory: Path, browse: Browse) -> None:
    # The timer holds the method that it began with: only its pace can keep it quiet.
    quiet = Config(looks_every=3600)
    async with asking(memory, browse, "parser", size=(120, 40), config=quiet) as pilot:
        line = pilot.app.query_one(IndexLine)
        line.show(replace(READY, missing=("The index cannot be written here.",)))
        await settled(pilot)
        assert "!  The index cannot be written here." in lines(pilot)[-3]


async def test_that_texts_leave_the_machine_is_said_in_every_pane(
    memory: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BrowserScreen, "look", lambda _: None)
    async with browse(memory) as pilot:
        browser = pilot.app.screen_stack[0]
        assert isinstance(browser, BrowserScreen)
        browser.index_is(replace(READY, sends_text_to="api.example.org"))
        for key in "65432":
            await press(pilot, "escape", key)
            assert "! texts go to api.example.org" in lines(pilot)[0]


async def test_in_a_narrow_terminal_where_texts_go_counts_for_more_than_the_name(
    memory: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BrowserScreen, "look", lambda _: None)
    async with browse(memory, size=(80, 24)) as pilot:
        browser = pilot.app.screen_stack[0]
        assert isinstance(browser, BrowserScreen)
        browser.index_is(replace(READY, sends_text_to="embeddings.example.org"))
        await settled(pilot)
        assert "6 Sea" in lines(pilot)[0]
        assert "! texts go to embeddings.example.org" in lines(pilot)[0]


async def test_nothing_is_said_about_texts_that_stay_here(memory: Path, browse: Browse) -> None:
    async with asking(memory, browse, "parser") as pilot:
        assert "texts go" not in screen(pilot)
