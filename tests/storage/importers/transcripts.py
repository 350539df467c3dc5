"""Lines as Claude Code writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def message(number: int, text: Any, *, session: str = "s", **more: Any) -> bytes:
    """Return a line with the message of a user, a second after that of the number before."""
    line = {
        "parentUuid": f"u-{number - 1}" if number else None,
        "type": "user",
        "message": {"role": "user", "content": text},
        "uuid": f"u-{number}",
        "timestamp": f"2026-03-01T10:{number // 60 % 60:02}:{number % 60:02}.000Z",
        "sessionId": session,
        **more,
    }
    return json.dumps(line).encode()


def write(path: Path, *lines: bytes) -> Path:
    """Make a file of lines."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def append(path: Path, raw: bytes) -> None:
    """Write on, as the program does."""
    with path.open("ab") as file:
        file.write(raw)
