"""An item of a session of the OpenAI Agents SDK as an interaction.

Whoever imports such a session and whoever keeps one here describe an item alike, so that a session
that was imported can go on.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from storage.importers.texts import as_text, readable

IMPORTED: Final = "openai:"
"""What the id of an interaction begins with that was imported from the SDK's own database."""


def described(item: Mapping[str, Any]) -> dict[str, str]:
    """Return `action`, `role` and `content` of an item; what it says, or the call that it makes."""
    kind = as_text(item.get("type")) or "message"
    role = "tool" if kind.endswith("_output") else "assistant"
    return {
        "action": kind,
        "role": as_text(item.get("role")) or role,
        "content": _content(item, kind),
    }


def _content(item: Mapping[str, Any], kind: str) -> str:
    if "arguments" in item:
        return f"{as_text(item.get('name')) or kind} {readable(item['arguments'])}"
    for name in ("content", "output", "summary"):
        if item.get(name) is not None:
            return readable(item[name])
    return ""
