"""Files of older agents open in place: nothing in them is lost, and a backup stands beside them."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from storage import (
    MigrationRequiredError,
    ReadOnlyError,
    SQLiteStore,
    inspect_file,
)
from storage.schema import SCHEMA_VERSION
from tests.storage import legacy

GENERATIONS = [0, 1, 2]


@pytest.fixture(params=GENERATIONS, ids=lambda generation: f"generation {generation}")
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A filled file of each generation, in rollback-journal mode as bicamrl writes it."""
    return legacy.make(tmp_path / "memory.db", request.param)


async def ids_in(path: Path, *, read_only: bool = False) -> list[str]:
    async with SQLiteStore(path, read_only=read_only) as store:
        return [each["interaction_id"] for each in await store.get_recent_interactions(1000)]


# Nothing is lost.


async def test_a_migration_leaves_every_row_and_object_as_it_was(old: Path) -> None:
    before = legacy.picture(old)
    async with SQLiteStore(old):
        pass
    legacy.check_nothing_lost(before, old)
    assert legacy.integrity(old) == "ok"


async def test_the_backup_holds_what_the_file_held(old: Path) -> None:
    before = legacy.picture(old)
    async with SQLiteStore(old) as store:
        assert store.backup is not None
        assert legacy.backups(old) == [store.backup]
        assert store.backup.stat().st_mode & 0o777 == 0o600
        assert legacy.picture(store.backup) == before
        assert legacy.integrity(store.backup) == "ok"


async def test_a_backup_opens_and_migrates_like_the_file_did(old: Path, tmp_path: Path) -> None:
    wanted = await ids_in(old)
    (backup,) = legacy.backups(old)
    copy = tmp_path / "again.db"
    backup.rename(copy)
    assert await ids_in(copy) == wanted


async def test_a_backup_holds_what_stood_only_in_the_wal(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1, journal_mode="wal")
    with legacy.opened(old) as agent:
        agent.execute("INSERT INTO preferences VALUES ('late', 'in the wal', 1)")
        before = legacy.picture(old)
        async with SQLiteStore(old) as store:
            assert store.backup is not None
            assert legacy.picture(store.backup) == before
    legacy.check_nothing_lost(before, old)


async def test_a_second_opening_migrates_nothing_and_backs_nothing_up(old: Path) -> None:
    await ids_in(old)
    backups, after = legacy.backups(old), legacy.picture(old)
    async with SQLiteStore(old, migrate=False) as store:
        assert store.backup is None
    assert legacy.backups(old) == backups
    assert legacy.picture(old) == after


async def test_a_migration_does_what_the_inspection_said(old: Path) -> None:
    said = inspect_file(old).migration
    async with SQLiteStore(old):
        pass
    after = inspect_file(old)
    assert any(each.startswith("create table memglass_journal") for each in said)
    assert after.migration == ()
    assert (after.format, after.version, after.newer) == ("memglass", SCHEMA_VERSION, False)


async def test_a_new_file_needs_no_backup(tmp_path: Path) -> None:
    async with SQLiteStore(tmp_path / "memory.db", migrate=False) as store:
        assert store.backup is None
    assert legacy.backups(tmp_path / "memory.db") == []


async def test_a_file_that_holds_only_a_view_is_backed_up(tmp_path: Path) -> None:
    old = tmp_path / "memory.db"
    legacy.execute(old, "CREATE VIEW answer AS SELECT 42 AS value")
    with pytest.raises(MigrationRequiredError):
        await SQLiteStore(old, migrate=False).initialize()
    async with SQLiteStore(old):
        pass
    assert len(legacy.backups(old)) == 1


async def test_the_backup_of_a_link_lies_beside_the_file_itself(old: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(old)
    async with SQLiteStore(link) as store:
        assert store.backup is not None
        assert store.backup.parent == old.parent
    assert [each.name for each in link.parent.iterdir()] == ["link.db"]


# What a person finds in an old file.


async def test_the_six_interactions_of_generation_2_are_in_the_list(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 2)
    async with SQLiteStore(old) as store:
        found = await store.get_recent_interactions()
        assert [each["interaction_id"] for each in found] == [f"int-{i}" for i in range(5, -1, -1)]
        assert found[-1]["content"] == "fix the login bug"
        assert found[-1]["action"] == "interaction"
        assert found[-1]["details"]["actions_taken"][0]["target"] == "auth.py"
        assert found[-1]["metadata"]["tokens_used"] == 100


async def test_ids_are_the_same_before_and_after_a_migration(old: Path) -> None:
    before = await ids_in(old, read_only=True)
    assert await ids_in(old) == before
    assert await ids_in(old, read_only=True) == before
    assert len(set(before)) == len(before)


async def test_rows_without_an_id_are_known_by_their_number(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 0)
    async with SQLiteStore(old) as store:
        for number in (1, -5, 2**53 + 1, 2**62):
            record = await store.get_interaction(f"legacy-{number}")
            assert record is not None
            assert record["id"] == number


async def test_archived_rows_of_an_old_file_are_in_the_archive(old: Path) -> None:
    count = inspect_file(old).tables["archived_interactions"]
    async with SQLiteStore(old) as store:
        assert len(await store.get_archived_interactions()) == count
        assert len(await store.get_archived_patterns()) == 1


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_every_interaction_can_be_archived_and_restored(
    tmp_path: Path, generation: int
) -> None:
    old = legacy.make(tmp_path / "memory.db", generation)
    before = legacy.picture(old)
    ids = await ids_in(old)
    async with SQLiteStore(old) as store:
        assert await store.archive_interactions(ids, "manual") == len(ids)
        assert await store.get_recent_interactions() == []
        assert await store.restore_interactions(ids) == len(ids)
    after = legacy.picture(old, before)
    table = "complete_interactions" if generation == 2 else "interactions"
    assert values_of(after, table) == values_of(before, table)
    assert after.rows["archived_interactions"] == before.rows["archived_interactions"]
    assert await ids_in(old) == ids


@pytest.mark.parametrize("generation", GENERATIONS)
async def test_every_pattern_can_be_archived_and_restored(tmp_path: Path, generation: int) -> None:
    old = legacy.make(tmp_path / "memory.db", generation)
    before = legacy.picture(old)
    async with SQLiteStore(old) as store:
        ids = [each["id"] for each in await store.get_patterns()]
        assert await store.archive_patterns(ids, "wrong") == len(ids)
        assert await store.restore_patterns(ids) == len(ids)
        assert [each["id"] for each in await store.get_patterns()] == ids
    after = legacy.picture(old, before)
    assert values_of(after, "patterns") == values_of(before, "patterns")


def values_of(shown: legacy.Picture, table: str) -> list[tuple[object, ...]]:
    """The rows without their rowids, which SQLite gives anew where no column holds them."""
    return sorted((row[1:] for row in shown.rows[table]), key=repr)


async def test_old_and_new_interactions_are_one_list(old: Path) -> None:
    there = await ids_in(old)
    async with SQLiteStore(old) as store:
        added = await store.add_interaction({"action": "edit", "content": "new"})
        found = [each["interaction_id"] for each in await store.get_recent_interactions(1000)]
    assert found == [added, *there]


# What is asked first.


async def test_without_leave_to_migrate_the_steps_are_told_and_nothing_is_changed(
    old: Path,
) -> None:
    before = legacy.digests(old)
    with pytest.raises(MigrationRequiredError, match=r"memory\.db has an older schema") as error:
        await SQLiteStore(old, migrate=False).initialize()
    assert error.value.steps == inspect_file(old).migration
    assert legacy.digests(old) == before
    assert legacy.backups(old) == []


async def test_a_file_that_is_refused_keeps_its_wal(tmp_path: Path) -> None:
    # Closing the last connection that can write would take the -wal into the file.
    old = legacy.make(tmp_path / "memory.db", 1, journal_mode="wal")
    legacy.leave_wal(old, "DELETE FROM sessions")
    before = legacy.digests(old)
    assert set(before) == {"", "-wal"}
    with pytest.raises(MigrationRequiredError):
        await SQLiteStore(old, migrate=False).initialize()
    assert legacy.digests(old) == before


async def test_a_newer_file_keeps_its_wal(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1)
    await ids_in(old)
    legacy.leave_wal(old, "PRAGMA user_version=99", "CREATE TABLE memglass_future (what)")
    before = legacy.digests(old)
    assert set(before) == {"", "-wal"}
    async with SQLiteStore(old) as store:
        assert store.read_only
        assert "newer memglass" in str(store.read_only_reason)
        assert await store.get_recent_interactions()
    assert legacy.digests(old) == before


async def test_a_migrated_file_is_in_wal_mode(old: Path) -> None:
    assert inspect_file(old).journal_mode == "delete"
    await ids_in(old)
    assert inspect_file(old).journal_mode == "wal"


async def test_a_file_keeps_its_journal_mode_where_nothing_is_migrated(old: Path) -> None:
    await ids_in(old)
    legacy.execute(old, "PRAGMA journal_mode=DELETE")
    async with SQLiteStore(old) as store:
        await store.add_interaction({"action": "edit"})
    assert inspect_file(old).journal_mode == "delete"


# Versions.


async def test_a_version_number_of_the_agent_is_kept(old: Path) -> None:
    legacy.execute(old, "PRAGMA user_version=7")
    assert not inspect_file(old).newer
    for _ in range(2):
        async with SQLiteStore(old) as store:
            assert not store.read_only
            await store.add_interaction({"action": "edit"})
    with legacy.opened(old) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == 7
    assert (inspect_file(old).version, inspect_file(old).newer) == (SCHEMA_VERSION, False)
    assert len(legacy.backups(old)) == 1


async def test_a_file_of_a_newer_memglass_opens_read_only_and_says_so(old: Path) -> None:
    await ids_in(old)
    legacy.execute(old, "PRAGMA user_version=99", "CREATE TABLE memglass_future (what)")
    before = legacy.digests(old)
    assert (inspect_file(old).newer, inspect_file(old).version) == (True, 99)
    assert inspect_file(old).migration == ()
    async with SQLiteStore(old) as store:
        assert store.read_only
        assert "newer memglass" in str(store.read_only_reason)
        assert await store.get_recent_interactions()
        with pytest.raises(ReadOnlyError, match="newer memglass"):
            await store.add_interaction({"action": "edit"})
    assert legacy.digests(old) == before


async def test_a_newer_version_is_known_beside_a_number_of_the_agent(tmp_path: Path) -> None:
    old = legacy.make(tmp_path / "memory.db", 1)
    legacy.execute(old, "PRAGMA user_version=7")
    await ids_in(old)
    legacy.execute(old, "UPDATE memglass_meta SET value = '2' WHERE key = 'schema_version'")
    assert inspect_file(old).newer
    async with SQLiteStore(old) as store:
        assert store.read_only


# Names.


@pytest.mark.parametrize(
    "name",
    [
        "two words.db",
        "what?mode=rwc.db",
        "#1.db",
        "50%25 %41.db",
        "ключ 🔑.db",
        os.fsdecode(b"caf\xe9.db"),
        'quote\'s "mark".db',
        "line\nbreak.db",
        ":memory:",
        "file:memory.db",
        "-rf",
    ],
)
async def test_a_file_of_any_name_opens_in_place(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    old = legacy.make(tmp_path / name / name, 1)
    before = legacy.picture(old)
    assert inspect_file(old).generation == 1
    assert await ids_in(old, read_only=True) == await ids_in(old)
    legacy.check_nothing_lost(before, old)
    (backup,) = legacy.backups(old)
    assert backup.name.startswith(f"{name}.backup-2")
    assert legacy.picture(backup) == before
    assert {each.name for each in old.parent.iterdir()} <= {
        *(f"{name}{suffix}" for suffix in ("", "-wal", "-shm")),
        backup.name,
    }


async def test_a_relative_name_stays_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy.make(tmp_path / "memory.db", 2)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    async with SQLiteStore("memory.db") as store:
        monkeypatch.chdir(tmp_path / "elsewhere")
        await store.add_interaction({"action": "edit"})
        # More reads at once than there is a connection for yet.
        await asyncio.gather(*(store.get_recent_interactions() for _ in range(8)))
    assert list((tmp_path / "elsewhere").iterdir()) == []
