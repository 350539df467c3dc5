"""The report in HTML: all that it should tell, everything in it only text, and never too long."""

from __future__ import annotations

import shutil
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import SQLiteStore
from tests.chance import examples
from tests.tui.conftest import interaction, pattern
from tests.tui.test_hostile import ALL, make
from tui.report import gathering
from tui.report.drawing import days_chart
from tui.report.gathering import gather
from tui.report.html import tag, text
from tui.report.page import report_page
from tui.text import hides_secrets, safe_text

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MARKUP = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></body><iframe src=//example.org>",
    "&lt;b&gt; ]]> <!-- '",
    ALL,
)
VOID = {"meta"}
ELEMENTS = {
    *("html", "head", "meta", "title", "style", "body", "header", "nav", "main", "section"),
    *("footer", "article", "figure", "figcaption", "div", "p", "span", "a", "h1", "h2", "h3"),
    *("h4", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "b", "i", "q", "code"),
    *("del", "ins", "svg", "g", "rect", "line", "text", "polyline", "circle"),
}


class Reader(HTMLParser):
    """Reads a page strictly: what is opened is closed, and what may run is noted."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


async def page_of(path: Path, *, masked: bool = True) -> str:
    async with SQLiteStore(path, read_only=True) as store:
        return report_page(await gather(store, path, masked=masked))


async def test_it_tells_of_everything_in_a_memory(memory_file: Path) -> None:
    read = Reader(await page_of(memory_file))
    for told in (
        "memory.db", "28interactions", "6patterns", "3snapshots",
        "Pattern 7", "what pattern 7 says", "turn 1", ".70",
        "consolidated_to_working", "2 interactions", "int-0004", "wrong",
        "infra", "orders-db", "engine=postgres", "Last changed", "mysql", "by consolidation",
        "Every JSON field can be read", "Archived 2 interactions.",
    ):  # fmt: skip
        assert told in read.text, told


async def test_what_changed_last_is_told_of_each_world_model_of_a_domain(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        for session, time, engine, confidence in (
            ("s-1", "2026-09-01T08:00:00", "mysql", 0.25),
            ("s-2", "2026-09-02T08:00:00", "sqlite", 0.75),
            ("s-1", "2026-09-03T08:00:00", "postgres", 0.5),
        ):
            entity = {"id": "orders-db", "type": "database", "properties": {"engine": engine}}
            await store.add_world_model_state(
                {"domain": "infra", "session_id": session, "confidence": confidence,
                 "entities": [entity], "snapshot_time": time}
            )  # fmt: skip
        told = (await gather(store, path)).domains.shown
    found = {each.record["session_id"]: each for each in told}
    one, two = found["s-1"], found["s-2"]
    assert [each["entities"][0]["properties"]["engine"] for each in (one.old, one.new)] == [
        "mysql",
        "postgres",
    ]
    assert (one.points, one.snapshots) == ([0.25, 0.5], 2)
    assert (two.old, two.points, two.snapshots) == (None, [0.75], 1)


async def test_an_empty_memory_has_a_report_too(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    async with SQLiteStore(path):
        pass
    read = Reader(await page_of(path))
    for told in ("nothing in this memory is suspicious", "Nothing was learned yet",
                 "Nothing is archived", "has no world model", "Nothing was changed"):  # fmt: skip
        assert told in read.text


async def test_whatever_a_memory_holds_is_only_text(tmp_path: Path) -> None:
    path = tmp_path / "<b>memory.db"
    await make(path, *MARKUP)
    async with SQLiteStore(path) as store:
        await store.add_interaction({"interaction_id": "bad", "content": "x", "details": {}})
    _break_details(path, "bad", MARKUP[0])
    page = await page_of(path)
    read = Reader(page)
    assert read.elements <= ELEMENTS
    assert not [name for name in read.attributes if name.startswith("on")]
    assert all(link.startswith("#") for link in read.links)
    assert "<script>alert(1)</script>" in read.text
    for control in "\x1b\x07\x9b\u202e\u2066\u200b\x00":
        assert control not in page


def _break_details(path: Path, record_id: str, details: str) -> None:
    from tests.storage import outside

    with outside.connected(path) as raw:
        raw.execute(
            "UPDATE interactions SET details = ? WHERE interaction_id = ?", (details, record_id)
        )


@settings(max_examples=examples(60))
@given(st.text() | st.binary() | st.integers() | st.none())
def test_every_value_is_read_back_as_the_text_that_it_is_shown_as(value: Any) -> None:
    read = Reader(tag("p", value, title="x", class_=value))
    assert read.text == safe_text(value, 600)
    assert Reader(tag("p", text(value, lines=True))).elements == {"p"}


async def test_secrets_are_masked_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    key = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    async with SQLiteStore(path) as store:
        await store.add_interaction(interaction(1, content=f"the token is {key}"))
        await store.add_pattern(pattern(1, description=f"uses {key}"))
        await store.add_world_model_state(
            {"domain": "infra", "entities": [{"id": "db", "password": "hunter2hunter2"}]}
        )
    page = await page_of(path)
    assert key not in page
    assert "hunter2hunter2" not in page
    assert "masked GitHub token" in page
    assert not hides_secrets()
    assert key in await page_of(path, masked=False)


async def test_a_big_memory_has_a_short_report_that_says_how_much_it_shows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions(
            interaction(number, content="x" * 5000) for number in range(2000)
        )
        await store.add_patterns(
            pattern(
                number,
                confidence=0.5,
                description="y" * 5000,
                metadata={"source_interactions": [f"int-{number:04}" for number in range(500)]},
            )
            for number in range(400)
        )
    page = await page_of(path)
    assert f"showing {gathering.PATTERNS} of 400 patterns" in page
    assert "and 496 more" in page
    assert len(page) < 1_000_000


async def test_evidence_is_what_the_lineage_of_a_pattern_names(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions(interaction(number) for number in (1, 2))
        await store.add_pattern(pattern(1, metadata={"derived_from": "int-0001"}))
        await store.add_pattern(pattern(2, metadata={}))
        await store.archive_interactions(["int-0002"], "consolidated_to_working", "pat-2")
    read = Reader(await page_of(path))
    assert "turn 1" in read.text
    assert "It names nothing that it was made from." not in read.text


async def test_a_search_for_leads_that_takes_too_long_is_stopped_and_that_is_said(
    memory_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "LEADS_SECONDS", 0.0)
    read = Reader(await page_of(memory_file))
    assert "The search for leads was stopped after 0 seconds" in read.text
    assert "Pattern 7" in read.text


def test_days_up_to_the_last_that_there_is_are_drawn() -> None:
    assert "to 9999-12-31: 2 live, 0 archived" in days_chart({date.min: 1, date.max: 2}, {})


def test_it_forbids_a_browser_to_load_or_run_anything() -> None:
    report = gathering.Report(
        Path("m.db"), True, {}, 0, {}, {}, [], [],
        *[gathering.Part([], 0)] * 6,
    )  # fmt: skip
    page = report_page(report)
    assert "default-src 'none'; style-src 'unsafe-inline'" in page
    assert "url(" not in page
    assert "@import" not in page


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
async def test_a_real_browser_shows_it_without_loading_or_running_anything(tmp_path: Path) -> None:
    from playwright.async_api import async_playwright

    path = tmp_path / "memory.db"
    await make(path, *MARKUP)
    report = tmp_path / "report.html"
    report.write_text(await page_of(path), encoding="utf-8")
    asked: list[str] = []
    told: list[str] = []
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await chromium.new_page(viewport={"width": 390, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: told.append(dialog.message))
        page.on("console", lambda message: told.append(message.text))
        await page.goto(report.as_uri())
        assert await page.title() == "memory.db: what this agent remembers"
        # Nothing sticks out on a narrow screen, however long a word is.
        assert await page.evaluate("document.documentElement.scrollWidth") == 390
        await chromium.close()
    assert asked == [report.as_uri()]
    assert told == []
