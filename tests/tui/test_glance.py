"""What the panels of the overview say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from storage import TypeSpread
from tui import glance

COUNTS = {"interaction": 1204, "pattern": 7, "snapshot": 3}


def text(lines: Sequence[glance.Line]) -> str:
    return "\n".join("".join(part for part, _ in line) for line in lines)


def test_growth_counts_back_from_the_newest_day() -> None:
    days = {date(2026, 10, 9): 3, date(2026, 10, 3): 4, date(2026, 10, 2): 50}
    assert glance.growth(days) == {"day": 3, "week": 7, "month": 57}
    assert glance.growth({}) == {"day": 0, "week": 0, "month": 0}


def test_growth_is_told_up_to_the_last_day_there_is() -> None:
    last = date(2026, 3, 30)
    shown = text(glance.amounts(COUNTS, {last - timedelta(days=n): 1 for n in range(60)}))
    assert "1,204  interactions" in shown
    assert "+1  interaction in its last day, to 2026-03-30" in shown
    assert "+7  interactions in its last 7 days" in shown
    assert "+30  interactions in its last 30 days" in shown


def test_what_is_new_since_the_last_visit() -> None:
    before = {"at": "2026-03-01T09:00:00+00:00", "counts": {**COUNTS, "interaction": 1000}}
    assert "+204  interactions" in text(glance.news(before, COUNTS))
    assert "patterns" not in text(glance.news(before, COUNTS))
    assert "Nothing is new" in text(glance.news({**before, "counts": COUNTS}, COUNTS))
    assert "first visit" in text(glance.news({}, COUNTS))
    assert "-204  interactions" in text(
        glance.news({**before, "counts": {"interaction": 1408}}, COUNTS)
    )


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    counts = {"pattern": 1, "archived_pattern": 26, "change": 1}
    assert "1  pattern\n" in text(glance.amounts(counts, {}))
    assert text(glance.amounts(counts, {})).endswith("1  change in the journal")
    before = {"at": "2026-03-01T00:00:00", "counts": {"pattern": 2, "archived_pattern": 25}}
    assert "-1  pattern\n" in text(glance.news(before, counts))
    assert text(glance.news(before, counts)).endswith("+1  archived pattern")


def test_types_show_how_sure_they_are() -> None:
    spread = TypeSpread("workflow", 12, 0.62, (0, 0, 0, 1, 0, 2, 8, 0, 0, 1))
    shown = text(glance.types([spread]))
    assert (
        "workflow                   12   .62  \u00b7\u00b7\u00b7\u2581\u00b7\u2582\u2588" in shown
    )


def test_a_type_with_a_hostile_name_is_only_text() -> None:
    shown = text(glance.types([TypeSpread("\x1b[2J\u202ex", 1, None, (0,) * 10)]))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_reasons_of_both_archives_are_added_up() -> None:
    shown = text(glance.reasons({"interactions": {"manual": 3, "": 1}, "patterns": {"manual": 2}}))
    assert shown.splitlines()[0].split() == ["manual", "5", "\u2588" * 10]
    assert "(none)" in shown


def test_a_domain_shows_how_its_confidence_went() -> None:
    rows: list[dict[str, Any] | None] = [
        {"domain": "infra", "confidence": 0.9, "snapshot_time": "2026-03-02"},
        {"domain": "infra", "confidence": 0.1, "snapshot_time": "2026-03-01"},
        {"domain": None, "confidence": 0.1, "snapshot_time": "2026-03-01"},
        {"domain": "odd", "confidence": "high", "snapshot_time": "2026-03-01"},
        None,
    ]
    (course,) = glance.courses(rows)
    assert [each.confidence for each in course.points] == [0.1, 0.9]
    assert "\u2581\u2588" in text(glance.domains([course]))
    assert glance.silent(rows, [course]) == ["odd"]


def test_a_domain_that_says_no_confidence_is_named_all_the_same() -> None:
    assert text(glance.domains([], ["memory"])) == "without a confidence: memory"
    (course,) = glance.courses(
        [{"domain": "infra", "confidence": 0.9, "snapshot_time": "2026-03-02"}]
    )
    assert text(glance.domains([course], ["odd"])).endswith("\nwithout a confidence: odd")


def test_long_lists_say_how_much_more_there_is() -> None:
    spreads = [TypeSpread(f"t{number}", 1, None, (0,) * 10) for number in range(15)]
    assert text(glance.types(spreads)).endswith("and 3 more")


def test_what_is_empty_says_so() -> None:
    assert "No patterns" in text(glance.types([]))
    assert "Nothing is archived" in text(glance.reasons({"interactions": {}, "patterns": {}}))
    assert "No world model" in text(glance.domains([]))


def test_health_says_what_was_found_and_what_was_left_out() -> None:
    told = glance.health(["2 fields"], ["1 record differs"], ["only the newest."], is_done=True)
    assert text(told).splitlines() == [
        "! 2 fields",
        "\u2260 1 record differs",
        "Only the newest.",
        "The Health pane (7) looks at everything.",
    ]
    assert "Nothing broken" in text(glance.health([], [], [], is_done=True))
