"""The page of a report: one file that loads nothing, runs nothing, and prints well."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tui.report import sections
from tui.report.drawing import days_chart, spread
from tui.report.html import Html, join, tag
from tui.text import hide_secrets, hides_secrets
from tui.wording import confidence, in_bytes, sentence

if TYPE_CHECKING:
    from tui.report.gathering import Report

_STYLE: Final = Path(__file__).with_name("report.css")
# Nothing may run or load, whatever somebody finds to put into a record.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_FIGURES: Final = {
    "interaction": "interactions",
    "pattern": "patterns",
    "archived_interaction": "archived interactions",
    "archived_pattern": "archived patterns",
    "snapshot": "snapshots",
    "change": "changes",
}
_NAV: Final = {
    "overview": "Overview",
    "leads": "Leads",
    "patterns": "Patterns",
    "archive": "Archive",
    "world": "World model",
    "broken": "Broken fields",
    "changes": "Recent changes",
}


def report_page(report: Report) -> str:
    """Write a report as one HTML file, dated with the time of the clock."""
    with _masked(report.masked):
        name = report.path.name
        body = join(
            _header(report, datetime.now().astimezone()),
            tag("nav", *(tag("a", title, href=f"#{to}") for to, title in _NAV.items())),
            tag("main", _overview(report), *_sections(report)),
        )
        head = join(
            Html('<meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html('<meta name="color-scheme" content="light dark">'),
            Html('<meta name="referrer" content="no-referrer">'),
            tag("title", f"{name}: what this agent remembers"),
            Html(f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>"),
        )
        page = tag("html", tag("head", head), tag("body", body), lang="en")
        return f"<!doctype html>\n{page}\n"


@contextmanager
def _masked(masked: bool) -> Iterator[None]:
    """Mask secrets in what goes through the door, or leave them, for as long as this lasts."""
    before = hides_secrets()
    hide_secrets(masked)
    try:
        yield
    finally:
        hide_secrets(before)


def _header(report: Report, now: datetime) -> Html:
    secrets = "keys, tokens and passwords masked" if report.masked else "secrets as they are"
    size = in_bytes(report.size)
    told = f"{now:%Y-%m-%d %H:%M}, times in {now:%Z} \u00b7 {size} \u00b7 {secrets}"
    return tag(
        "header",
        tag("p", "What this agent remembers", class_="over"),
        tag("h1", report.path.name),
        tag("p", told, class_="dim"),
    )


def _count(count: int | None) -> str:
    return "?" if count is None else f"{count:,}"


def _overview(report: Report) -> Html:
    figures = [
        tag("div", tag("b", _count(report.counts.get(kind, 0))), tag("span", title))
        for kind, title in _FIGURES.items()
    ]
    chart = days_chart(report.live, report.archived)
    legend = tag(
        "p",
        tag("i", class_="key live"),
        "live ",
        tag("i", class_="key archived"),
        "archived",
        class_="dim legend",
    )
    drawn = tag("figure", chart, tag("figcaption", legend)) if chart else Html("")
    limits = [tag("p", sentence(each), class_="dim") for each in report.limits]
    return tag(
        "section",
        tag("h2", "Overview"),
        tag("div", *figures, class_="figures"),
        drawn,
        _types(report),
        *limits,
        id="overview",
    )


def _types(report: Report) -> Html:
    rows = [
        tag(
            "tr",
            tag("th", each.pattern_type or "(no type)"),
            tag("td", f"{each.count:,}", class_="number"),
            tag("td", confidence(each.mean), class_="number"),
            tag("td", spread(each.tenths)),
        )
        for each in report.types[:20]
    ]
    if not rows:
        return Html("")
    titles = ("patterns by type", "how many", "mean confidence", "from 0 to 1")
    head = tag("tr", *(tag("th", each) for each in titles))
    return tag("table", tag("thead", head), tag("tbody", *rows), class_="list types")


def _sections(report: Report) -> Iterator[Html]:
    yield sections.leads(report.leads)
    yield sections.patterns(report.patterns)
    yield sections.archive(report.archive)
    yield sections.domains(report.domains)
    yield sections.broken(report.broken)
    yield sections.changes(report.changes)
    told = "Written by memglass. Nothing in this file runs, and it loads nothing."
    yield tag("footer", tag("p", told, class_="dim"))
