"""`memglass world` and `memglass history`: what was believed, when it changed, and by what."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore
from tests.tui.readings import story
from tests.tui.shell_runs import fill, invoke, run_in_terminal
from tui.history_command import key_of
from tui.world.choosing import NoPointError, find_point
from tui.world.timeline import SNAPSHOT, STATE, Point

pytestmark = pytest.mark.usefixtures("at_home")

NOW = datetime(2026, 10, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story(tmp_path_factory.mktemp("world") / "memory.db")


def lines_of(command: str, path: Path, *args: str) -> list[dict[str, Any]]:
    done = invoke(command, path, *args, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


# The timeline.


def test_the_timeline_says_what_each_snapshot_changed_and_by_what(path: Path) -> None:
    lines = invoke("world", path, "--domain", "infra").stdout.splitlines()
    told = [line.split("\t") for line in lines]
    assert [each[1] for each in told] == ["-2", "-1", "now"]
    assert [each[5] for each in told] == ["interaction", "consolidation", ""]
    assert [each[6] for each in told] == [
        "the first: 1 entity, 0 relations",
        "~ orders-db, + orders-db \u2500\u2500replica\u2500\u2500\u25b8 db2",
        "nothing",
    ]


def test_the_timeline_goes_on_behind_a_snapshot_that_cannot_be_read(
    path: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "broken.db"
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as file:
        file.execute(
            "INSERT INTO world_model_snapshots (world_model_id, snapshot_time, snapshot_data)"
            " SELECT world_model_id, '2099-01-01T00:00:00Z', '{\"entities\": [' "
            "FROM world_model_snapshots WHERE snapshot_data LIKE '%infra%' LIMIT 1"
        )
        file.commit()
    for limit in ("9", "1"):
        done = invoke("world", copy, "--domain", "infra", "--limit", limit)
        told = [line.split("\t")[6] for line in done.stdout.splitlines()]
        assert told[-2:] == ["cannot be read", "nothing"]


def test_the_limit_counts_snapshots_and_now_comes_with_them(path: Path) -> None:
    lines = invoke("world", path, "--domain", "infra", "--limit", "1").stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == ["-1", "now"]


def test_the_limit_counts_in_json_too(path: Path) -> None:
    points = lines_of("world", path, "--domain", "infra", "--limit", "1")
    assert [each["kind"] for each in points] == ["snapshot", "world_model_state"]


def test_the_limit_counts_snapshots_where_several_sessions_have_a_state(path: Path) -> None:
    copy = path.with_name("sessions.db")
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as file:
        columns = "entities, relations, goals, metrics, domain, created_at, updated_at"
        file.execute(
            "INSERT INTO world_model_states (id, session_id, discovered_entity_types,"
            f" discovered_relation_types, {columns}) SELECT 'wm-2', 's-2', '[]', '[]', {columns}"
            " FROM world_model_states WHERE domain = 'infra'"
        )
        file.commit()
    lines = invoke("world", copy, "--domain", "infra", "--limit", "2").stdout.splitlines()
    assert [line.split("\t")[1] for line in lines] == ["-2", "-1", "now", "now"]


def test_a_terminal_is_told_what_other_domains_say_against_it(path: Path) -> None:
    code, written = run_in_terminal("world", path, "--domain", "infra", env={"NO_COLOR": "1"})
    assert code == 0
    assert b"! orders-db.properties.engine  postgres, but orders says mysql" in written
    assert b"\x1b" not in written


def test_json_is_a_line_for_each_point(path: Path) -> None:
    points = lines_of("world", path)
    assert [(each["domain"], each["kind"]) for each in points] == [
        ("infra", "snapshot"), ("infra", "snapshot"), ("infra", "world_model_state"),
        ("orders", "snapshot"), ("orders", "world_model_state"),
    ]  # fmt: skip


# The diff.


def test_two_points_differ_field_by_field(path: Path) -> None:
    told = invoke("world", path, "1", "now").stdout.splitlines()
    assert told[1:] == [
        "- orders-db.properties.engine  mysql",
        "+ orders-db.properties.engine  postgres",
        "+ orders-db \u2500\u2500replica\u2500\u2500\u25b8 db2",
    ]


def test_side_by_side_puts_was_and_is_in_columns(path: Path) -> None:
    told = invoke("world", path, "-2", "-1", "--domain", "infra", "--side-by-side").stdout
    assert "~\torders-db.properties.engine\tmysql\tpostgres" in told


def test_one_point_is_compared_with_the_one_before_it(path: Path) -> None:
    [told] = lines_of("world", path, "2")
    assert (told["a"]["id"], told["b"]["id"]) == (1, 2)
    [entity] = told["diff"]["entities"]
    assert entity["fields"] == [
        {"path": "properties.engine", "kind": "changed", "old": "mysql", "new": "postgres"}
    ]


def test_times_are_compared_in_every_domain(path: Path) -> None:
    told = lines_of("world", path, "2026-08-31", "2026-10-01")
    assert [(each["domain"], each["a"] is None) for each in told] == [
        ("infra", False), ("orders", True),
    ]  # fmt: skip


def test_snapshots_of_two_domains_are_compared_by_their_ids(path: Path) -> None:
    [told] = lines_of("world", path, "2", "3")
    assert told["domain"] == "infra \u2192 orders"


@pytest.mark.parametrize(
    ("args", "code", "why"),
    [
        (("99",), 1, "There is no snapshot 99"),
        (("-98",), 1, "There was nothing yet at -98"),
        (("-99", "-98"), 1, "There was nothing yet at -99 or -98"),
        (("--domain", "kitchen"), 1, "there is infra, orders"),
        (("1", "--domain", "orders"), 1, "1 is of infra and not of orders"),
        (("soon",), 2, "soon is no time"),
        (("1", "2", "3"), 2, "see memglass world --help"),
    ],
)
def test_what_is_not_there_is_one_sentence(
    path: Path, args: tuple[str, ...], code: int, why: str
) -> None:
    done = invoke("world", path, *args)
    assert (done.exit_code, done.stdout) == (code, "")
    assert why in done.stderr
    assert done.stderr.count("\n") == 1


def point(number: int, time: str, kind: str = SNAPSHOT) -> Point:
    return Point(kind, number, f"r{number}" if kind == STATE else number, "wm", time, "run", 0.5)


POINTS = (
    point(4, "2026-08-01T00:00:00+00:00"),
    point(7, "2026-09-01T00:00:00+00:00"),
    point(1, "2026-09-01T00:00:00+00:00", STATE),
)


@pytest.mark.parametrize(
    ("said", "index"),
    [
        ("7", 1), ("r1", 2), ("now", 2), ("first", 0), ("-1", 1), ("-2", 0), ("-3", None),
        ("2026-08-15", 0), ("2026-09-01T00:00", 1), ("2026-07-01", None), ("20d", 1),
    ],
)  # fmt: skip
def test_a_point_has_many_names(said: str, index: int | None) -> None:
    assert find_point(POINTS, said, NOW) == (None if index is None else POINTS[index])


def test_a_number_that_no_snapshot_has_is_no_time() -> None:
    with pytest.raises(NoPointError):
        find_point(POINTS, "2026", NOW)


# Sessions that know one domain.


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sessions") / "memory.db"

    async def write(store: SQLiteStore) -> None:
        for session, engine in (("s-1", "mysql"), ("s-2", "postgres"), ("s-1", "sqlite")):
            await store.add_world_model_state(
                {"domain": "infra", "session_id": session, "entities": {"db": {"engine": engine}}}
            )

    fill(path, write)
    return path


def test_the_timeline_tells_the_world_models_of_two_sessions_apart(shared: Path) -> None:
    lines = invoke("world", shared).stdout.splitlines()
    snapshots = [line.split("\t")[-1] for line in lines[:3]]
    assert snapshots == ["s-1", "s-2", "s-1"]
    assert {each["session_id"] for each in lines_of("world", shared)} == {"s-1", "s-2"}
    assert b"session" in run_in_terminal("world", shared)[1]
    assert ", s-2)" in invoke("world", shared, "1", "2").stdout.splitlines()[0]


def test_the_history_of_an_entity_tells_the_world_models_of_two_sessions_apart(
    shared: Path,
) -> None:
    lines = invoke("history", shared, "db").stdout.splitlines()
    assert [line.split("\t")[-1] for line in lines] == ["s-1", "s-2", "s-1"]
    _, told = run_in_terminal("history", shared, "db")
    assert b"changed in infra (s-1)" in told
    assert b"appeared in infra (s-2)" in told


# The history of one entity, or of a record.


def test_an_entity_has_its_events_in_every_domain_oldest_first(path: Path) -> None:
    told = [
        line.split("\t")[1:] for line in invoke("history", path, "orders-db").stdout.splitlines()
    ]
    assert told == [
        ["infra", "appeared", "interaction", "", "wm-infra"],
        ["orders", "appeared", "interaction", "", "wm-orders"],
        [
            "infra",
            "changed",
            "consolidation",
            "properties.engine mysql \u2192 postgres",
            "wm-infra",
        ],
    ]
    assert len(lines_of("history", path, "orders-db", "--domain", "orders")) == 1


def test_an_entity_under_an_empty_key_has_a_history(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "empty.db"
    shutil.copy(path, copy)
    with closing(sqlite3.connect(copy)) as file:
        file.execute('UPDATE world_model_states SET entities = \'{"": {"engine": "mysql"}}\'')
        file.commit()
    assert {event["kind"] for event in lines_of("history", copy, "")} == {"appeared"}
    assert '""' in invoke("world", copy).stdout


def test_a_relation_is_three_words_or_an_arrow(path: Path) -> None:
    for names in (("orders-db", "replica", "db2"), ("orders-db --replica--> db2",)):
        [event] = lines_of("history", path, *names)
        assert (event["kind"], event["trigger_event"]) == ("appeared", "consolidation")
    assert key_of(("a \u2500\u2500b c\u2500\u2500\u25b8 d",)) == ("a", "b c", "d")
    assert key_of(("a", "b")) is None


def test_a_record_has_its_own_history(path: Path) -> None:
    events = lines_of("history", path, "int-old")
    assert [(each["what"], each["reason"]) for each in events] == [
        ("add", None), ("archive", "wrong"),
    ]  # fmt: skip
    told = invoke("history", path, "Deploys").stdout
    assert told.startswith("pattern pat-deploy\n")
    assert "0.1 \u2192 0.25" in told


def test_what_is_unknown_is_code_1_and_says_what_is_like_it(path: Path) -> None:
    done = invoke("history", path, "ordrs-db")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.endswith("; there is orders-db.\n")
    assert invoke("history", path, "two", "words").exit_code == 2


def test_a_history_of_another_kind_than_is_asked_for_suggests_nothing(path: Path) -> None:
    done = invoke("history", path, "orders-db", "--kind", "pattern")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "memglass: There is no pattern orders-db.\n"
