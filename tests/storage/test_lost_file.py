"""A store whose file is deleted, moved or replaced while it is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import FileError, SQLiteStore
from tests.storage.blocks import add, texts


async def test_a_file_that_got_another_number_as_it_was_opened_can_be_changed(
    tmp_path: Path,
) -> None:
    async with SQLiteStore(tmp_path / "memory.db") as store:
        store.database.identity = (0, 0)
        store.database.identify()
        await add(store, "kept")
        # One that nobody here has open is another one.
        tmp_path.joinpath("memory.db").rename(tmp_path / "elsewhere.db")
        tmp_path.joinpath("memory.db").touch()
        store.database.identify()
        with pytest.raises(FileError):
            await add(store, "lost")


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
async def test_nothing_is_changed_in_a_file_that_nobody_finds_any_more(
    tmp_path: Path, how: str
) -> None:
    path, elsewhere = tmp_path / "memory.db", tmp_path / "elsewhere.db"
    async with SQLiteStore(path) as store:
        await add(store, "before")
        if how == "replaced":
            async with SQLiteStore(elsewhere) as other:
                await add(other, "another")
            elsewhere.replace(path)
        else:
            path.rename(elsewhere)
            if how == "deleted":
                elsewhere.unlink()
        with pytest.raises(FileError, match="deleted, moved or replaced while it was open"):
            await add(store, "lost")
        with pytest.raises(FileError):
            async with store.transaction() as tx:
                await add(store, "lost, too")
        assert tx.state == "rolled_back"
        with pytest.raises(FileError):
            await store.vacuum_database()
        assert await texts(store) == ["before"]
        if how == "moved":
            elsewhere.rename(path)
            await add(store, "after")
            assert await texts(store) == ["before", "after"]
