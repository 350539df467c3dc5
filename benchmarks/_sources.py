"""Big sources to import: a database of sessions, and a folder of transcripts."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from benchmarks._rows import turns

_MESSAGES_PER_SESSION: Final = 40
_BATCH: Final = 10_000
_SEED: Final = 11
_FILE_BYTES: Final = 8 * 2**20
_SCHEMA: Final = """
CREATE TABLE agent_sessions (session_id TEXT PRIMARY KEY,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE agent_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL,
  message_data TEXT NOT NULL, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (session_id) REFERENCES agent_sessions (session_id) ON DELETE CASCADE);
CREATE INDEX idx_agent_messages_session_id ON agent_messages (session_id, id);
"""


def session_database(path: Path, messages: int) -> None:
    """Write a database as the OpenAI Agents SDK does, with so many messages."""
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode=wal")
        raw.executescript(_SCHEMA)
        rows = _session_rows(messages)
        while batch := list(islice(rows, _BATCH)):
            sessions = dict.fromkeys((row[0],) for row in batch)
            raw.executemany(
                "INSERT OR IGNORE INTO agent_sessions (session_id) VALUES (?)", sessions
            )
            raw.executemany(
                "INSERT INTO agent_messages (session_id, message_data, created_at)"
                " VALUES (?, ?, ?)",
                batch,
            )
            raw.commit()


def _joined(count: int) -> Iterator[dict[str, Any]]:
    """Yield turns in which a result answers the call before it."""
    call = ""
    for turn in turns(count):
        details = turn.get("details", {})
        if "arguments" in details:
            call = details["call"]
        elif "call" in details:
            details["call"] = call
        yield turn


def _session_rows(count: int) -> Iterator[tuple[str, str, str]]:
    for number, turn in enumerate(_joined(count)):
        session = f"user-{number // _MESSAGES_PER_SESSION:06d}"
        created = turn["timestamp"][:19].replace("T", " ")
        yield session, orjson.dumps(_message(turn)).decode(), created


def _message(turn: dict[str, Any]) -> dict[str, Any]:
    details = turn.get("details", {})
    if turn["role"] == "user":
        return {"role": "user", "content": turn["content"]}
    if "arguments" in details:
        arguments = orjson.dumps(details["arguments"]).decode()
        call = {"type": "function_call", "call_id": details["call"], "name": details["tool"]}
        return {**call, "arguments": arguments, "id": "fc_1", "status": "completed"}
    if "call" in details:
        output = {"type": "function_call_output", "call_id": details["call"]}
        return {**output, "output": turn["content"]}
    text = {"annotations": [], "text": turn["content"], "type": "output_text"}
    return {"id": "msg_1", "content": [text], "role": "assistant", "type": "message"}


def transcript_folder(folder: Path, size: int) -> int:
    """Write transcripts as Claude Code does, of about `size` bytes together; return the lines."""
    lines = _transcript_lines()
    count = written = 0
    while written < size:
        project = folder / f"-home-ada-project-{count % 7}"
        project.mkdir(parents=True, exist_ok=True)
        with (project / f"{count:08x}-0000-4000-8000-000000000000.jsonl").open("wb") as file:
            part = 0
            while part < min(_FILE_BYTES, size - written):
                part += file.write(next(lines))
                count += 1
        written += part
    return count


def _transcript_lines() -> Iterator[bytes]:
    parent, chance = None, random.Random(_SEED)
    for number, turn in enumerate(_joined(2**40)):
        # Without order, as the program makes them, which is hard on every index.
        uuid = str(UUID(int=chance.getrandbits(128), version=4))
        line = {
            "parentUuid": parent,
            "isSidechain": False,
            "userType": "external",
            "cwd": "/home/ada/payments",
            "sessionId": f"{number // 2000:08x}-2222-4222-8222-222222222222",
            "version": "2.1.197",
            "gitBranch": "main",
            **_line(turn, number),
            "uuid": uuid,
            "timestamp": f"{turn['timestamp'][:19]}.{number % 1000:03}Z",
        }
        parent = uuid
        yield orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _line(turn: dict[str, Any], number: int) -> dict[str, Any]:
    details = turn.get("details", {})
    if turn["role"] == "user":
        return {"type": "user", "message": {"role": "user", "content": turn["content"]}}
    if "arguments" in details:
        given = {"file_path": turn["file_path"], **details["arguments"]}
        use = {"type": "tool_use", "id": details["call"], "name": details["tool"], "input": given}
        return {"type": "assistant", "message": _answer(use, number)}
    if "call" in details:
        result = {"type": "tool_result", "tool_use_id": details["call"], "content": turn["content"]}
        told = {"stdout": turn["content"], "stderr": "", "interrupted": False, "isImage": False}
        return {
            "type": "user",
            "message": {"role": "user", "content": [result]},
            "toolUseResult": told,
        }
    return {
        "type": "assistant",
        "message": _answer({"type": "text", "text": turn["content"]}, number),
    }


def _answer(block: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "id": f"msg_{number // 3:020d}",
        "type": "message",
        "role": "assistant",
        "model": "claude-opus-4-8",
        "content": [block],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "cache_read_input_tokens": number, "output_tokens": 9},
    }
