"""Which SQLite has which bug, and what of this one works."""

from __future__ import annotations

import pytest

from storage import BUGS, look_at_sqlite

WAL = BUGS[0]


@pytest.mark.parametrize(
    ("version", "has_it"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 40, 1), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 45, 0), True),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 4), False),
    ],
)
def test_the_wal_reset_bug_is_in_the_versions_that_sqlite_names(
    version: tuple[int, ...], has_it: bool
) -> None:
    assert WAL.concerns(version) is has_it


def test_a_bug_that_needs_an_option_concerns_only_who_was_compiled_with_it() -> None:
    [bug] = [each for each in BUGS if each.needs]
    assert not bug.concerns((3, 36, 0), {"TEMP_STORE=1"})
    assert bug.concerns((3, 36, 0), {"TEMP_STORE=3"})
    assert not bug.concerns((3, 37, 2), {"TEMP_STORE=3"})


def test_versions_are_told_in_words() -> None:
    assert WAL.versions == "3.7.0 to before 3.51.3, but not 3.44.6 and 3.50.7"
    assert {bug.versions for bug in BUGS if "6965" in bug.name} == {"before 3.50.2"}


def test_every_bug_says_where_that_is_said() -> None:
    for bug in BUGS:
        assert bug.source.startswith("https://")
        assert bug.first < bug.fixed


def test_this_sqlite_is_tried_and_not_only_asked() -> None:
    found = look_at_sqlite()
    assert found.version >= (3, 51, 3)
    assert (found.module, found.full_text, found.why_no_vectors) == ("pysqlite3", True, "")
    assert found.vectors.count(".") == 2
    assert WAL not in found.bugs
