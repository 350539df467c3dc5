"""Ids that are made: valid, and in the order of their making."""

from __future__ import annotations

import threading
import time
import uuid

import pytest

from storage.ids import new_id


def test_ids_are_uuids_of_version_7() -> None:
    for _ in range(1000):
        made = uuid.UUID(new_id())
        assert (made.version, made.variant) == (7, uuid.RFC_4122)
        assert str(made) == str(made).lower()


def test_ids_grow_strictly() -> None:
    made = [new_id() for _ in range(50_000)]
    assert made == sorted(set(made))


def test_ids_grow_where_the_clock_stands_still_or_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, now = new_id(), time.time_ns()
    for late in (0, 0, 3_600_000_000_000):
        monkeypatch.setattr(time, "time_ns", lambda late=late: now - late)
        second = new_id()
        assert first < second
        first = second


def test_ids_of_several_threads_never_meet_and_grow_in_each() -> None:
    made: list[list[str]] = [[] for _ in range(4)]

    def make(into: list[str]) -> None:
        into.extend(new_id() for _ in range(5000))

    threads = [threading.Thread(target=make, args=(into,)) for into in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each for into in made for each in into}) == 20_000
    assert all(into == sorted(into) for into in made)


def test_an_id_begins_with_the_time_in_milliseconds() -> None:
    # Ids that were made in a hurry run ahead of the clock, by a few milliseconds at most.
    time.sleep(0.05)
    before = time.time_ns() // 1_000_000
    told = uuid.UUID(new_id()).int >> 80
    after = time.time_ns() // 1_000_000
    assert before <= told <= after + 100
