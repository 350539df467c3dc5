"""Scripts without spaces between words are searched by any part of what stands there."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import HybridStore
from storage.search.query import parse_query
from storage.search.spaceless import GAP, apart, is_spaceless, joined

TEXTS = {
    "failed": "我们昨天部署了新的数据库、结果失败了。",
    "approval": "数据库迁移需要审批",
    "tabs": "Anna 用 tabs 缩进Python代码",
    "japanese": "昨日、データベースをデプロイしました。",
    "thai": "เราปรับใช้ฐานข้อมูลเมื่อวานนี้",
    "apart": unicodedata.normalize("NFD", "デプロイと데이터베이스 배포"),
    "lao": "ຖານຂໍ້ມູນລົ້ມເຫລວ",
}


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spaceless") / "memory.db"
    asyncio.run(_fill(path))
    return path


async def _fill(path: Path) -> None:
    async with HybridStore(path, follow=False) as store:
        await store.add_interactions(
            {"interaction_id": each, "session_id": each, "content": text}
            for each, text in TEXTS.items()
        )
        await store.wait_for_index()


@pytest.fixture
async def store(memory: Path) -> AsyncIterator[HybridStore]:
    async with HybridStore(memory, follow=False) as store:
        yield store


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("数据库", {"failed", "approval"}),
        ('"部署了新"', {"failed"}),
        ('"部署新"', set()),
        ("数据库 -部署了", {"approval"}),
        ('数据库 -"迁移"', {"failed"}),
        ("缩进python", {"tabs"}),
        ("データベース", {"japanese"}),
        ("デプロ*", {"japanese", "apart"}),
        ("배포", {"apart"}),
        (unicodedata.normalize("NFD", '"デプロイと" 배포'), {"apart"}),
        ("ฐานข้อมูล", {"thai"}),
        ("ລົ້ມເຫລວ", {"lao"}),
    ],
)
async def test_a_part_of_a_sentence_is_found(store: HybridStore, typed: str, ids: set[str]) -> None:
    assert {hit.record_id for hit in await store.search(typed, by="words")} == ids
    assert {hit.record_id for hit in await store.typeahead(typed)} == ids


async def test_a_hit_names_what_was_asked_for_as_it_stands_there(store: HybridStore) -> None:
    [hit, *_] = await store.search("昨天数据库失败")
    assert (hit.record_id, hit.why.by) == ("failed", "both")
    assert hit.why.words == ("昨天", "数据库", "失败")


def test_a_question_is_looked_for_in_pieces_and_a_phrase_as_a_whole() -> None:
    assert [term.text for term in parse_query("数据库x1失败").terms] == [
        "数据",
        "据库",
        "x1",
        "失败",
    ]
    assert [term.text for term in parse_query('"数据库失败" -据库失败').terms] == ["数据库失败"]
    assert [term.text for term in parse_query("-据库失败").excluded] == ["据库失败"]


@given(st.text())
def test_a_gap_stands_between_letters_and_nowhere_else(text: str) -> None:
    parted = apart(text)
    assert parted.replace(GAP, "") == text.replace(GAP, "")
    if not any(map(is_spaceless, text)):
        assert parted == text


def test_words_are_joined_as_they_are_written() -> None:
    assert joined(["数", "据", "python", "tabs", "库"]) == "数据 python tabs 库"
    assert joined([]) == ""
