"""Running commands as a shell does: in this process, in one of their own, and in a terminal."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import subprocess
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from click.testing import CliRunner, Result

from storage import SQLiteStore
from tests.storage.embedding_server import EmbeddingServer, Reply, Request, good
from tests.terminal import PROGRAM, ROOT, running
from tests.tui.conftest import interaction, pattern
from tui.commands import program

URL = "MEMGLASS_EMBEDDINGS_URL"
MODEL = "MEMGLASS_EMBEDDINGS_MODEL"

TURNS = {
    "int-a": "Mara: never deploy on a Friday",
    "int-b": "sure, just ship it",
    "int-c": "deploy the ledger to staging",
    "int-d": "the kitchen is painted yellow",
}

T = TypeVar("T")


LIVE = {*TURNS, "pat-deploy"}
"""The ids of what `make()` leaves live."""


def make(path: Path) -> Path:
    """Make a memory of `TURNS`, an archived turn, a pattern and a world model."""

    async def write(store: SQLiteStore) -> None:
        await store.add_interactions(
            interaction(number, interaction_id=name, content=text, session_id=f"s-{name}")
            for number, (name, text) in enumerate(TURNS.items())
        )
        await store.add_pattern(
            pattern(1, id="pat-deploy", name="Deploys", description="deploy when tests pass")
        )
        await store.add_interaction(interaction(9, interaction_id="int-old", content="deploy old"))
        await store.archive_interactions(["int-old"], "wrong")
        await store.add_world_model_state(
            {"domain": "infra", "entities": [{"id": "orders-db", "engine": "postgres"}]}
        )

    return fill(path, write)


def invoke(*args: str | Path) -> Result:
    """Run a command in this process, without a terminal."""
    return CliRunner().invoke(program, list(map(str, args)), prog_name="memglass")


def hits_of(*args: str | Path) -> list[dict[str, Any]]:
    """Search with `--json`, and read what comes."""
    done = invoke("search", "--json", *args)
    assert done.stderr == ""
    assert done.exit_code == (0 if done.stdout else 1)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ids_of(*args: str | Path) -> set[str]:
    """The ids of what a search finds."""
    return {hit["record_id"] for hit in hits_of(*args)}


def run_alone(*args: str | Path, **env: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a process of its own, without a terminal."""
    return subprocess.run(
        [*PROGRAM, *map(str, args)],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
        cwd=ROOT,
        env={**os.environ, **env},
    )


def run_in_terminal(
    *args: str | Path, until: bytes = b"", keys: bytes = b"", env: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Run a command in a terminal; press keys once it has shown something.

    Returns:
        Its exit code, and all that it wrote.
    """
    with running([*PROGRAM, *args], env=env) as terminal:
        if keys and terminal.read_until(until):
            terminal.press(keys)
        return terminal.end(), terminal.written


async def slow(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answer well, and later than anybody waits without asking how far it is."""
    await asyncio.sleep(0.7)
    await good(request, writer)


@contextlib.contextmanager
def endpoint(*replies: Reply) -> Iterator[EmbeddingServer]:
    """Serve embeddings from a thread, for commands that have an event loop of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def there(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    server = EmbeddingServer(replies)
    there(server.__aenter__())
    try:
        yield server
    finally:
        there(server.__aexit__())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def fill(path: Path, work: Callable[[SQLiteStore], Coroutine[Any, Any, Any]]) -> Path:
    """Make a memory, or add to it, and return its path."""

    async def filled() -> None:
        async with SQLiteStore(path) as store:
            await work(store)

    asyncio.run(filled())
    return path


def digest(path: Path) -> str:
    """What tells whether a byte of a file has changed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def ask(path: Path, question: Callable[[SQLiteStore], Awaitable[Any]]) -> Any:
    async def asked() -> Any:
        async with SQLiteStore(path, read_only=True) as store:
            return await question(store)

    return asyncio.run(asked())


async def _ids(store: SQLiteStore) -> set[str]:
    turns = await store.get_recent_interactions(None)
    return {each["interaction_id"] for each in turns} | {
        each["id"] for each in await store.get_patterns()
    }


def live(path: Path) -> set[str]:
    """The ids of all that is live."""
    found: set[str] = ask(path, _ids)
    return found


def newest_change(path: Path) -> dict[str, Any]:
    [entry] = ask(path, lambda store: store.get_journal(limit=1))
    return dict(entry)


def answer_of(*args: str | Path) -> dict[str, Any]:
    done = invoke(*args, "--json")
    assert done.exit_code == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def refused(*args: str | Path, code: int = 1) -> str:
    """Run what is refused, and return the sentence that says why."""
    done = invoke(*args)
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.startswith("memglass: ")
    assert done.stderr.count("\n") == 1
    return done.stderr
