"""Changing LangGraph's store and checkpoints, by `SqliteStore` and by the graph itself.

(langchain-ai.github.io/langgraph, reference of the stores, and of `update_state`.)
"""

from __future__ import annotations

from typing import Final

from storage.importers.recipes.model import Case, HowTo, literal, unsaid

_BEGIN: Final = """\
from langgraph.store.sqlite import SqliteStore

with SqliteStore.from_conn_string({}) as store:
"""


def how_to(case: Case) -> HowTo:
    """Say how an item of a store is deleted or put, or what there is for a checkpoint."""
    if case.kind != "pattern":
        return _of_a_thread(case)
    known = (case.theirs or case.ours or {}).get("metadata")
    known = known if isinstance(known, dict) else {}
    if not isinstance(known.get("namespace"), list) or "key" not in known:
        return HowTo("", "", ("That item has no namespace that could be named to the store.",))
    place = f"{literal(tuple(known['namespace']))}, {literal(known['key'])}"
    begin = _BEGIN.format(literal(case.path))
    if case.how == "archived":
        return HowTo("python", f"{begin}    store.delete({place})")
    ours = case.ours or {}
    mine = ours.get("metadata")
    value = mine.get("value") if isinstance(mine, dict) else None
    said = "the value of an item says it"
    notes = unsaid(
        case.changed("name", "description", "pattern_type"), f"only shown here, because {said}"
    )
    if not isinstance(value, dict):
        return HowTo("", "", (*notes, "A store keeps values that are mappings."))
    if case.theirs is not None and value == known.get("value"):
        notes += ("Edit metadata.value of the record to have it here as it is to be there.",)
    return HowTo("python", f"{begin}    store.put({place}, {literal(value, 14)})", notes)


def _of_a_thread(case: Case) -> HowTo:
    record = case.theirs or case.ours or {}
    thread = literal(str(record.get("session_id") or ""))
    code = (
        f'config = {{"configurable": {{"thread_id": {thread}}}}}\n'
        "graph.update_state(config, values)"
    )
    notes = (
        "A checkpoint is not changed: the graph writes a new one, with the values that differ.",
        f"A whole thread goes with: checkpointer.delete_thread({thread})",
    )
    return HowTo("python", code, notes)
