"""Commands follow the person's configuration: the zone of times, and whether secrets are masked."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import SQLiteStore
from tests.storage import outside
from tests.tui.conftest import interaction
from tests.tui.shell_runs import fill, invoke
from tui.moments import local
from tui.text import hide_secrets

KEY = "ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


@pytest.fixture(autouse=True)
def _configured(at_home: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Configure a zone and that secrets are masked, and leave the process as it was."""
    config = tmp_path / "config.toml"
    config.write_text('time_zone = "Asia/Tokyo"\nmask_secrets = true\n')
    with monkeypatch.context() as patched:
        patched.setenv("MEMGLASS_CONFIG", str(config))
        patched.setenv("TZ", "UTC")
        local.cache_clear()
        yield
    time.tzset()
    local.cache_clear()
    hide_secrets(False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A memory with a secret in a turn of the evening in UTC, which is the next day in Tokyo."""

    async def write(store: SQLiteStore) -> None:
        await store.add_interaction(
            interaction(
                1, interaction_id="int-key", content=f"the token is {KEY}",
                timestamp="2026-03-01T20:00:00+00:00",
            )
        )  # fmt: skip

    return fill(tmp_path / "memory.db", write)


def break_details(path: Path) -> None:
    with outside.connected(path) as raw:
        raw.execute("UPDATE interactions SET details = ?", (f'{{"key":"{KEY}"}}}}',))


@pytest.mark.parametrize(
    "command",
    [
        ("archive", "int-key", "--reason", "wrong", "--dry-run"),
        ("search", "token", "--by", "words"),
    ],
    ids=lambda command: command[0],
)
def test_records_are_shown_in_the_zone_and_with_their_secrets_masked(
    path: Path, command: tuple[str, ...]
) -> None:
    name, *rest = command
    done = invoke(name, path, *rest)
    assert done.exit_code == 0, done.stderr
    assert "2026-03-02 05:00:00+09:00" in done.stdout
    assert "masked GitHub token" in done.stdout
    assert KEY not in done.stdout


def test_what_comes_back_and_what_was_undone_is_shown_like_that_too(path: Path) -> None:
    assert invoke("archive", path, "int-key", "--reason", f"as {KEY}").exit_code == 0
    for command in ("restore", "undo"):
        args = (command, path, *(["int-key"] if command == "restore" else []), "--dry-run")
        hide_secrets(False)
        done = invoke(*args)
        assert done.exit_code == 0, done.stderr
        assert KEY not in done.output
    assert invoke("undo", path).exit_code == 0
    hide_secrets(False)
    done = invoke("redo", path)
    assert (done.exit_code, KEY in done.output) == (0, False)


def test_a_day_to_restore_from_begins_in_the_zone_that_is_configured(path: Path) -> None:
    invoke("archive", path, "int-key", "--reason", "wrong")
    with outside.connected(path) as raw:
        # The evening of the first in UTC is the second in Tokyo.
        raw.execute("UPDATE archived_interactions SET archived_at = '2026-03-01T20:00:00'")
    assert invoke("restore", path, "--before", "2026-03-02", "--dry-run").exit_code == 1
    assert invoke("restore", path, "--after", "2026-03-02", "--dry-run").exit_code == 0


def test_a_repair_is_shown_with_secrets_masked_and_its_json_is_exact(path: Path) -> None:
    break_details(path)
    assert KEY not in invoke("repair", path).stdout
    hide_secrets(False)
    assert json.loads(invoke("repair", path, "--json").stdout)["raw"] == f'{{"key":"{KEY}"}}}}'


def test_the_json_of_a_search_is_exact(path: Path) -> None:
    [line] = invoke("search", path, "token", "--json", "--by", "words").stdout.splitlines()
    assert json.loads(line)["record"]["content"] == f"the token is {KEY}"


def test_an_export_has_times_in_the_zone_and_secrets_as_its_own_option_says(path: Path) -> None:
    assert KEY in invoke("export", path, "--no-mask").stdout
    page = invoke("export", path, "--format", "html").stdout
    assert "times in JST" in page
    assert KEY not in page
