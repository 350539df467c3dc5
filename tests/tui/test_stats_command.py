"""`memglass stats`: how much there is, for a person and for a program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.readings import story
from tests.tui.shell_runs import invoke

pytestmark = pytest.mark.usefixtures("at_home")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return story(tmp_path_factory.mktemp("stats") / "memory.db")


def test_stats_count_what_there_is(path: Path) -> None:
    told = json.loads(invoke("stats", path, "--json").stdout)
    assert told["counts"]["interaction"] == 3
    assert told["counts"]["archived_interaction"] == 1
    assert told["sessions"] == 1
    assert told["reasons"]["interactions"] == {"wrong": 1}
    assert told["domains"]["infra"]["snapshots"] == 2
    assert told["tables"]["interactions"]["rows"] == 3
    assert told["growth"] == {"day": 4, "week": 4, "month": 4}


def test_stats_are_told_in_panels(path: Path) -> None:
    told = invoke("stats", path).stdout
    headings = [line for line in told.splitlines() if line and not line.startswith(" ")]
    assert "Amounts" in headings
    assert "          3  interactions\n" in told
    assert "no index beside it" in told
    assert invoke("stats").exit_code == 2
