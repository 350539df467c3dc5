"""A small memory in which something happened, for the commands that read one."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from storage import SQLiteStore
from tests.tui.conftest import interaction, pattern
from tests.tui.shell_runs import fill

SPLICED = '{"ok": true}{"tool": "pytest"}'

MYSQL = {"id": "orders-db", "type": "database", "properties": {"engine": "mysql"}}
POSTGRES = {"id": "orders-db", "type": "database", "properties": {"engine": "postgres"}}
REPLICA = {"source_id": "orders-db", "type": "replica", "target_id": "db2"}


def twin(number: int, record_id: str, text: str) -> dict[str, Any]:
    return pattern(number, id=record_id, name="Twins", description=text, metadata={})


def story(path: Path) -> Path:
    """Make it: turns of a session, what was learned of them, what was archived, beliefs."""

    async def write(store: SQLiteStore) -> None:
        async with store.transaction(note="work of a morning"):
            await store.add_interactions(
                interaction(number, interaction_id=name, content=text, session_id="s-91")
                for number, (name, text) in enumerate({
                    "int-a": "never deploy on a Friday", "int-b": "sure, just ship it",
                    "int-broken": "tests ran", "int-old": "that was sarcasm",
                }.items())
            )  # fmt: skip
        await store.add_pattern(
            pattern(
                1, id="pat-deploy", name="Deploys", description="no approval needed",
                metadata={"source_interactions": ["int-b", "int-old", "int-gone"]},
            )
        )  # fmt: skip
        await store.add_pattern(twin(2, "pat-1", "one"))
        await store.add_pattern(twin(3, "pat-2", "two"))
        await store.archive_interactions(["int-old"], "wrong", consolidated_to="pat-deploy")
        await store.update_pattern("pat-deploy", confidence=0.25)
        for at, trigger, entity, relations in (
            ("2026-08-30T13:10:00", "interaction", MYSQL, []),
            ("2026-09-12T11:10:00", "consolidation", POSTGRES, [REPLICA]),
        ):
            await store.add_world_model_state(
                {"id": "wm-infra", "domain": "infra", "confidence": 0.5, "entities": [entity],
                 "relations": relations, "snapshot_time": at, "trigger_event": trigger}
            )  # fmt: skip
        await store.add_world_model_state(
            {"id": "wm-orders", "domain": "orders", "entities": [MYSQL],
             "snapshot_time": "2026-09-01T08:00:00", "trigger_event": "interaction"}
        )  # fmt: skip
        await store.set_note("pattern", "pat-deploy", tags=["todo"], text="ask Mara")

    fill(path, write)
    with sqlite3.connect(path) as connection:
        connection.execute(
            "UPDATE interactions SET details = ? WHERE interaction_id = 'int-broken'", (SPLICED,)
        )
    connection.close()
    return path
