"""The words of the demo memory, as TOML, and how they are read."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """Return the content of `<name>.toml` beside this file."""
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))


@cache
def issues() -> dict[str, list[dict[str, str]]]:
    """Return the faults by the area of the repository that they are in."""
    found: dict[str, list[dict[str, str]]] = {}
    for name in ("issues_money", "issues_orders", "issues_platform", "issues_delivery"):
        for issue in load(name)["issue"]:
            found.setdefault(issue["area"], []).append(issue)
    return found


@cache
def phrases() -> dict[str, dict[str, list[str]]]:
    """Return what is said, by kind of episode and speech act."""
    return {**load("phrases_fix"), **load("phrases_work")}
