"""How an index follows its database: each way in which rows come, change and go."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from storage import HybridStore, IndexStatus, SQLiteStore
from tests.storage import outside
from tests.storage.search import truth
from tests.storage.search.asking import execute, found, until

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


async def test_a_record_that_moves_leaves_no_document_where_it_was(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        ids = await store.add_interactions({"content": f"zz{number}k"} for number in range(5))
        await store.wait_for_index()
        await store.archive_interactions(ids[:2], "manual")
        await store.wait_for_index()
    assert outside.fetch(Path(f"{path}.index"), "SELECT count(*) FROM docs") == [(5,)]


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
