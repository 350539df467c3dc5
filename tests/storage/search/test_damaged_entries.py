"""Indexes whose entries SQLite finds sound, though they say what nobody wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import HybridStore
from tests.storage import legacy
from tests.storage.search.asking import found


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE meta SET value = '1000000000000000000000000000000' WHERE key = 'high:0'",
        "UPDATE meta SET value = '-1000000000000000000000000000000' WHERE key = 'journal'",
        "INSERT INTO unembedded SELECT slot FROM docs; UPDATE docs SET source = 99",
        "UPDATE docs SET source = 'x' WHERE record_id = 'turn-5'",
    ],
)
async def test_an_index_whose_numbers_lead_nowhere_is_made_anew(
    filled: Path, index: Path, damage: str
) -> None:
    for statement in damage.split(";"):
        legacy.execute(index, statement)
    async with HybridStore(filled, follow=False) as store:
        await store.archive_interactions(["turn-5"], "manual")
        assert (await store.wait_for_index()).state == "ready"
        assert [len(await found(store, f"zz{n}k")) for n in range(60)] == [1] * 60


@pytest.mark.parametrize("value", ["part = 'x'", "number = -1", "number = number + 1000"])
async def test_what_a_search_finds_misplaced_is_put_right(
    filled: Path, index: Path, value: str
) -> None:
    async with HybridStore(filled, follow=False) as store:
        await store.wait_for_index()
        legacy.execute(index, f"UPDATE docs SET {value} WHERE slot % 3 = 0")
        await store.search("zebra", limit=100)
        await store.wait_for_index()
        assert [len(await found(store, f"zz{n}k")) for n in range(60)] == [1] * 60


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE blocks SET id = -1 WHERE id = 1",
        "INSERT INTO removed (slot) VALUES (5)",
        "INSERT INTO blocks (data) SELECT data FROM blocks",
    ],
)
async def test_an_index_whose_logs_lack_or_repeat_documents_is_made_anew(
    filled: Path, index: Path, damage: str
) -> None:
    legacy.execute(index, damage)
    async with HybridStore(filled, follow=False) as store:
        await store.search("zebra")
        assert (await store.wait_for_index()).state == "ready"
        hits = await store.search("", limit=200)
        assert len({(hit.list_kind, hit.key, hit.entity) for hit in hits}) == len(hits) == 75


@pytest.mark.parametrize(
    ("declared", "damaged"),
    [
        # Its numbers are then kept nowhere, and SQLite finds that sound.
        (b"'words_data'(id INTEGER PRIMARY KEY", b"'words_data'(id INTEGER PRIMARY_KEY"),
        (b"float[256]", b"float[25\xcc]"),
    ],
)
async def test_an_index_of_which_a_table_is_declared_otherwise_is_made_anew(
    filled: Path, index: Path, declared: bytes, damaged: bytes
) -> None:
    content = index.read_bytes()
    assert declared in content
    index.write_bytes(content.replace(declared, damaged))
    async with HybridStore(filled, follow=False) as store:
        await store.add_interaction({"interaction_id": "turn-60", "content": "they said zz60k"})
        assert (await store.wait_for_index()).state == "ready"
        assert [len(await found(store, f"zz{n}k")) for n in range(61)] == [1] * 61
