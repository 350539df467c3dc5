"""The Health pane: what is broken is found while one looks, mended with a way back, or left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from storage import HealthFinding, Key, SQLiteStore
from tests.storage import legacy
from tests.storage.stored import outside
from tests.tui.conftest import Browse, lines, press, screen, stored, toasts
from tests.tui.waiting import settled
from tui.broken import Findings, find_again, found
from tui.panes.health import HealthPane

SPLICED = b'{"a":1,"ok":true}{"tool":"pytest","n":2}'
LOST = len(b'{"tool":"pytest","n":2}')
BROKEN: dict[str, bytes] = {
    "int-0005": SPLICED,
    "int-0006": b'{"tool":"pytest","out":"hel',
    "int-0007": b"{'tool': None, 'ok': True}",
    "int-0008": b'{"score": NaN}',
    "int-0009": b'{"a":1}\0\0\0',
    "int-0010": b'{"a":"\xff\xfe"}',
    "int-0011": b'{"a":"\\ud800"}',
    "int-0012": b"garbage \x1b]52;c;AAAA\x07 [red]x[/nope]",
}


def write(path: Path, record_id: str, raw: bytes) -> None:
    with outside(path) as connection:
        connection.execute(
            "UPDATE interactions SET details = CAST(? AS TEXT) WHERE interaction_id = ?",
            (raw, record_id),
        )


def details(path: Path, record_id: str) -> bytes:
    with outside(path) as connection:
        (raw,) = connection.execute(
            "SELECT CAST(details AS BLOB) FROM interactions WHERE interaction_id = ?", (record_id,)
        ).fetchone()
    return bytes(raw)


@pytest.fixture
def broken_file(memory_file: Path) -> Path:
    for record_id, raw in BROKEN.items():
        write(memory_file, record_id, raw)
    return memory_file


def health(pilot: Pilot[None]) -> HealthPane:
    return pilot.app.screen.query_one(HealthPane)


async def test_the_first_visit_scans_and_the_tab_tells(broken_file: Path, browse: Browse) -> None:
    async with browse(broken_file) as pilot:
        assert "7 Hea " in lines(pilot)[0]
        await press(pilot, "7")
        assert "[7 Health!]" in lines(pilot)[0]
        assert "8 broken" in lines(pilot)[1]
        assert "integrity ok" in lines(pilot)[1]
        assert "VACUUM" in lines(pilot)[1]
        assert "int-0005" in lines(pilot)[4]
        assert "details @17" in lines(pilot)[4]
        assert "new" in lines(pilot)[4]
        assert " int-0005 [Finding]" in screen(pilot)
        assert f"would lose {LOST} bytes" in screen(pilot)
        assert "⟪⟫" in screen(pilot)
    async with browse(broken_file) as pilot:
        assert "7 Hea!" in lines(pilot)[0]
        await press(pilot, "7")
        assert "new" not in lines(pilot)[4]


async def test_a_repair_is_shown_written_undone_and_redone(
    broken_file: Path, browse: Browse
) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "R")
        assert "Repair details of int-0005" in screen(pilot)
        await press(pilot, "escape")
        assert details(broken_file, "int-0005") == SPLICED
        await press(pilot, "R", "enter")
        assert "Repaired details of int-0005. u undoes it." in toasts(pilot)
        assert details(broken_file, "int-0005") == b'{"a":1,"ok":true}'
        assert "mended" in lines(pilot)[4]
        assert "7 broken" in lines(pilot)[1]
        await press(pilot, "u")
        assert details(broken_file, "int-0005") == SPLICED
        assert "8 broken" in lines(pilot)[1]


async def test_many_are_repaired_at_once_and_what_cannot_be_stays(
    broken_file: Path, browse: Browse
) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "*", "R")
        assert "Repair 7 fields" in screen(pilot)
        assert "For 1 more of those selected nothing is proposed." in screen(pilot)
        await press(pilot, "enter")
        assert "Repaired 7 fields. u undoes it." in toasts(pilot)
        assert details(broken_file, "int-0007") == b'{"tool":null,"ok":true}'
        await press(pilot, "S")
        assert "1 broken" in lines(pilot)[1]
        assert "7 left or put away" in lines(pilot)[1]
        await press(pilot, "u")
    assert {each: details(broken_file, each) for each in BROKEN} == BROKEN


async def test_a_field_that_changes_while_it_is_asked_about_is_left_alone(
    broken_file: Path, browse: Browse
) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "R")
        write(broken_file, "int-0005", b'{"by":"the agent"}')
        await press(pilot, "enter")
        assert "no longer what was looked at" in toasts(pilot)
    assert details(broken_file, "int-0005") == b'{"by":"the agent"}'


async def test_a_record_is_put_away_as_corrupt_and_comes_back(
    broken_file: Path, browse: Browse
) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "a")
        assert "Archived 1 record as corrupt. u undoes it." in toasts(pilot)
        assert "gone" in lines(pilot)[4]
        rows = await stored(
            broken_file, lambda store: store.get_archived_interactions("int-0005", "corrupt")
        )
        assert rows[0]["record"]["details"].raw == SPLICED
        await press(pilot, "S")
        assert "put away" in screen(pilot)
        assert "7 broken" in lines(pilot)[1]
        await press(pilot, "u")
    assert details(broken_file, "int-0005") == SPLICED


async def test_what_a_scan_found_in_the_archive_is_gone_once_that_is_undone(
    broken_file: Path, browse: Browse
) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "a", "S", "G")
        assert "1 left or put away" in lines(pilot)[1]
        await press(pilot, "u")
        assert "put away" not in screen(pilot)
        assert "The record no longer stands in the archive" in screen(pilot)
        assert "changed since, S looks again" in lines(pilot)[1]
        await press(pilot, "S")
        assert "8 broken" in lines(pilot)[1]


async def test_what_a_scan_found_in_the_archive_stays_put_away_when_something_else_changes(
    broken_file: Path, browse: Browse
) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "a", "S", "R", "enter")
        assert "mended" in screen(pilot)
        assert "1 left or put away  changed since, S looks again" in lines(pilot)[1]


def test_two_records_with_one_id_are_two_findings() -> None:
    findings = Findings()
    for number in (1, 2, 2):
        told = HealthFinding("corrupt", "patterns", "p", "sequence", "ends", 1, b"[", number)
        findings.add(found(told, frozenset(), ()))
    assert [each.finding.rowid for each in map(findings.get, findings.marks) if each] == [1, 2]


async def test_of_two_records_with_one_id_each_stays_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "doubled.db"
    legacy.execute(
        path,
        "CREATE TABLE patterns (id TEXT, name TEXT, sequence TEXT)",
        "INSERT INTO patterns VALUES ('p', 'one', '[]'), ('p', 'two', '[1')",
    )
    async with SQLiteStore(path) as store:
        told = [each async for each in store.check_health() if isinstance(each, HealthFinding)]
        [broken] = [found(each, frozenset(), ()) for each in told]
        await find_again(store, [broken])
    assert broken.finding.rowid == 2


async def test_a_pattern_that_was_put_away_and_came_back_is_the_same_finding(
    memory_file: Path, browse: Browse
) -> None:
    with outside(memory_file) as connection:
        connection.execute(
            "UPDATE patterns SET sequence = '[1' WHERE rowid = (SELECT min(rowid) FROM patterns)"
        )
    async with browse(memory_file) as pilot:
        await press(pilot, "7", "S", "a")
        assert "gone" in lines(pilot)[4]
        await press(pilot, "u")
        assert "gone" not in lines(pilot)[4]
        assert "1 broken" in lines(pilot)[1]
        there = health(pilot).found(health(pilot).table.cursor_key)
        assert there is not None
        assert there.place is not None
        kind, key = there.place
        [record] = await health(pilot).memory.store.get_records(kind, [Key(*key)])
        assert record is not None
        assert record["id"] == there.finding.record_id
        await press(pilot, "S")
        # That the scan knew it before is no change of the record.
        assert lines(pilot)[4].startswith("▸  ")
        assert "new" not in lines(pilot)[4]


async def test_what_is_left_is_shown_as_left_also_next_time(
    broken_file: Path, browse: Browse
) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "l")
        assert "left" in lines(pilot)[4]
        assert "7 broken" in lines(pilot)[1]
        await press(pilot, "n")
        assert health(pilot).table.cursor == 1
    async with browse(broken_file) as pilot:
        await press(pilot, "7")
        assert "left" in lines(pilot)[4]
        await press(pilot, "l")
        assert "8 broken" in lines(pilot)[1]


async def test_bytes_fields_and_raw_are_one_key_away(broken_file: Path, browse: Browse) -> None:
    async with browse(broken_file, size=(140, 40)) as pilot:
        await press(pilot, "7", "b")
        assert "7d⟫7b 22 74" in screen(pilot).replace(" 7d", "7d")
        await press(pilot, "b")
        assert "would lose" in screen(pilot)
        await press(pilot, "v", "v")
        assert "[Fields]" in screen(pilot)
        assert "turn 5" in screen(pilot)


async def test_enter_goes_to_the_record_and_back(broken_file: Path, browse: Browse) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "j", "enter")
        assert "[2 Int" in lines(pilot)[0]
        assert "int-0006" in screen(pilot)
        await press(pilot, "backspace")
        assert "[7 Health!]" in lines(pilot)[0]
        assert health(pilot).table.cursor == 1


async def test_findings_can_be_filtered(broken_file: Path, browse: Browse) -> None:
    async with SQLiteStore(broken_file) as store:
        await store.add_pattern({"id": "p", "metadata": {"source_interactions": ["nobody"]}})
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "f", "=orphan", "enter")
        assert "problem:orphan" in screen(pilot)
        assert "nobody" in lines(pilot)[4]
        await press(pilot, "R")
        assert "There is no field to repair" in toasts(pilot)
        await press(pilot, "a")
        assert "Archive 1 record: why?" in screen(pilot)
        await press(pilot, "escape", "escape")
        assert "int-0005" in lines(pilot)[4]


async def test_a_sound_memory_says_what_was_looked_at(memory_file: Path, browse: Browse) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "7")
        assert "Nothing is broken." in screen(pilot)
        assert "28 in interactions" in screen(pilot)
        assert "[7 Health]" in lines(pilot)[0]
        for key in ("R", "a", "l", "n", "b", "enter"):
            await press(pilot, key)
        assert pilot.app.screen is pilot.app.screen_stack[0]


async def test_what_others_write_marks_the_result_as_old(broken_file: Path, browse: Browse) -> None:
    async with browse(broken_file) as pilot:
        await press(pilot, "7", "j", "j")
        write(broken_file, "int-0020", b"{")
        pilot.app.screen.look()  # type: ignore[attr-defined]
        await settled(pilot)
        assert "changed since, S looks again" in lines(pilot)[1]
        assert health(pilot).table.cursor == 2
        await press(pilot, "S")
        assert "9 broken" in lines(pilot)[1]
        assert "changed since" not in lines(pilot)[1]
        assert "int-0007" in lines(pilot)[health(pilot).table.cursor + 4]


async def test_a_scan_is_stopped_by_escape_and_goes_on(tmp_path: Path, browse: Browse) -> None:
    path = tmp_path / "large.db"
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": "x"} for _ in range(4500))
    with outside(path) as connection:
        connection.execute("UPDATE interactions SET details = '{' WHERE id % 100 = 0")
    async with browse(path) as pilot:
        await pilot.press("7")
        while not health_if_any(pilot):
            await pilot.pause()
        pane = health(pilot)
        while pane._scan is None or pane._scan.progress is None:
            await pilot.pause()
        await press(pilot, "escape")
        if not pane._scan.is_done:
            assert "stopped, S goes on" in lines(pilot)[1]
            await press(pilot, "S")
        assert "45 broken" in lines(pilot)[1]


async def test_what_is_not_found_yet_is_not_said_to_be_nothing(
    memory_file: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "7")
        for key, do in (("R", "repair"), ("a", "archive")):
            await press(pilot, key)
            assert f"There is nothing here to {do}." in toasts(pilot)
        scan = health(pilot)._scan
        assert scan is not None
        # As before its end, which comes too soon for a key.
        scan.is_running = True
        for key, do in (("R", "repair"), ("a", "archive")):
            await press(pilot, key)
            assert f"nothing here to {do} yet; the scan goes on." in toasts(pilot)


def health_if_any(pilot: Pilot[None]) -> Any:
    return list(pilot.app.screen.query(HealthPane))


async def test_read_only_shows_and_refuses(broken_file: Path, browse: Browse) -> None:
    before = broken_file.read_bytes()
    async with browse(broken_file, read_only=True) as pilot:
        await press(pilot, "7")
        assert "8 broken" in lines(pilot)[1]
        for key in ("R", "a", "Z"):
            await press(pilot, key)
            assert "Nothing can be changed" in toasts(pilot)
    assert broken_file.read_bytes() == before


async def test_vacuum_is_asked_about_and_done(memory_file: Path, browse: Browse) -> None:
    with outside(memory_file) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (zeroblob(3000000))")
    with outside(memory_file) as connection:
        connection.execute("DROP TABLE t")
    size = memory_file.stat().st_size
    # In fewer columns what can be won gives way to that the file has changed, once that is seen.
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "7")
        assert "VACUUM would win 3.0 MB" in lines(pilot)[1]
        await press(pilot, "Z", "escape")
        assert memory_file.stat().st_size >= size
        await press(pilot, "Z", "enter")
        assert "MB smaller" in toasts(pilot)
        assert "nothing for VACUUM to win" in lines(pilot)[1]
    assert memory_file.stat().st_size < size


async def test_what_stands_in_no_list_is_shown_all_the_same(
    memory_file: Path, browse: Browse
) -> None:
    with outside(memory_file) as connection:
        connection.execute("UPDATE memglass_journal SET before = '{' WHERE id = 1")
        connection.execute('UPDATE archived_patterns SET data = \'{"id": "p", "metadata": "["}\'')
        connection.execute(
            "UPDATE world_model_snapshots SET snapshot_data = '{\"a\":1' WHERE id = 1"
        )
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "7")
        assert "data.metadata" in lines(pilot)[4]
        assert "Restore this one" in screen(pilot)
        await press(pilot, "enter")
        assert "4 Archive" in lines(pilot)[0]
        assert "[4 Archive]" in lines(pilot)[0]
        await press(pilot, "backspace", "j", "R", "enter")
        assert "Repaired snapshot_data of 1" in toasts(pilot)
        await press(pilot, "j")
        assert "never rewritten" in screen(pilot)
        await press(pilot, "enter")
        assert "stands in no list" in toasts(pilot)
