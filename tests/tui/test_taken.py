"""What is tagged, copied and exported where a row is no record: in Health and in History."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.storage.stored import outside
from tests.tui.conftest import Browse, press, screen, stored, toasts
from tui.lines import Line, in_two_columns, plain
from tui.panes.world_model import WorldModelPane
from tui.widgets.cells import cells_of

BROKEN = '{"a":1}{"b":2}'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have exports written to a folder of the test, and the terminal asked for copies."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SSH_TTY", "/dev/pts/1")
    monkeypatch.delenv("TMUX", raising=False)


async def test_the_records_of_a_change_are_tagged_and_the_change_is_copied_and_exported(
    memory_file: Path, tmp_path: Path, browse: Browse
) -> None:
    async with SQLiteStore(memory_file, actor="mara") as store, store.transaction(note="tidy"):
        await store.archive_interactions(["int-0007", "int-0008"], "wrong")
        await store.update_pattern_confidence("pat-3", 0.9)
    async with browse(memory_file, size=(120, 40)) as pilot:
        await press(pilot, "8", "t", "=odd", "enter")
        assert "Tagged #odd 3 records" in toasts(pilot)
        # The tagging is the newest change now; that of before is the one below it.
        await press(pilot, "g", "j", "y")
        assert "what it tells" in screen(pilot)
        await press(pilot, "y")
        assert "Copied what it tells" in toasts(pilot)
        assert "archived 2 interactions, changed 1 pattern" in pilot.app.clipboard
        assert "0.3 \u2192 0.9" in pilot.app.clipboard
        await press(pilot, "space", "x", "enter")
    tags = await stored(memory_file, lambda store: store.get_tags())
    assert tags == {"odd": 3}
    [told] = map(json.loads, (tmp_path / "memory-history.jsonl").read_text().splitlines())
    assert (told["kind"], told["actor"], told["note"]) == ("transaction", "mara", "tidy")
    assert [each["operation"] for each in told["entries"]] == ["archive", "update"]
    assert told["entries"][0]["record_ids"] == ["int-0007", "int-0008"]


async def test_the_records_of_a_run_are_tagged_and_runs_are_exported(
    memory_file: Path, tmp_path: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "8", "o", "j", "t", "=odd", "enter")
        assert "Tagged #odd 2 records" in toasts(pilot)
        await press(pilot, "x")
        assert "Export 2 runs" in screen(pilot)
        await press(pilot, "enter")
        assert "Exported 2 records" in toasts(pilot)
    lines = (tmp_path / "memory-history.jsonl").read_text().splitlines()
    runs = [json.loads(line) for line in lines]
    assert runs[1]["reason"] == "consolidated_to_working"
    assert runs[1]["record_ids"] == ["int-0003", "int-0004"]


async def test_of_each_domain_the_point_that_is_looked_at_is_exported(
    memory_file: Path, tmp_path: Path, browse: Browse
) -> None:
    async with browse(memory_file) as pilot:
        await press(pilot, "5", "[", "x", "enter")
        pane = pilot.app.screen.query_one(WorldModelPane)
        shown = pane.points(pane.table.keys)
        assert f"Exported {len(shown)} record" in toasts(pilot)
    lines = (tmp_path / "memory-world-model.jsonl").read_text().splitlines()
    assert [json.loads(line)["kind"] for line in lines] == [kind for kind, _ in shown]


async def test_a_finding_is_copied_its_record_tagged_and_all_findings_exported(
    memory_file: Path, tmp_path: Path, browse: Browse
) -> None:
    with outside(memory_file) as connection:
        connection.execute(
            "UPDATE interactions SET details = ? WHERE interaction_id = 'int-0005'", (BROKEN,)
        )
    async with browse(memory_file) as pilot:
        await press(pilot, "7", "t", "=broken", "enter")
        assert "Tagged #broken 1 record" in toasts(pilot)
        await press(pilot, "y", "y")
        assert "interactions int-0005 details:" in pilot.app.clipboard
        await press(pilot, "x", "enter")
        assert "Exported 1 record" in toasts(pilot)
    [told] = map(json.loads, (tmp_path / "memory-health.jsonl").read_text().splitlines())
    assert (told["kind"], told["problem"], told["offset"]) == ("finding", "corrupt", 7)
    assert told["record_id"] == "int-0005"


def test_two_texts_stand_beside_each_other_each_in_its_half() -> None:
    left = [Line("word " * 10, "label", "strong"), Line("last", "label")]
    right = [Line("other", full=True)]
    rows = list(in_two_columns(left, right, 61))
    assert len(rows) > 2
    for one, rule, _ in rows:
        assert cells_of(one.label + one.text) == 29
        assert rule.text == " \u2502 "
    assert [other.text for _, _, other in rows][:2] == ["other", ""]
    assert rows[-1][0].text.strip() == "last"


def test_a_text_is_copied_unwrapped_with_its_labels_in_a_column() -> None:
    text = plain([Line("word " * 60, "why"), Line("b", "longer"), Line(), Line("end", full=True)])
    assert text.split("\n") == [f"why     {'word ' * 60}".rstrip(), "longer  b", "", "end"]
