"""What writing processes say that they did, held against what the file holds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.storage import outside

State = tuple[bool, int]

_LIVE = "SELECT interaction_id, json_extract(metadata, '$.version') FROM interactions"
_ARCHIVED = (
    "SELECT interaction_id, json_extract(json_extract(data, '$.metadata'), '$.version')"
    " FROM archived_interactions"
)


@dataclass
class Report:
    """What one process or several said.

    Attributes:
        acknowledged: For each record the state that a call which returned left.
        begun: What a call left that had not returned when its process was killed.
        counted: How often the shared counter was raised.
        longest: Seconds that the longest change took, its wait for the lock included.
    """

    acknowledged: dict[str, State] = field(default_factory=dict)
    begun: list[dict[str, State]] = field(default_factory=list)
    counted: int = 0
    longest: float = 0.0

    def read(self, lines: Iterable[str]) -> None:
        """Take in what one process said, whose last line may be cut off."""
        begun: dict[str, State] = {}
        for line in lines:
            if not line.endswith("\n"):
                break
            told: dict[str, Any] = json.loads(line)
            states = {
                each: (live, number) for each, (live, number) in told.get("states", {}).items()
            }
            if told["word"] == "try":
                begun = states
            elif told["word"] == "done":
                self.acknowledged |= states
                begun = {}
            elif told["word"] == "counted":
                self.counted += 1
            elif told["word"] == "longest":
                self.longest = max(self.longest, told["seconds"])
        if begun:
            self.begun.append(begun)

    def check(self, path: Path) -> None:
        """Compare with the file: nothing lost, nothing halved, nothing in two places."""
        live, archived = outside.fetch(path, _LIVE), outside.fetch(path, _ARCHIVED)
        found: dict[str, State] = {each: (True, version) for each, version in live}
        found |= {each: (False, version) for each, version in archived}
        assert len(found) == len(live) + len(archived), "a record is both live and archived"
        for begun in self.begun:
            # It may have been committed before its process could say so: all of it, or nothing.
            if all(found.get(each) == state for each, state in begun.items()):
                self.acknowledged |= begun
        self.begun.clear()
        assert found == self.acknowledged
        assert outside.integrity(path) == [("ok",)]
