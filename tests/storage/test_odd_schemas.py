"""Files whose schema is the agent's own: views, triggers, other cases, generated columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import SchemaError, SQLiteStore, StorageError, inspect_file
from tests.storage import legacy


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return legacy.make(tmp_path / "memory.db", 1)


async def refused(path: Path, match: str) -> None:
    """The file is refused before anything is done to it."""
    before = legacy.digests(path)
    with pytest.raises(SchemaError, match=match):
        inspect_file(path)
    for migrate in (True, False):
        with pytest.raises(SchemaError, match=match):
            await SQLiteStore(path, migrate=migrate).initialize()
    assert legacy.digests(path) == before
    assert legacy.backups(path) == []


async def all_ids(store: SQLiteStore) -> list[str]:
    return [each["interaction_id"] for each in await store.get_recent_interactions(1000)]


# Something else has the name of one of our tables.


@pytest.mark.parametrize(
    ("columns", "missing"),
    [("user_id, product_id", "id"), ("id, user_id", "timestamp"), ("timestamp", "id")],
)
async def test_a_table_of_our_name_that_is_something_else_is_refused(
    tmp_path: Path, columns: str, missing: str
) -> None:
    path = tmp_path / "shop.db"
    legacy.execute(
        path, f"CREATE TABLE interactions ({columns})", "INSERT INTO interactions DEFAULT VALUES"
    )
    await refused(path, f"interactions has no column {missing}, so it is not an agent's")


@pytest.mark.parametrize(
    "table", ["memglass_journal", "memglass_notes", "memglass_archived_rows", "memglass_meta"]
)
async def test_a_table_that_only_has_a_name_of_ours_is_refused(tmp_path: Path, table: str) -> None:
    path = tmp_path / "shop.db"
    legacy.execute(path, f"CREATE TABLE {table} (price)", f"INSERT INTO {table} VALUES (1)")
    await refused(path, f"Table {table} has no column (id|key),")


async def test_a_view_of_our_name_is_refused(old: Path) -> None:
    legacy.execute(
        old,
        "ALTER TABLE interactions RENAME TO turns",
        "CREATE VIEW Interactions AS SELECT * FROM turns",
    )
    await refused(old, "interactions is a view")


async def test_a_virtual_table_of_our_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(path, "CREATE VIRTUAL TABLE interactions USING fts5(id, timestamp)")
    await refused(path, "interactions is a virtual table")


async def test_a_table_without_rowids_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(path, "CREATE TABLE patterns (id TEXT PRIMARY KEY, name) WITHOUT ROWID")
    await refused(path, "patterns have no rowid of their own")


async def test_a_column_named_rowid_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(path, "CREATE TABLE patterns (id TEXT PRIMARY KEY, RowID TEXT)")
    await refused(path, "patterns have no rowid of their own")


async def test_a_generated_column_that_we_would_write_is_refused(tmp_path: Path) -> None:
    path = legacy.make(tmp_path / "memory.db", 0)
    legacy.execute(
        path, "ALTER TABLE interactions ADD COLUMN interaction_id AS ('turn-' || id) VIRTUAL"
    )
    await refused(path, "interaction_id of table interactions is generated")


@pytest.mark.parametrize("content", ["('schema_version', 'soon')", "('schema_version', NULL)"])
async def test_a_version_that_is_no_number_is_refused(old: Path, content: str) -> None:
    legacy.execute(
        old,
        "CREATE TABLE memglass_meta (key PRIMARY KEY, value)",
        f"INSERT INTO memglass_meta VALUES ('user_version_is_the_agents', '1'), {content}",
    )
    await refused(old, "memglass_meta says that the schema has the version")


async def test_a_view_in_the_place_of_a_table_that_we_only_browse_is_no_obstacle(
    old: Path,
) -> None:
    legacy.execute(
        old,
        "DROP TABLE feedback",
        "CREATE VIEW feedback AS SELECT 1 AS context",
        "CREATE VIEW complete_interactions AS SELECT * FROM interactions",
    )
    before = legacy.picture(old)
    async with SQLiteStore(old) as store:
        assert len(await all_ids(store)) == len(before.rows["interactions"])
    legacy.check_nothing_lost(before, old)


# What a migration works around.


async def test_names_in_another_case_are_the_same_names(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(
        path,
        """CREATE TABLE Interactions (ID INTEGER PRIMARY KEY, Interaction_ID TEXT UNIQUE,
            "TimeStamp" TEXT, SESSION_id TEXT, Details TEXT)""",
        "CREATE TABLE PATTERNS (Id TEXT PRIMARY KEY, NAME TEXT, Confidence REAL)",
        """INSERT INTO Interactions VALUES (1, 'a', '2025-01-02', 's', '{"k": 1}'),
            (2, NULL, '2025-01-01', 's', '{}')""",
        "INSERT INTO PATTERNS VALUES ('p', 'Test first', 0.5)",
    )
    before = legacy.picture(path)
    async with SQLiteStore(path) as store:
        assert await all_ids(store) == ["a", "legacy-2"]
        assert await store.archive_interactions(["a", "legacy-2"], "manual") == 2
        assert await store.restore_interactions(["a", "legacy-2"]) == 2
        record = await store.get_interaction("a")
        assert record is not None
        assert (record["timestamp"], record["details"]) == ("2025-01-02", {"k": 1})
        assert (await store.get_patterns())[0]["name"] == "Test first"
        added = await store.add_interaction({"action": "edit", "session_id": "t"})
        assert (await store.get_recent_interactions(session_id="t"))[0]["interaction_id"] == added
        await store.archive_interactions([added], "manual")
    legacy.check_nothing_lost(before, path)
    assert "create table interactions" not in inspect_file(path).migration


async def test_generated_columns_of_the_agent_are_kept(old: Path) -> None:
    legacy.execute(
        old,
        "ALTER TABLE interactions ADD COLUMN day TEXT AS (substr(timestamp, 1, 10)) VIRTUAL",
        """CREATE TABLE totals (id INTEGER PRIMARY KEY, a, b,
            total AS (a + b) STORED)""",
        "INSERT INTO totals (a, b) VALUES (1, 2)",
    )
    before = legacy.picture(old)
    async with SQLiteStore(old) as store:
        ids = await all_ids(store)
        assert await store.archive_interactions(ids, "manual") == len(ids)
        assert await store.restore_interactions(ids) == len(ids)
    after = legacy.picture(old, before)
    assert after.rows["interactions"] == before.rows["interactions"]
    assert after.rows["totals"] == before.rows["totals"]


async def test_views_and_triggers_that_are_broken_are_kept(old: Path) -> None:
    legacy.execute(
        old,
        "CREATE VIEW lost AS SELECT * FROM nowhere",
        "CREATE VIEW older AS SELECT gone FROM interactions",
        """CREATE TRIGGER broken AFTER UPDATE ON patterns BEGIN
            INSERT INTO nowhere VALUES (1); END""",
    )
    before = legacy.picture(old)
    async with SQLiteStore(old) as store:
        assert await all_ids(store)
        with pytest.raises(StorageError, match="nowhere"):
            await store.update_pattern("p1", name="other")
    legacy.check_nothing_lost(before, old)


async def test_strict_tables_are_migrated(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    legacy.execute(
        path,
        "CREATE TABLE patterns (id TEXT PRIMARY KEY, name TEXT NOT NULL, confidence REAL) STRICT",
        "INSERT INTO patterns VALUES ('p', 'Test first', 0.5)",
    )
    before = legacy.picture(path)
    async with SQLiteStore(path) as store:
        assert await store.archive_patterns(["p"], "wrong") == 1
        assert await store.restore_patterns(["p"]) == 1
        assert await store.add_pattern({"name": "n", "pattern_type": "t", "sequence": []})
        await store.archive_patterns([(await store.get_patterns("t"))[0]["id"]], "manual")
    legacy.check_nothing_lost(before, path)


async def test_full_text_tables_of_the_agent_are_kept_in_step_by_its_triggers(old: Path) -> None:
    legacy.execute(
        old,
        "CREATE VIRTUAL TABLE words USING fts5(action)",
        """CREATE TRIGGER words_of AFTER INSERT ON interactions BEGIN
            INSERT INTO words (rowid, action) VALUES (new.id, new.action); END""",
    )
    async with SQLiteStore(old) as store:
        await store.add_interaction({"action": "refactor"})
    with legacy.opened(old) as connection:
        found = connection.execute("SELECT count(*) FROM words WHERE words MATCH 'refactor'")
        assert found.fetchone()[0] == 1


async def test_virtual_tables_whose_module_is_missing_are_kept(old: Path) -> None:
    rewrite_schema(
        old,
        """INSERT INTO sqlite_schema VALUES ('table', 'vectors', 'vectors', 0,
            'CREATE VIRTUAL TABLE vectors USING agents_own(embedding)')""",
    )
    assert inspect_file(old).generation == 1
    async with SQLiteStore(old, read_only=True) as store:
        there = await all_ids(store)
    async with SQLiteStore(old) as store:
        assert await all_ids(store) == there
        await store.get_statistics()
        assert [each async for each in store.check_health()]
    with legacy.opened(old) as connection:
        kept = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'vectors'")
        assert kept.fetchall() == [("CREATE VIRTUAL TABLE vectors USING agents_own(embedding)",)]


async def test_a_table_whose_name_is_no_text_is_left_alone(old: Path) -> None:
    legacy.execute(old, "CREATE TABLE misnamed (a)", "INSERT INTO misnamed VALUES (1)")
    rewrite_schema(
        old,
        """UPDATE sqlite_schema SET name = CAST(x'6dff' AS TEXT), tbl_name = CAST(x'6dff' AS TEXT),
            sql = CAST(CAST('CREATE TABLE "' AS BLOB) || x'6dff' || CAST('" (a)' AS BLOB) AS TEXT)
            WHERE name = 'misnamed'""",
    )
    for read_only in (True, False):
        async with SQLiteStore(old, read_only=read_only) as store:
            assert await all_ids(store)
            await store.get_statistics()
    assert legacy.integrity(old) == "ok"


async def test_a_column_whose_name_is_no_text_is_never_written_around(old: Path) -> None:
    legacy.execute(old, "ALTER TABLE patterns ADD COLUMN misnamed")
    rewrite_schema(
        old,
        """UPDATE sqlite_schema SET sql = CAST(replace(sql, 'misnamed',
            CAST(CAST('"m' AS BLOB) || x'ff22' AS TEXT)) AS TEXT) WHERE name = 'patterns'""",
    )
    await refused(old, "patterns has a column whose name is not UTF-8")
    async with SQLiteStore(old, read_only=True) as store:
        assert await store.get_patterns()


def rewrite_schema(path: Path, statement: str) -> None:
    """Change the schema as no statement of SQL can."""
    legacy.execute(path, "PRAGMA writable_schema=ON", statement)


# Triggers that stand in the way of a change.


@pytest.mark.parametrize("when", ["BEFORE", "AFTER"])
async def test_triggers_of_the_agent_fire_as_it_meant_them(tmp_path: Path, when: str) -> None:
    path = legacy.make(tmp_path / "memory.db", 2)
    legacy.execute(
        path,
        "CREATE TABLE told (what, id)",
        f"""CREATE TRIGGER told_delete {when} DELETE ON complete_interactions BEGIN
            INSERT INTO told VALUES ('gone', old.interaction_id); END""",
        f"""CREATE TRIGGER told_insert {when} INSERT ON complete_interactions BEGIN
            INSERT INTO told VALUES ('back', new.interaction_id); END""",
    )
    async with SQLiteStore(path) as store:
        await store.archive_interactions(["int-1"], "manual")
        await store.restore_interactions(["int-1"])
    with legacy.opened(path) as connection:
        told = connection.execute("SELECT what, id FROM told").fetchall()
    assert told == [("gone", "int-1"), ("back", "int-1")]


@pytest.mark.parametrize(
    ("event", "action"),
    [
        ("BEFORE DELETE ON interactions", "SELECT RAISE(IGNORE)"),
        ("BEFORE DELETE ON interactions", "SELECT RAISE(ABORT, 'the agent says no')"),
        ("AFTER DELETE ON interactions", "SELECT RAISE(ROLLBACK, 'the agent says no')"),
        ("BEFORE INSERT ON archived_interactions", "SELECT RAISE(IGNORE)"),
        (
            "AFTER INSERT ON archived_interactions",
            "DELETE FROM archived_interactions WHERE id = new.id",
        ),
    ],
)
async def test_a_trigger_that_would_lose_a_row_stops_the_archiving(
    old: Path, event: str, action: str
) -> None:
    legacy.execute(old, f"CREATE TRIGGER obstacle {event} BEGIN {action}; END")
    before = legacy.picture(old)
    async with SQLiteStore(old) as store:
        ids = (await all_ids(store))[:5]
        with pytest.raises(StorageError, match=r"trigger|the agent says no"):
            await store.archive_interactions(ids, "manual")
        assert await store.get_journal() == []
    legacy.check_nothing_lost(before, old)


async def test_a_trigger_that_keeps_a_row_out_stops_the_restoring(old: Path) -> None:
    async with SQLiteStore(old) as store:
        (kept, *_) = await all_ids(store)
        await store.archive_interactions([kept], "manual")
    legacy.execute(
        old,
        "CREATE TRIGGER shut BEFORE INSERT ON interactions BEGIN SELECT RAISE(IGNORE); END",
    )
    before = legacy.picture(old)
    async with SQLiteStore(old) as store:
        with pytest.raises(StorageError, match="trigger"):
            await store.restore_interactions([kept])
    assert legacy.picture(old) == before
