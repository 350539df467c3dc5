"""Lists in other orders, narrowed by text and time, and the way to a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import START, Browse, lines, press, screen, toasts
from tests.tui.waiting import settled
from tui.panes.time_jump import nearest

TIMES = st.lists(st.integers(0, 50) | st.none(), max_size=60)


async def find(minutes: Sequence[int | None], wanted: int, *, newest_first: bool) -> int | None:
    """The index of the row nearest to a minute."""
    rows = [None if at is None else (START + timedelta(minutes=at)).isoformat() for at in minutes]

    async def fetch(keys: Sequence[Any]) -> list[dict[str, Any]]:
        return [{"at": rows[key]} for key in keys]

    moment = START + timedelta(minutes=wanted)
    return await nearest(range(len(rows)), fetch, "at", moment, newest_first=newest_first)


@given(TIMES, st.integers(-5, 55), st.booleans())
async def test_the_row_nearest_to_a_time_is_found(
    minutes: list[int | None], wanted: int, newest_first: bool
) -> None:
    known = sorted((at for at in minutes if at is not None), reverse=newest_first)
    unknown = [None] * (len(minutes) - len(known))
    ordered = [*known, *unknown] if newest_first else [*unknown, *known]
    found = await find(ordered, wanted, newest_first=newest_first)
    if not known:
        assert found is None
    else:
        assert found is not None
        at = ordered[found]
        assert at is not None
        assert abs(at - wanted) == min(abs(each - wanted) for each in known)


async def test_s_turns_the_order_round_and_the_bar_says_so(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "s")
        assert "oldest first" in lines(pilot)[1]
        assert "turn 0" in lines(pilot)[3]
        await press(pilot, "s")
        assert "turn 29" in lines(pilot)[3]


async def test_patterns_are_sorted_and_the_types_stand_above_with_their_counts(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(120, 30)) as pilot:
        await press(pilot, "3")
        assert "preference 3 workflow 3" in lines(pilot)[1]
        await press(pilot, "s", "s", "s", "s", "s")
        assert "by name" in lines(pilot)[1]
        assert "Pattern 2" in lines(pilot)[3]
        x = lines(pilot)[1].index("workflow 3")
        await pilot.click("#patterns .list-bar", offset=(x, 0))
        await settled(pilot)
        assert "type:workflow" in lines(pilot)[1]
        assert "preference" not in "".join(lines(pilot)[3:8])


async def test_the_archive_says_its_reasons_with_their_counts(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file, size=(140, 30)) as pilot:
        await press(pilot, "4")
        assert "consolidated_to_working 2 wrong 1" in lines(pilot)[1]


async def test_a_list_is_narrowed_to_a_text_and_a_stretch_of_time(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "f", "=text:TURN 2", "enter")
        assert "11 of 28" in lines(pilot)[1]
        day = (START + timedelta(minutes=25)).astimezone()
        await press(pilot, "f", f"=after:{day:%Y-%m-%d %H:%M}", "enter")
        assert "5 of 28" in lines(pilot)[1]
        await press(pilot, "f", "=before:soon", "enter")
        assert "is no time" in toasts(pilot)
        assert "5 of 28" in lines(pilot)[1]


@pytest.mark.parametrize("turned", [False, True])
async def test_one_goes_to_a_time(memory_file: Path, browse: Browse, turned: bool) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, *(["s"] if turned else []), "T")
        at = (START + timedelta(minutes=12, seconds=20)).astimezone()
        await press(pilot, f"={at:%Y-%m-%d %H:%M:%S}", "enter")
        assert "turn 12" in next(line for line in lines(pilot) if line.startswith("▸"))


async def test_what_is_no_time_is_said_where_it_is_typed(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "T", "=soon", "enter")
        assert "soon is no time" in screen(pilot)


async def test_a_list_that_is_not_by_time_says_how_to_get_there(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "4", "s", "s", "T")
        assert "s sorts it by time" in toasts(pilot)
