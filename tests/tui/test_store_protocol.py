"""The program asks nothing of a store but what the Protocol names.

The monkeys of `test_monkey.py` play over such a store, too, on the demo memory.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storage import SearchableStore
from storage.protocols.history import History
from tests.storage.protocol_only import members, open_only_what_is_named
from tests.tui.asking import indexed
from tests.tui.conftest import Browse, press, screen, toasts

# What stands in each pane, in the order of the visit; the search is asked last.
SHOWN = {
    "1": "lead",
    "2": "turn 28",
    "3": "pattern 7",
    "4": "consolidated",
    "5": "infra",
    "7": "broken",
    "8": "added 30 interactions",
}


async def test_every_pane_works_over_a_store_that_has_only_what_the_protocol_names(
    memory_file: Path, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = open_only_what_is_named(monkeypatch)
    async with browse(memory_file, start="overview", size=(110, 24)) as pilot:
        for key, shown in SHOWN.items():
            await press(pilot, key)
            assert shown in screen(pilot).lower()
            await press(pilot, "v", "w")
        await press(pilot, "2", "a", "6")
        assert "u undoes it" in toasts(pilot)
        await press(pilot, "u", "slash")
        await indexed(pilot)
        await press(pilot, "=int-0007", "enter")
        assert "turn 7" in screen(pilot)
    assert {
        "find_leads",
        "list_keys",
        "list_transactions",
        "check_health",
        "undo",
        "search",
    } <= used


def test_the_protocol_names_nothing_that_the_program_does_not_ask_for() -> None:
    sources = Path(__file__).resolve().parents[2] / "tui"
    asked = {
        name
        for path in sources.rglob("*.py")
        if "demo" not in path.relative_to(sources).parts
        for name in re.findall(r"\.([a-z_]+)", path.read_text(encoding="utf-8"))
    }
    assert (members(SearchableStore) | members(History)) - asked == set()
