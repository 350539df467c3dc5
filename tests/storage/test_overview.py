"""A memory at a glance: counts, days and types."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from storage import SQLiteStore
from storage.overview import bounds, newest_between
from tests.storage.stored import COMPLETE_INTERACTIONS, outside, write

UTC_ZONE = ZoneInfo("UTC")
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def days(
    store: SQLiteStore, zone: ZoneInfo = UTC_ZONE
) -> tuple[Counter[date], Counter[date], list[str]]:
    live, archived, limits = Counter[date](), Counter[date](), []
    async for part in store.get_activity(zone):
        live.update(part.live)
        archived.update(part.archived)
        limits += [part.limit] * bool(part.limit)
    return live, archived, limits


async def test_interactions_are_counted_by_day_live_and_archived(store: SQLiteStore) -> None:
    ids = await store.add_interactions(
        {"timestamp": NOON + timedelta(days=day, minutes=number)}
        for day, count in ((0, 3), (1, 1), (400, 2))
        for number in range(count)
    )
    await store.archive_interactions(ids[:2], "manual")
    live, archived, _ = await days(store)
    first = NOON.date()
    assert live == {
        first: 1,
        first + timedelta(days=1): 1,
        first + timedelta(days=400): 2,
    }
    assert archived == {first: 2}


async def test_a_day_is_one_of_the_zone_that_is_asked_for(store: SQLiteStore) -> None:
    await store.add_interaction({"timestamp": "2026-03-01T23:30:00+00:00"})
    live, _, _ = await days(store, BERLIN)
    assert live == {date(2026, 3, 2): 1}


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_is_as_long_as_the_clocks_make_it(day: str, hours: int) -> None:
    start, end = bounds(date.fromisoformat(day), BERLIN)
    assert end - start == hours * 3_600_000_000


@pytest.mark.parametrize("is_indexed", [True, False])
async def test_it_counts_the_same_with_our_index_and_without(path: Path, is_indexed: bool) -> None:
    with outside(path) as raw:
        raw.execute(COMPLETE_INTERACTIONS)
    async with SQLiteStore(path) as store:
        await store.add_interactions(
            {"timestamp": NOON + timedelta(hours=7 * number)} for number in range(40)
        )
        for at in ("yesterday", None, "0001-01-01T00:00:00", "2026-03-01 05:00"):
            write(path, "interactions", timestamp=at)
        write(path, "complete_interactions", interaction_id="c", timestamp="2026-03-05", data="{}")
        if not is_indexed:
            with outside(path) as raw:
                raw.execute("DROP INDEX memglass_interactions_time")
        live, archived, limits = await days(store)
    assert sum(live.values()) == 43
    assert live[date(2026, 3, 1)] == 3
    assert live[date(2026, 3, 5)] == 5
    assert live[date(1, 1, 1)] == 1
    assert (archived, limits) == ({}, [])


async def test_of_a_big_archive_the_newest_part_is_counted_and_that_is_said(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.overview._MOST_ROWS", 4)
    monkeypatch.setattr("storage.overview._ROWS_PER_STEP", 2)
    ids = await store.add_interactions({"timestamp": NOON} for _ in range(9))
    await store.archive_interactions(ids, "manual")
    _, archived, limits = await days(store)
    assert archived == {NOON.date(): 4}
    assert limits == ["of archived_interactions the newest 4 are counted."]


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("zone", [None, UTC_ZONE, BERLIN, timezone(timedelta(hours=-9))])
def test_the_first_and_the_last_day_that_there_is_have_bounds(
    day: date, zone: tzinfo | None
) -> None:
    start, end = bounds(day, zone)
    assert start < end


@pytest.mark.parametrize("zone", [UTC_ZONE, BERLIN, timezone(timedelta(hours=-9))])
async def test_what_is_on_the_last_day_that_there_is_counts_and_hides_nothing(
    store: SQLiteStore, path: Path, zone: tzinfo
) -> None:
    for key, when in (("a", "9999-12-31T12:00:00Z"), ("b", NOON), ("now", NOON)):
        await store.add_interaction({"interaction_id": key, "timestamp": when})
    late = "9999-12-31T23:59:59-05:00"
    with outside(path) as connection:
        connection.execute("UPDATE interactions SET timestamp = ? WHERE id = 2", [late])
    found = [part.live async for part in store.get_activity(zone)]
    assert found == [{date.max: 2, NOON.date(): 1}]
    assert await store.get_newest_between(date.max, date.max) == "b"


async def test_the_newest_of_some_days_is_found(store: SQLiteStore) -> None:
    for key, hours in (("a", 0), ("b", 5), ("c", 30)):
        await store.add_interaction(
            {"interaction_id": key, "timestamp": NOON + timedelta(hours=hours)}
        )
    day, after = NOON.date(), NOON.date() + timedelta(days=1)
    for first, end, newest in (
        (day, after, "b"),
        (day, date.max, "c"),
        (date(2020, 1, 1), day, None),
    ):
        read = partial(newest_between, first=first, end=end, zone=UTC_ZONE)
        assert await store._database.read(read) == newest
    assert await store.get_newest_between(date(2020, 1, 1), date.max) == "c"


async def test_types_are_counted_with_their_confidences(store: SQLiteStore, path: Path) -> None:
    for number, (kind, confidence) in enumerate(
        [("a", 0.0), ("a", 0.7), ("a", 1.0), ("b", 0.69), ("b", 0.05)]
    ):
        pattern = {"id": str(number), "name": "p", "pattern_type": kind, "confidence": confidence}
        await store.add_pattern(pattern)
    row = {"name": "p", "pattern_type": "b", "sequence": "[]"}
    write(path, "patterns", id="x", confidence="high", **row)
    write(path, "patterns", id="y", confidence=7, **row)
    first, second = (await store.get_overview())["types"]
    assert (first.pattern_type, first.count) == ("b", 4)
    assert first.mean == pytest.approx(0.37)
    assert first.tenths == (1, 0, 0, 0, 0, 0, 1, 0, 0, 0)
    assert second.tenths == (1, 0, 0, 0, 0, 0, 0, 1, 0, 1)


async def test_records_are_counted_by_kind(store: SQLiteStore) -> None:
    ids = await store.add_interactions([{}, {}, {}])
    await store.archive_interactions(ids[:1], "manual")
    await store.add_world_model_state({"domain": "infra"})
    seen = await store.get_overview()
    assert seen["counts"] == {
        "interaction": 2,
        "pattern": 0,
        "archived_interaction": 1,
        "archived_pattern": 0,
        "world_model_state": 1,
        "snapshot": 1,
        "change": 4,
    }
    assert seen["reasons"]["interactions"] == {"manual": 1}
    assert seen["file"]["bytes"] > 0


async def test_an_empty_memory_has_no_days_and_no_types(store: SQLiteStore) -> None:
    assert (await store.get_overview())["types"] == []
    assert await days(store) == ({}, {}, [])
