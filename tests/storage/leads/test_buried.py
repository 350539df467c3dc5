"""A run of archiving whose product says little of what its sources said."""

from __future__ import annotations

import pytest

from storage import SQLiteStore
from tests.storage.leads.finding import believe, leads_of, limits_of, say

CORRECTION = "Stop, that was wrong. Deploys to production always need my explicit approval."
TALK = [f"look at module number{number} and mend parser{number}" for number in range(30)]
FULL = "; ".join(TALK)


async def bury(
    store: SQLiteStore, texts: list[str], description: str, role: str = "user"
) -> list[str]:
    ids = await say(store, role, *texts)
    await believe(store, "p", 0.6, ids, description=description)
    await store.archive_interactions(ids, "consolidated_to_working", "p")
    return ids


async def test_a_correction_that_the_product_does_not_hold_is_named(store: SQLiteStore) -> None:
    ids = await bury(store, [*TALK[:15], CORRECTION, *TALK[15:]], FULL)
    (lead,) = await leads_of(store, "buried")
    assert lead.lost is not None
    assert lead.lost.record_id == ids[15]
    assert lead.evidence[0] == lead.lost
    assert lead.title == f"31 interactions became p; maybe lost: {ids[15]}"
    assert CORRECTION in lead.why


async def test_a_product_that_says_next_to_nothing_of_many_is_a_lead(store: SQLiteStore) -> None:
    await bury(store, TALK, "Work was done.")
    (lead,) = await leads_of(store, "buried")
    assert "which says little of them" in lead.title
    assert lead.lost is None


@pytest.mark.parametrize(
    "told",
    [
        "用户要求在每次部署到生产环境之前必须得到明确批准并且保留日志",
        "ผู้ใช้ต้องการให้ขออนุมัติก่อนนำขึ้นระบบจริงทุกครั้ง",
        "मीना को हर बार पूछना है कि कौन सी फ़ाइल जाँची गई और क्यों",
    ],
)
async def test_a_product_that_says_enough_in_any_script_is_none(
    store: SQLiteStore, told: str
) -> None:
    await bury(store, [told] * 30, told)
    assert await leads_of(store, "buried") == []


async def test_a_correction_that_the_product_holds_is_none(store: SQLiteStore) -> None:
    await bury(store, [*TALK, CORRECTION], f"{FULL}; {CORRECTION}")
    assert await leads_of(store, "buried") == []


async def test_a_correction_that_another_pattern_was_made_from_is_none(
    store: SQLiteStore,
) -> None:
    ids = await bury(store, [*TALK, CORRECTION], FULL)
    await believe(store, "q", 0.9, ids[-1:])
    assert await leads_of(store, "buried") == []


async def test_what_a_tool_wrote_is_no_correction(store: SQLiteStore) -> None:
    await bury(store, [*TALK, CORRECTION], FULL, role="tool")
    assert await leads_of(store, "buried") == []


async def test_a_usual_run_is_none(store: SQLiteStore) -> None:
    await bury(store, TALK, FULL)
    assert await leads_of(store, "buried") == []


async def test_what_a_person_archives_into_nothing_is_none(store: SQLiteStore) -> None:
    await store.archive_interactions(await say(store, "user", CORRECTION, *TALK), "manual")
    assert await leads_of(store, "buried") == []


async def test_a_product_that_is_archived_itself_is_read_there(store: SQLiteStore) -> None:
    await bury(store, TALK, FULL)
    await store.archive_patterns(["p"], "promoted_to_semantic", "q")
    assert await leads_of(store, "buried") == []


async def test_a_product_that_is_nowhere_is_a_lead(store: SQLiteStore) -> None:
    await store.archive_interactions(await say(store, "user", "a", "b"), "consolidated", "ghost")
    (lead,) = await leads_of(store, "buried")
    assert lead.title == "2 interactions became ghost, which is nowhere"


async def test_one_interaction_is_told_as_one(store: SQLiteStore) -> None:
    await store.archive_interactions(await say(store, "user", "a"), "consolidated", "ghost")
    (lead,) = await leads_of(store, "buried")
    assert lead.title == "1 interaction became ghost, which is nowhere"
    assert lead.why.startswith("1 interaction was archived as consolidated into ghost,")


async def test_of_a_large_archive_the_newest_part_is_looked_at_and_that_is_said(
    store: SQLiteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.leads.buried._MOST_ROWS", 10)
    monkeypatch.setattr("storage.leads.buried._ROWS_PER_STEP", 10)
    await bury(store, [CORRECTION, *TALK], FULL)
    assert await leads_of(store, "buried") == []
    assert any("archived" in limit for limit in await limits_of(store))
