"""The logs of `llm`, which has no command that changes them (llm.datasette.io, Logging)."""

from __future__ import annotations

from storage.importers.recipes.model import Case, HowTo


def how_to(case: Case) -> HowTo:
    """Say what there is instead of a command."""
    thread = str((case.theirs or case.ours or {}).get("session_id") or "")
    where = f" It belongs to the conversation {thread}." if thread else ""
    told = f"llm has no command for that; {case.path} is a database that sqlite-utils can edit."
    return HowTo("", "", (f"{told}{where}",))
