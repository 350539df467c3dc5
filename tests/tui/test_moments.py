"""Times as a person reads them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tui.moments import local, long_time, short_time, zone_name
from tui.wording import confidence, counted, sentence


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    local.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    local.cache_clear()


@pytest.mark.usefixtures("berlin")
def test_times_are_local_whatever_offset_they_are_stored_with() -> None:
    assert long_time("2026-07-01T12:00:00+00:00") == "2026-07-01 14:00:00"
    assert long_time("2026-07-01T12:00:00") == "2026-07-01 14:00:00"
    assert long_time("2026-01-01 12:00:00Z") == "2026-01-01 13:00:00"
    assert zone_name() == "CET/CEST"


@pytest.mark.usefixtures("berlin")
def test_a_time_of_another_year_shows_the_year() -> None:
    assert short_time("2026-07-01T12:00:00Z", this_year=2026) == "07-01 14:00"
    assert short_time("2025-12-31T23:30:00Z", this_year=2026) == "01-01 00:30"
    assert short_time("2025-07-01T12:00:00Z", this_year=2026) == "2025-07-01"


@pytest.mark.usefixtures("berlin")
def test_the_last_evening_that_there_is_is_a_time_too() -> None:
    assert long_time("9999-12-31T23:59:59Z") == "9999-12-31 23:59:59"
    assert short_time("9999-12-31T23:59:59Z", this_year=2026) == "9999-12-31"


@pytest.mark.parametrize("value", ["yesterday", "2026-13-01", "20260101", "", 5, "9" * 100])
def test_what_is_no_time_is_shown_as_it_is(value: object) -> None:
    assert short_time(value) == str(value)[:100]


def test_no_time_is_nothing() -> None:
    assert short_time(None) == ""
    assert long_time(None) == ""


def test_a_zone_without_summer_time_is_an_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    assert zone_name() == "UTC+5:30"
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    assert zone_name() == "UTC"
    monkeypatch.undo()
    time.tzset()


def test_numbers_and_sentences() -> None:
    assert counted(1, "pattern") == "1 pattern"
    assert counted(1204, "interaction") == "1,204 interactions"
    assert sentence("done") == "Done."
    assert sentence("Done!") == "Done!"
    assert [confidence(value) for value in (0.91, 1.0, 0, None, "x", 7.5)] == [
        ".91", "1.00", ".00", "", "x", "7.5",
    ]  # fmt: skip
