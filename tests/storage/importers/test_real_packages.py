"""Sources that the real packages write. `make sources` installs them; without them this is skipped.

What a package says is in its store is what has to be in ours.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import SQLiteStore, detect_source, sync_source

SERVER = Path(sys.prefix, "node_modules/@modelcontextprotocol/server-memory/dist/index.js")


# The OpenAI Agents SDK.


def _details(record: dict[str, Any]) -> Any:
    return record["details"]


async def test_a_session_of_the_agents_sdk_is_there_as_the_sdk_gives_it_back(
    tmp_path: Path, store: SQLiteStore
) -> None:
    agents = pytest.importorskip("agents")
    path = tmp_path / "sessions.db"
    items = [
        {"role": "user", "content": "Weather in Lisbon? ☀\u0000"},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": '{"x": 1.10}'},
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Sunny."}]},
    ]
    one, other = (agents.SQLiteSession(name, path) for name in ("one", "other"))
    await one.add_items(items)
    await other.add_items(items[:1])
    assert detect_source(path).summary == "2 sessions, 5 messages"
    assert (await sync_source(store, path)).added == 5
    for name, session in (("one", one), ("other", other)):
        records = await store.get_recent_interactions(session_id=name)
        assert [_details(each) for each in reversed(records)] == await session.get_items()
    # What the SDK takes back is gone, what it clears too.
    await one.pop_item()
    await other.clear_session()
    report = await sync_source(store, path)
    assert (report.archived, report.added, report.updated) == (2, 0, 0)
    assert [_details(each) for each in reversed(await store.get_recent_interactions())] == items[:3]
    one.close()
    other.close()


async def test_a_session_that_another_process_writes_is_followed_within_two_seconds(
    tmp_path: Path, store: SQLiteStore
) -> None:
    pytest.importorskip("agents")
    path = tmp_path / "live.db"
    writer = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("real_session.py")),
        *(str(path), "40", "0.1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert writer.stdout is not None
    lines = writer.stdout
    written: list[float] = []

    async def listen() -> None:
        while line := await lines.readline():
            written.append(float(line.split()[1]))

    listening = asyncio.create_task(listen())
    there, worst = 0, 0.0
    while not listening.done() or there < len(written):
        if path.exists():
            there += (await sync_source(store, path, follows=True)).added
            late = [time.time() - at for at in written[there:]]
            worst = max(worst, *late, 0.0)
        await asyncio.sleep(1)
    assert await writer.wait() == 0
    assert (there, len(written)) == (40, 40)
    assert worst < 2
    told = [each["content"] for each in reversed(await store.get_recent_interactions())]
    assert told == [f"item {number}" for number in range(40)]


# The memory server of the Model Context Protocol.


class Server:
    """The real server, spoken to as a client does: JSON-RPC over its standard streams."""

    def __init__(self, memory: Path) -> None:
        node = shutil.which("node")
        assert node is not None
        self._process = subprocess.Popen(
            [node, SERVER],
            env={"MEMORY_FILE_PATH": str(memory), "PATH": "/usr/bin:/bin"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._number = 0
        info = {"name": "test", "version": "1"}
        given = {"protocolVersion": "2025-03-26", "capabilities": {}, "clientInfo": info}
        self._ask("initialize", given)
        self._write({"method": "notifications/initialized"})

    def call(self, tool: str, **arguments: Any) -> Any:
        answer = self._ask("tools/call", {"name": tool, "arguments": arguments})
        assert not answer.get("isError"), answer
        return json.loads(answer["content"][0]["text"]) if tool == "read_graph" else None

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)

    def _ask(self, method: str, params: Any) -> Any:
        self._number += 1
        self._write({"id": self._number, "method": method, "params": params})
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())["result"]

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self._process.stdin.flush()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not SERVER.exists() or shutil.which("node") is None:
        pytest.skip("@modelcontextprotocol/server-memory is not installed; see make sources")
    started = Server(tmp_path / "memory.jsonl")
    yield started
    started.close()


async def test_each_state_of_the_memory_server_is_a_snapshot_of_its_graph(
    tmp_path: Path, store: SQLiteStore, server: Server
) -> None:
    path = tmp_path / "memory.jsonl"
    entity = {"name": "Ada", "entityType": "person", "observations": ["Prefers tabs", 'Says "…"\n']}
    other = {"name": "api", "entityType": "service", "observations": []}
    relation = {"from": "Ada", "to": "api", "relationType": "maintains"}
    graphs = []
    for tool, arguments in (
        ("create_entities", {"entities": [entity, other]}),
        ("create_relations", {"relations": [relation]}),
        ("add_observations", {"observations": [{"entityName": "api", "contents": ["In Go"]}]}),
        ("delete_entities", {"entityNames": ["api"]}),
    ):
        server.call(tool, **arguments)
        graphs.append(server.call("read_graph"))
        before = hashlib.sha256(path.read_bytes()).digest()
        report = await sync_source(store, path)
        assert (report.changed, report.corrupt) == (1, 0)
        assert hashlib.sha256(path.read_bytes()).digest() == before
    snapshots = list(reversed(await store.get_world_model_snapshots()))
    assert len(snapshots) == len(graphs)
    for snapshot, graph in zip(snapshots, graphs, strict=True):
        for name in ("entities", "relations"):
            plain = [{k: v for k, v in each.items() if k != "type"} for each in graph[name]]
            assert snapshot[name] == plain
