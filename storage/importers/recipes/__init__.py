"""How a change that was made here is made in the source: printed for a person, never run.

A module a format, called like it, with one pure function `how_to(case)`. What it prints are calls
of that package's own API with the values in them, as correct Python, JSON or shell.
"""

from __future__ import annotations

from importlib import import_module
from typing import Final

from storage.importers.recipes.model import Case, HowTo

_MODULES: Final = {
    "openai-agents": "openai_agents",
    "mcp-memory": "mcp_memory",
    "claude-code": "claude_code",
    "mem0": "mem0",
    "langgraph": "langgraph",
    "langgraph-store": "langgraph",
    "langgraph-checkpoints": "langgraph",
    "llm": "llm",
}


def how_to_change(form: str, case: Case) -> HowTo:
    """Say how a change is made in a source of a format."""
    module = _MODULES.get(form)
    if module is None:
        return HowTo("", "", (f"Nothing is known of how {form} changes what it keeps.",))
    if case.theirs is None and case.how == "archived":
        return HowTo("", "", ("There is nothing to do: the source does not have it any more.",))
    found = import_module(f"{__name__}.{module}").how_to(case)
    assert isinstance(found, HowTo)  # noqa: S101 - the modules are ours
    return found
