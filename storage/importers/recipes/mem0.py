"""Changing what mem0 remembers, by the methods of its `Memory` (docs.mem0.ai, API reference)."""

from __future__ import annotations

from storage.importers.recipes.model import Case, HowTo, literal, unsaid

_BEGIN = "from mem0 import Memory\n\nmemory = Memory()  # with the configuration of the agent\n"
_PREFIX = "mem0:"
_ANEW = "mem0 deleted it, so it comes back under another id; name whose it is."
_SAME = "What mem0 keeps of it is as it is here."


def how_to(case: Case) -> HowTo:
    """Say how a memory is deleted, updated or added again."""
    if case.kind != "pattern":
        return HowTo("", "", ("mem0 has no call that changes a message that it was given.",))
    memory = literal(case.key.removeprefix(_PREFIX))
    ours, theirs = case.ours or {}, case.theirs or {}
    if case.how == "archived":
        return HowTo("python", f"{_BEGIN}memory.delete(memory_id={memory})")
    text = literal(ours.get("description") or ours.get("name") or "", 7)
    if case.theirs is None or (theirs.get("archived") and ours):
        code = f'{_BEGIN}memory.add(\n    {text}, user_id="...", infer=False\n)'
        return HowTo("python", code, (_ANEW,))
    notes = unsaid(
        case.changed("name", "pattern_type", "confidence", "frequency"), "with no place in mem0"
    )
    if not case.changed("description"):
        return HowTo("", "", notes or (_SAME,))
    code = f"{_BEGIN}memory.update(memory_id={memory}, data={text})"
    return HowTo("python", code, notes)
