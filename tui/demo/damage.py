"""Fields that are not JSON any more, as agents leave them that were killed while writing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from storage import CorruptJSON
from tui.demo import story
from tui.demo.turns import AGENT, TOOL, Turn

_SPLICED_AT: Final = 2118
_SPLICED_BYTES: Final = 212


def broken(raw: bytes) -> CorruptJSON:
    """Return a field that is stored as exactly these bytes."""
    return CorruptJSON(raw, "is broken on purpose")


def damage(turns: Mapping[str, Turn]) -> None:
    """Break the JSON of a few turns, as agents that were killed while writing have done."""
    turns[story.SPLICED].details = broken(_spliced())
    cut = _near(turns, "int-0733", TOOL)
    whole = _encoded(cut.details)
    cut.details = broken(whole[: len(whole) * 3 // 5])
    printed = _near(turns, "int-1187", AGENT)
    printed.metadata = broken(repr({**printed.metadata, "cached": True, "parent": None}).encode())
    nulls = _near(turns, "int-a09001", TOOL)
    whole = _encoded(nulls.details)
    nulls.details = broken(whole[: len(whole) // 2] + b"\0" * 96)


def _near(turns: Mapping[str, Turn], start: str, who: str) -> Turn:
    """Return the first turn of `who` from `start` on that is live and has details."""
    prefix = start.rstrip("0123456789")
    digits = start.removeprefix(prefix)
    number = int(digits)
    while True:
        turn = turns[f"{prefix}{number:0{len(digits)}d}"]
        if turn.who == who and turn.details and not turn.archived and not turn.topic:
            return turn
        number += 1


def _spliced() -> bytes:
    """Two values where one should be: two processes wrote into one buffer."""
    names = ("backfill", "runner", "copy_table", "order_channel", "customer_notes", "order_lines")
    lines = [
        f"tests/migrations/test_{name}.py::test_{what} PASSED"
        for name in names
        for what in ("there_and_back", "on_a_filled_table", "killed_in_the_middle", "twice_at_once")
    ]
    first = {"tool": "run_tests", "call": "call_5b1e9c07", "exit_code": 0, "seconds": 96.2}
    second = {
        "tool": "pytest",
        "worker": "gw1",
        "passed": 20,
        "failed": 0,
        "output": "",
        "ok": True,
    }
    return _padded(first, lines, _SPLICED_AT) + _padded(second, [], _SPLICED_BYTES)


def _padded(value: dict[str, Any], lines: list[str], size: int) -> bytes:
    """Encode `value` with an output that makes it `size` bytes long, `ok` at its end."""
    text = "\n".join(lines)
    while True:
        held = {key: each for key, each in value.items() if key != "ok"}
        held |= {"output": text, "ok": True}
        encoded = _encoded(held)
        if len(encoded) == size:
            return encoded
        text = text[: size - len(encoded)] if len(encoded) > size else text + "."


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
