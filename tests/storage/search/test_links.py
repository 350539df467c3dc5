"""A memory that is opened by a link, or by a name that holds only in one folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage import HybridStore, StoreBusyError
from storage.importers.sqlite_file import SqliteFile
from tests.storage import outside
from tests.storage.search.asking import found

ASKED: dict[str, Callable[[HybridStore], Any]] = {
    "file": lambda store: store.get_file_size(),
    "overview": lambda store: store.get_overview(),
    "statistics": lambda store: store.get_statistics(),
    "vacuum": lambda store: store.vacuum_database(),
    "index": lambda store: store.rebuild_index(),
}


async def test_what_another_program_wrote_while_a_link_was_closed_is_found(
    path: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link.db"
    link.symlink_to(path)
    async with HybridStore(path, follow=False) as store:
        turn = await store.add_interaction({"content": "giraffe"})
    # As long as another program has it open, what is written stays in the -wal.
    with outside.connected(path) as agent:
        agent.execute("SELECT * FROM interactions").fetchall()
        async with HybridStore(link, follow=False) as store:
            await store.wait_for_index()
        agent.execute("UPDATE interactions SET content = 'zebra'")
        async with HybridStore(link, follow=False) as store:
            await store.wait_for_index()
            assert await found(store, "zebra") == {turn}


def test_a_source_behind_a_link_is_not_read_while_it_is_half_written(tmp_path: Path) -> None:
    source, link = tmp_path / "source.db", tmp_path / "link.db"
    link.symlink_to(source)
    with outside.connected(_made(source)) as agent, SqliteFile(link) as opened:
        opened.is_patient = False
        agent.execute("PRAGMA cache_size=1")
        agent.execute("BEGIN IMMEDIATE")
        agent.execute("UPDATE t SET said = 'half' || said")
        with pytest.raises(StoreBusyError):
            opened.page("SELECT count(*) FROM t WHERE said LIKE 'half%'")


def _made(path: Path) -> Path:
    path.touch()
    with outside.connected(path) as raw:
        raw.execute("CREATE TABLE t (said)")
        raw.execute(
            "WITH n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
            " INSERT INTO t SELECT printf('%200d', i) FROM n"
        )
    return path


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
async def test_a_program_may_go_to_another_folder_while_a_memory_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: Callable[[HybridStore], Any]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    async with HybridStore("memory.db", index_path="memory.index", follow=False) as store:
        turn = await store.add_interaction({"content": "zebra"})
        monkeypatch.chdir("elsewhere")
        await asked(store)
        status = await store.wait_for_index()
        assert status.path == tmp_path / "memory.index"
        assert await found(store, "zebra") == {turn}
    assert list((tmp_path / "elsewhere").iterdir()) == []
