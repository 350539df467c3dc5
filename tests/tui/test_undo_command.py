"""Undoing and doing again in a shell: the newest change, any by its id, and all after one."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.tui.shell_runs import (
    LIVE,
    answer_of,
    digest,
    fill,
    invoke,
    live,
    make,
    refused,
)

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return make(tmp_path / "memory.db")


def test_the_newest_change_by_hand_is_undone_and_then_the_one_before(path: Path) -> None:
    invoke("archive", path, "int-a", "--reason", "wrong")
    invoke("archive", path, "int-b", "--reason", "wrong")
    fill(path, lambda store: store.add_interaction({"interaction_id": "of-the-agent"}))
    assert answer_of("undo", path)["what"] == "archived interaction int-b"
    assert live(path) == LIVE - {"int-a"} | {"of-the-agent"}
    answer_of("undo", path)
    assert live(path) == LIVE | {"of-the-agent"}
    why = refused("undo", path)
    assert "Nothing" in why
    assert "added interaction of-the-agent" in why


def test_what_was_undone_is_done_again(path: Path) -> None:
    invoke("archive", path, "int-a", "--reason", "wrong")
    done = invoke("undo", path)
    assert f"memglass redo {path}" in done.stderr
    again = answer_of("redo", path)
    assert again["what"] == "archived interaction int-a"
    assert live(path) == LIVE - {"int-a"}
    assert "nothing" in refused("redo", path)
    assert answer_of("undo", path)["undone"] == again["transaction_id"]
    assert live(path) == LIVE


def test_any_change_is_undone_by_its_id_and_all_that_came_after_one(path: Path) -> None:
    first = answer_of("archive", path, "int-a", "--reason", "wrong")["transaction_id"]
    invoke("archive", path, "int-b", "--reason", "wrong")
    invoke("archive", path, "int-c", "--reason", "wrong")
    answer_of("undo", path, "--to", first)
    assert live(path) == LIVE - {"int-a"}
    answer_of("undo", path, first)
    assert live(path) == LIVE
    assert "has no transaction nope" in refused("undo", path, "nope")
    assert "not both" in refused("undo", path, first, "--to", first, code=2)


def test_an_empty_transaction_is_no_point_to_go_back_to(path: Path) -> None:
    first = answer_of("archive", path, "int-a", "--reason", "wrong")["transaction_id"]
    fill(path, lambda store: store.add_interaction({"interaction_id": "of-the-agent"}))
    before = digest(path)
    for args in (["--to", ""], [""], [first, "--to", ""]):
        assert "it is empty" in refused("undo", path, *args, code=2)
    assert digest(path) == before


def test_a_preview_of_undoing_changes_no_byte(path: Path) -> None:
    invoke("archive", path, "int-a", "--reason", "wrong")
    before = digest(path)
    done = invoke("undo", path, "--dry-run")
    assert done.exit_code == 0
    assert "interaction int-a comes back" in done.stdout
    assert "nothing was changed" in done.stderr
    told = answer_of("undo", path, "--dry-run")
    assert told["effects"] == [
        {"kind": "interaction", "record_id": "int-a", "effect": "comes back", "fields": []}
    ]
    assert digest(path) == before


def test_what_is_in_the_way_of_undoing_is_a_sentence_and_code_1(path: Path) -> None:
    change = answer_of("archive", path, "int-a", "--reason", "wrong")["transaction_id"]
    fill(path, lambda store: store.add_interaction({"interaction_id": "int-a"}))
    before = live(path)
    why = refused("undo", path, change)
    assert "int-a" in why
    assert "Nothing was changed" in why
    preview = invoke("undo", path, change, "--dry-run")
    assert preview.exit_code == 1
    assert "cannot be done" in preview.stdout
    assert live(path) == before


def test_where_nothing_was_ever_changed_there_is_nothing_to_undo(tmp_path: Path) -> None:
    async def nothing(_: SQLiteStore) -> None: ...

    empty = fill(tmp_path / "new.db", nothing)
    assert "nothing" in refused("undo", empty)
    assert "nothing" in refused("redo", empty)
