"""How an index follows its database: each way in which rows come, change and go."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from storage import HybridStore, IndexStatus, SQLiteStore
from storage.search import following, reading
from tests.storage import outside
from tests.storage.search import truth
from tests.storage.search.asking import execute, found, until

PROCESS = Path(__file__).with_name("index_process.py")
RECORDS = 6000


def entries(index: Path) -> dict[int, int]:
    """Return the row of each slot of the interactions in an index."""
    return dict(outside.fetch(index, "SELECT slot, number FROM docs WHERE source = 0"))


@pytest.fixture
def many(path: Path) -> Path:
    """A database that takes several steps to index."""
    asyncio.run(_fill(path))
    return path


async def _fill(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interactions({"content": f"said zz{n}k"} for n in range(RECORDS))


# What each change does.


async def test_what_is_added_is_found(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        pattern = await store.add_pattern({"description": "giraffe"})
        await store.wait_for_index()
        assert await found(store, "zebra") == {turn}
        assert await found(store, "giraffe") == {pattern}


async def test_an_updated_record_is_found_by_its_new_words_only(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        await store.wait_for_index()
        await store.update_interaction(turn, content="giraffe")
        await store.wait_for_index()
        assert await found(store, "zebra") == set()
        assert await found(store, "giraffe") == {turn}


async def test_an_archived_record_is_found_in_the_archive(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        await store.wait_for_index()
        await store.archive_interactions([turn], "manual")
        await store.wait_for_index()
        [hit] = await store.search("zebra", by="words")
        assert (hit.record_id, hit.archived, hit.list_kind) == (turn, True, "archived_interaction")


async def test_a_restored_record_is_found_where_it_was(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turns = await store.add_interactions({"content": text} for text in ("zebra", "later"))
        await store.archive_interactions(turns[:1], "manual")
        await store.wait_for_index()
        await store.restore_interactions(turns[:1])
        await store.wait_for_index()
        [hit] = await store.search("zebra", by="words")
        assert (hit.record_id, hit.archived, hit.key.rowid) == (turns[0], False, 1)


async def test_what_an_undo_takes_back_is_found_as_it_was(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        async with store.transaction() as tx:
            await store.update_interaction(turn, content="giraffe")
        await store.wait_for_index()
        await store.undo(tx.id)
        await store.wait_for_index()
        assert await found(store, "giraffe") == set()
        assert await found(store, "zebra") == {turn}


async def test_entities_of_a_changed_state_come_and_go(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        for entities in ({"zebra": {"is": "striped"}, "lion": {}}, {"zebra": {"is": "grey"}}):
            await store.add_world_model_state(
                {"domain": "animals", "entities": entities, "confidence": 0.5}
            )
            await store.wait_for_index()
        hits = await store.search("kind:entity")
        assert [hit.entity for hit in hits] == ["zebra"]
        assert await store.search("striped", by="words") == []


async def test_a_state_that_another_program_gives_its_first_entity_is_found(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_world_model_state({"domain": "a", "entities": {}, "confidence": 0.5})
        await store.wait_for_index()
        execute(path, "UPDATE world_model_states SET entities = '{\"zebra\": 1}'")
        await store.wait_for_index()
        assert [hit.entity for hit in await store.search("zebra", by="words")] == ["zebra"]


async def test_what_a_merge_archives_is_found_in_the_archive(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        keep, other = await store.add_patterns([{"description": "lion"}, {"description": "zebra"}])
        await store.wait_for_index()
        await store.merge_patterns(keep, [other])
        await store.wait_for_index()
        [hit] = await store.search("zebra", by="words")
        assert (hit.record_id, hit.archived) == (other, True)


async def test_what_another_program_changes_and_deletes_is_followed(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        turns = await store.add_interactions({"content": text} for text in ("zebra", "lion"))
        await store.wait_for_index()
        execute(path, "UPDATE interactions SET content = 'giraffe' WHERE content = 'zebra'")
        execute(path, "DELETE FROM interactions WHERE content = 'lion'")
        await store.wait_for_index()
        assert await found(store, "giraffe") == {turns[0]}
        assert await found(store, "zebra") == await found(store, "lion") == set()


async def test_a_row_that_takes_the_number_of_a_deleted_one_is_followed(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_patterns([{"id": "a", "description": "lion"}, {"id": "b", "name": "zebra"}])
        await store.wait_for_index()
        execute(path, "DELETE FROM patterns WHERE id = 'b'")
        await store.add_pattern({"id": "c", "description": "giraffe"})
        [(number,)] = outside.fetch(path, "SELECT rowid FROM patterns WHERE id = 'c'")
        assert number == 2
        await store.wait_for_index()
        assert await found(store, "giraffe") == {"c"}
        assert await found(store, "zebra") == set()


async def test_rows_that_are_numbered_anew_are_found(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_patterns({"id": f"p{n}", "description": f"zz{n}k"} for n in range(9))
        await store.wait_for_index()
        execute(path, "UPDATE patterns SET rowid = rowid + 100")
        execute(path, "UPDATE patterns SET rowid = 110 - rowid")
        await truth.check_all(store, path, [f"zz{n}k" for n in range(9)])


async def test_a_vacuum_loses_nothing(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_patterns({"id": f"p{n}", "description": f"zz{n}k"} for n in range(9))
        execute(path, "DELETE FROM patterns WHERE rowid IN (1, 3, 4)")
        await store.wait_for_index()
        await store.vacuum_database()
        await truth.check_all(store, path, [f"zz{n}k" for n in range(9)])


async def test_own_changes_are_followed_in_the_background(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})

        async def is_found() -> bool:
            return await found(store, "zebra") == {turn}

        await until(is_found)


async def test_what_another_program_changes_is_followed_in_the_background(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})
        await store.wait_for_index()
        execute(path, "UPDATE interactions SET content = 'giraffe'")

        async def is_found() -> bool:
            return await found(store, "giraffe") == {turn}

        await until(is_found)


async def test_two_stores_of_one_file_follow_each_other(path: Path) -> None:
    async with HybridStore(path) as one, HybridStore(path) as other:
        first = await one.add_interaction({"content": "zebra"})
        second = await other.add_interaction({"content": "giraffe"})
        both = await asyncio.gather(one.wait_for_index(), other.wait_for_index())
        assert [status.missing for status in both] == [(), ()]
        assert both[0].path == both[1].path
        for store in (one, other):
            assert await found(store, "zebra") == {first}
            assert await found(store, "giraffe") == {second}


async def test_two_stores_that_build_one_index_at_once_make_one(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_ROWS_PER_BATCH", 200)
    async with HybridStore(many, follow=False) as one, HybridStore(many, follow=False) as other:
        await asyncio.gather(one.wait_for_index(), other.wait_for_index())
        for store in (one, other):
            await truth.check_all(store, many, ["zz3k", f"zz{RECORDS - 1}k"])


async def test_an_index_that_is_deleted_while_it_is_built_is_made_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catch_up = following.Follower.catch_up

    async def deleted_at_first(self: following.Follower, *, sweep: bool, is_alone: bool) -> None:
        await catch_up(self, sweep=sweep, is_alone=is_alone)
        if not deleted:
            deleted.append(Path(f"{path}.index"))
            deleted[0].unlink()

    deleted: list[Path] = []
    monkeypatch.setattr(following.Follower, "catch_up", deleted_at_first)
    async with HybridStore(path, follow=False) as store:
        await store.add_interaction({"content": "zz1k"})
        await truth.check_all(store, path, ["zz1k"])
    assert deleted[0].exists()


# How a build goes on.


async def test_a_build_that_was_killed_goes_on_where_it_stopped(many: Path) -> None:
    builder = outside.Listener(outside.python(PROCESS, "build", many))

    async def has_begun() -> bool:
        return bool(builder.lines) and builder.lines[-1].split()[1] != "0"

    await until(has_begun)
    assert builder.kill() == ""
    index = Path(f"{many}.index")
    before = entries(index)
    assert before
    async with HybridStore(many, follow=False) as store:
        status = await store.wait_for_index()
        assert (status.done, status.total) == (RECORDS, RECORDS)
        assert entries(index).items() >= before.items()
        await truth.check_all(store, many, ["zz0k", f"zz{RECORDS - 1}k"])


async def test_a_wait_that_is_cancelled_keeps_what_was_done(many: Path) -> None:
    async with HybridStore(many, follow=False) as store:
        waiting = asyncio.create_task(store.wait_for_index())

        async def has_begun() -> bool:
            return (await store.index_status()).done > 0

        await until(has_begun)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        status = await store.index_status()
        assert status.path is not None
        before = entries(status.path)
        assert before
        await truth.check_all(store, many, ["zz0k", f"zz{RECORDS - 1}k"])
        assert entries(status.path).items() >= before.items()


async def test_a_search_while_the_index_is_built_finds_what_is_there_so_far(many: Path) -> None:
    async with HybridStore(many) as store:

        async def is_found() -> bool:
            return bool(await found(store, "zz5k"))

        await until(is_found)


async def test_a_store_that_is_closed_while_it_builds_leaves_a_good_index(many: Path) -> None:
    async with HybridStore(many) as store:
        await store.index_status()
    async with HybridStore(many, follow=False) as store:
        await truth.check_all(store, many, ["zz0k", f"zz{RECORDS - 1}k"])


async def test_a_paused_index_stays_as_it_is_until_it_is_resumed(path: Path) -> None:
    async with HybridStore(path) as store:
        await store.wait_for_index()
        await store.pause_index()
        turn = await store.add_interaction({"content": "zebra"})
        await asyncio.sleep(0.5)
        assert (await store.index_status()).state == "paused"
        assert await found(store, "zebra") == set()
        await store.resume_index()

        async def is_ready() -> bool:
            return (await store.index_status()).state == "ready"

        await until(is_ready)
        assert await found(store, "zebra") == {turn}


async def test_an_index_that_is_thrown_away_is_made_again(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})
        first = await store.wait_for_index()
        assert first.path is not None
        number = first.path.stat().st_ino, first.path.stat().st_mtime_ns
        await store.rebuild_index()

        async def is_found() -> bool:
            return await found(store, "zebra") == {turn}

        await until(is_found)
        assert (first.path.stat().st_ino, first.path.stat().st_mtime_ns) != number


async def test_an_index_that_somebody_deletes_is_made_again_in_the_background(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})
        index = (await store.wait_for_index()).path
        assert index is not None
        index.unlink()

        async def is_back() -> bool:
            return index.exists() and (await store.index_status()).state == "ready"

        await until(is_back)
        assert await found(store, "zebra") == {turn}


async def test_searches_never_fail_while_the_index_is_thrown_away(path: Path) -> None:
    async with HybridStore(path) as store:
        turn = await store.add_interaction({"content": "zebra"})

        async def search() -> None:
            for _ in range(30):
                assert await found(store, "zebra") <= {turn}

        async def rebuild() -> None:
            for _ in range(10):
                await store.rebuild_index()

        await asyncio.gather(search(), search(), rebuild())
        await store.wait_for_index()
        assert await found(store, "zebra") == {turn}


async def test_a_search_that_is_cancelled_disturbs_no_other(many: Path) -> None:
    async with HybridStore(many, follow=False) as store:
        status = await store.wait_for_index()
        assert status.path is not None
        for number in range(30):
            tasks = [asyncio.create_task(found(store, f"zz{number}k said")) for _ in range(4)]
            await asyncio.sleep(0.0005 * (number % 5))
            for task in tasks[:3]:
                task.cancel()
            assert await tasks[3]
            await asyncio.gather(*tasks, return_exceptions=True)
        assert (await store.index_status()).missing == ()
        assert len(entries(status.path)) == RECORDS


# What it need not do again, and what it must.


async def opened(path: Path) -> IndexStatus:
    """Open, catch up and close."""
    async with HybridStore(path, follow=False) as store:
        return await store.wait_for_index()


async def test_a_file_that_nobody_touched_is_not_compared_again(path: Path) -> None:
    async with SQLiteStore(path) as store:
        await store.add_interactions([{"content": "zebra"}, {"content": "lion"}])
    index = (await opened(path)).path
    assert index is not None
    execute(index, "UPDATE docs SET digest = x'00'")
    await opened(path)
    assert outside.fetch(index, "SELECT DISTINCT digest FROM docs") == [(b"\0",)]
    execute(path, "UPDATE interactions SET content = 'giraffe' WHERE content = 'lion'")
    await opened(path)
    assert len(outside.fetch(index, "SELECT DISTINCT digest FROM docs")) == 2


async def test_a_backup_that_is_put_back_is_followed(path: Path, tmp_path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_interaction({"content": "zebra"})
    shutil.copyfile(path, tmp_path / "backup.db")
    async with HybridStore(path, follow=False) as store:
        for number in range(5):
            await store.add_interaction({"content": f"zz{number}k"})
        await store.wait_for_index()
    shutil.copyfile(tmp_path / "backup.db", path)
    async with HybridStore(path, follow=False) as store:
        await store.wait_for_index()
        await store.add_interaction({"content": "zz9k"})
        await truth.check_all(store, path, [*(f"zz{number}k" for number in range(5)), "zz9k"])
