"""What neither JSON nor a text column can hold is refused, with the path to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import JSONEncodeError, SQLiteStore, ValidationError


def unsayable() -> Iterator[Any]:
    for value, path in (
        (math.nan, "score"),
        (math.inf, "score"),
        (-math.inf, "score"),
        ("\ud800", "score"),
        (1 + 2j, "score"),
        (b"bytes", "score"),
        ({1: 2}, "score"),
    ):
        yield pytest.param(value, path, id=ascii(value))


@pytest.mark.parametrize(("value", "key"), unsayable())
async def test_what_json_cannot_say_is_refused_with_the_path_to_it(
    tmp_path: Path, value: Any, key: str
) -> None:
    steps = [{}, {}, {}, {key: value}]
    async with SQLiteStore(tmp_path / "new.db") as store:
        for call, path in (
            (store.add_interaction({"details": {"steps": steps}}), "details.steps[3].score"),
            (store.add_interaction({"plan": steps}), "metadata.plan[3].score"),
            (store.add_pattern({"sequence": steps}), "sequence[3].score"),
            (
                store.add_world_model_state({"domain": "d", "entities": {"e 1": value}}),
                "entities['e 1']",
            ),
        ):
            with pytest.raises(JSONEncodeError) as caught:
                await call
            assert caught.value.path.startswith(path)
            assert path in str(caught.value)
        assert await store.get_recent_interactions() == []
        assert await store.get_journal() == []


@pytest.mark.parametrize(
    "field", ["interaction_id", "session_id", "action", "content", "timestamp"]
)
async def test_text_that_is_no_text_is_refused_with_its_field(tmp_path: Path, field: str) -> None:
    async with SQLiteStore(tmp_path / "new.db") as store:
        with pytest.raises(ValidationError) as caught:
            await store.add_interaction({field: "a\ud800"})
        assert caught.value.field == field
        assert await store.get_recent_interactions() == []
