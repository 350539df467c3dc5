"""Calls of tools and what they gave back, joined by the id that both carry."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from storage.importers.texts import as_text

_MOST_CALLS: Final = 10_000


class Calls:
    """Remembers which interaction made a call, for its result that comes later."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str], str] = OrderedDict()

    def make(self, session: str, call_id: str, key: str) -> None:
        """Note that an interaction made a call."""
        self._made[session, call_id] = key
        if len(self._made) > _MOST_CALLS:
            self._made.popitem(last=False)

    def made_by(self, session: str, call_id: str) -> str | None:
        """Return the interaction that made a call, or None."""
        return self._made.get((session, call_id))


class Joins:
    """What one interaction says of calls: those that it makes, and those that it answers.

    Args:
        calls: What was called before.
        session: Where ids of calls are looked for.
        key: The interaction.
    """

    def __init__(self, calls: Calls, session: str, key: str) -> None:
        self._calls = calls
        self._session = session
        self._key = key
        self._noted: dict[str, list[str]] = {"call_id": [], "tool": [], "call": []}

    def makes(self, call_id: Any, tool: Any) -> None:
        """Note a call."""
        if isinstance(call_id, str) and call_id:
            self._calls.make(self._session, call_id, self._key)
            self._noted["call_id"].append(call_id)
        self._noted["tool"].append(as_text(tool) or "tool")

    def answers(self, call_id: Any, tool: Any = None) -> None:
        """Note a result."""
        if name := as_text(tool):
            self._noted["tool"].append(name)
        if not isinstance(call_id, str) or not call_id:
            return
        self._noted["call_id"].append(call_id)
        if (call := self._calls.made_by(self._session, call_id)) is not None:
            self._noted["call"].append(call)

    def metadata(self) -> dict[str, Any]:
        """Return it: `call_id`, `tool` and `call`, or lists of them as `call_ids` and so on."""
        return {
            name if len(values) == 1 else f"{name}s": values[0] if len(values) == 1 else values
            for name, values in self._noted.items()
            if values
        }
