"""What a recipe is asked, and what it answers."""

from __future__ import annotations

import json
import pprint
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from storage.world_keys import is_same

_WIDTH: Final = 88


@dataclass(frozen=True, slots=True)
class Case:
    """One change that was made here and not in the source.

    Attributes:
        path: The file.
        key: The source's identity of the record.
        kind: interaction, pattern or world_model_state.
        how: `edited` or `archived`.
        theirs: The record as it would be imported now, with decoded JSON; None if it is gone.
        ours: The record as it is here, with decoded JSON; None if it is archived.
        line: The number of its line, from 1, in a file of JSON lines.
    """

    path: str
    key: str
    kind: str
    how: Literal["edited", "archived"]
    theirs: Mapping[str, Any] | None
    ours: Mapping[str, Any] | None = None
    line: int | None = None

    def changed(self, *names: str) -> list[str]:
        """Return which of these fields are other here than in the source."""
        theirs, ours = self.theirs or {}, self.ours or {}
        return [
            name
            for name in names
            if name in theirs and not is_same(ours.get(name), theirs[name], in_order=True)
        ]


@dataclass(frozen=True, slots=True)
class HowTo:
    """How a change is made in a source.

    Attributes:
        language: `python`, `json` (parameters of `tools/call`, one call a line) or `shell`; empty
            if the package has no call for it.
        code: The calls; empty if there are none.
        notes: What else there is to know, a sentence each.
    """

    language: Literal["python", "json", "shell", ""]
    code: str
    notes: tuple[str, ...] = field(default=())


def literal(value: Any, indent: int = 0) -> str:
    """Return a decoded JSON value as Python that makes it.

    Args:
        value: The value.
        indent: Cells by which its lines but the first are moved to the right.
    """
    try:
        text = pprint.pformat(value, sort_dicts=False, width=max(20, _WIDTH - indent))
    except RecursionError:
        # JSON says it however deep it is.
        text = f"json.loads({json.dumps(value)!r})"
    return text.replace("\n", "\n" + " " * indent)


def call_of_tool(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return the parameters of a `tools/call` of the Model Context Protocol."""
    return json.dumps({"name": tool, "arguments": arguments}, ensure_ascii=True)


def unsaid(names: Iterable[str], what: str) -> tuple[str, ...]:
    """Return a sentence on fields that were changed here and have no place in the source."""
    listed = ", ".join(names)
    return (f"Changed here, and {what}: {listed}.",) if listed else ()
