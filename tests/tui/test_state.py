"""What is remembered of a memory: kept for it alone, written whole, and never in the way."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.conftest import Browse, toasts
from tests.tui.waiting import settled
from tui.memory import Memory
from tui.state import State

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip


async def test_what_was_put_is_there_at_the_next_visit(tmp_path: Path) -> None:
    state = State(tmp_path / "memory.db")
    state.put("pane", "archive")
    state.put("sizes", {"archive": 0.4})
    await state.save()
    again = State(tmp_path / "memory.db")
    assert again.get("pane") == "archive"
    assert again.get("sizes", {}) == {"archive": 0.4}
    assert again.get("zoomed", False) is False


@given(value=JSON)
def test_any_json_comes_back_as_it_was(
    value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")

    async def there_and_back() -> Any:
        state = State(folder / "memory.db", folder=folder)
        state.put("value", value)
        await state.save()
        return State(folder / "memory.db", folder=folder).get("value")

    assert asyncio.run(there_and_back()) == value


@pytest.mark.parametrize("value", [float("nan"), object(), {1, 2}])
def test_what_json_cannot_say_is_refused_at_once(tmp_path: Path, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        State(tmp_path / "memory.db").put("value", value)


async def test_it_is_written_by_itself_a_moment_later_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.state._WRITTEN_AFTER", 0.01)
    state = State(tmp_path / "memory.db", folder=tmp_path)
    for number in range(50):
        state.put("number", number)
    assert not state.file.exists()
    for _ in range(200):
        if state.file.exists():
            break
        await asyncio.sleep(0.01)
    assert State(tmp_path / "memory.db", folder=tmp_path).get("number") == 49
    await state.save()


async def test_only_this_user_may_read_it(tmp_path: Path) -> None:
    state = State(tmp_path / "memory.db", folder=tmp_path / "deep" / "states")
    state.put("pane", "archive")
    await state.save()
    assert state.file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in state.file.parent.iterdir()] == [state.file.name]


async def test_a_memory_is_the_same_whatever_leads_to_it(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert State(tmp_path / "link" / "m.db").file == State(tmp_path / "real" / "m.db").file
    assert State(tmp_path / "real" / "n.db").file != State(tmp_path / "real" / "m.db").file
    odd = Path(os.fsdecode(bytes(tmp_path) + b"/\xff\x1b[2J.db"))
    state = State(odd)
    state.put("pane", "archive")
    await state.save()
    assert State(odd).get("pane") == "archive"


async def test_two_programs_keep_what_the_other_put(tmp_path: Path) -> None:
    here, there = State(tmp_path / "memory.db"), State(tmp_path / "memory.db")
    assert here.get("pane", "") == there.get("pane", "") == ""
    here.put("pane", "archive")
    there.put("queries", ["who approves"])
    await asyncio.gather(here.save(), there.save())
    both = State(tmp_path / "memory.db")
    assert (both.get("pane"), both.get("queries")) == ("archive", ["who approves"])


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b"[]", b'{"values": 3}', b"[" * 100_000, b" " * 5_000_000]
)
async def test_a_damaged_state_is_set_aside_and_said_once(tmp_path: Path, damage: bytes) -> None:
    state = State(tmp_path / "memory.db")
    state.file.write_bytes(damage)
    said: list[str] = []
    assert state.get("pane", "interactions") == "interactions"
    state.tell_troubles(said.append)
    state.put("pane", "archive")
    await state.save()
    assert len(said) == 1
    assert "damaged" in said[0]
    assert state.file.with_suffix(".broken").read_bytes() == damage
    assert json.loads(state.file.read_text())["values"] == {"pane": "archive"}


def test_a_value_of_another_type_counts_as_none(tmp_path: Path) -> None:
    state = State(tmp_path / "memory.db")
    for value in (True, "wide", [1], {"a": 1}, None):
        state.put("share", value)
        assert state.get("share", 0.5) == 0.5
    state.put("share", 1)
    assert state.get("share", 0.5) == 1.0
    state.put("count", True)
    assert state.get("count", 7) == 7


async def test_a_place_that_cannot_be_written_is_said_once_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    blocker = tmp_path / "folder"
    blocker.write_text("a file")
    state = State(tmp_path / "memory.db", folder=blocker)
    said: list[str] = []
    state.tell_troubles(said.append)
    state.put("pane", "archive")
    await state.save()
    state.put("pane", "patterns")
    await state.save()
    # A folder that is a file can be neither read nor written.
    assert [sentence.split("cannot be ")[1].split(":")[0] for sentence in said] == [
        "read",
        "written",
    ]
    blocker.unlink()
    await state.save()
    assert State(tmp_path / "memory.db", folder=blocker).get("pane") == "patterns"


async def test_the_program_says_that_its_state_was_damaged_and_goes_on(
    memory_file: Path, browse: Browse
) -> None:
    file = Memory(memory_file).state.file
    file.write_text("rubbish")
    async with browse(memory_file) as pilot:
        pilot.app.memory.state.get("pane")  # type: ignore[attr-defined]
        await settled(pilot)
        assert "was set aside as" in toasts(pilot)
