"""Changing a session of the OpenAI Agents SDK, by the methods of `SQLiteSession`.

It has none for a single item (openai.github.io/openai-agents-python/sessions): all items are read,
and written back with the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from storage.importers.recipes.model import Case, HowTo, literal, unsaid
from storage.openai_items import IMPORTED, described

_USUAL: Final = "agent_messages"
_END: Final = "session.close()"
_NOWHERE: Final = ("timestamp", "session_id", "action")


def how_to(case: Case) -> HowTo:
    """Say how an item of a session is removed, changed or added."""
    theirs = case.theirs or case.ours or {}
    session = str(theirs.get("session_id") or "")
    before = (case.theirs or {}).get("details")
    begin = [
        "from agents import SQLiteSession",
        "",
        f"session = SQLiteSession({', '.join(_arguments(case, session))})",
    ]
    if case.theirs is None:
        item, notes = _item(case.ours or {}, None)
        added = _call("add_items", f"[{item}]")
        return HowTo("python", "\n".join([*begin, added, _END]), notes)
    if not isinstance(before, dict):
        return HowTo("", "", ("The SDK cannot read that message, and has no call that mends it.",))
    rest = ["await session.clear_session()", "await session.add_items(items)", _END]
    begin.append("items = await session.get_items()")
    if case.how == "archived":
        taken = f"items.remove({literal(before, 13)})"
        notes = ("If it is the last of its session, this is enough: await session.pop_item()",)
        return HowTo("python", "\n".join([*begin, taken, *rest]), notes)
    item, notes = _item(case.ours or {}, case.theirs)
    place = f"items[items.index({literal(before, 18)})] = (\n    {item}\n)"
    notes += unsaid(case.changed(*_NOWHERE), "with no place in an item")
    return HowTo("python", "\n".join([*begin, place, *rest]), notes)


def _call(method: str, argument: str) -> str:
    return f"await session.{method}({argument})"


def _arguments(case: Case, session: str) -> list[str]:
    """Return what opens a session: its id, the file, its table if that is another than usual."""
    place = case.key.removeprefix(IMPORTED).rpartition(":")[0].removesuffix(session)
    table = place.removesuffix(":")
    usual = not table or table == _USUAL
    named = [] if usual else [f"messages_table={literal(table)}"]
    return [literal(session), literal(case.path), *named]


def _item(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None) -> tuple[str, tuple[str, ...]]:
    """Return the item as it is to be, and what cannot be said in it."""
    details = ours.get("details")
    item = dict(details) if isinstance(details, Mapping) else {}
    told = described(item)
    notes: tuple[str, ...] = ()
    if ours.get("role") and ours["role"] != told["role"]:
        item["role"] = ours["role"]
    text = ours.get("content")
    # Where a person edited the text alone, the item behind it still says what it said.
    if isinstance(text, str) and text != told["content"] and not _put(item, text):
        notes = ("The new text has no single place in the item; put it where it belongs.",)
    if theirs is None and not item:
        item = {"role": ours.get("role") or "user", "content": text or ""}
    return literal(item, 4), notes


def _put(item: dict[str, Any], text: str) -> bool:
    """Put a text where an item has its own; say whether there is one such place."""
    for name in ("content", "output"):
        if "arguments" in item or item.get(name) is None:
            continue
        if isinstance(item[name], str):
            item[name] = text
            return True
        blocks = item[name] if isinstance(item[name], list) else []
        if len(blocks) == 1 and isinstance(blocks[0], Mapping) and "text" in blocks[0]:
            item[name] = [{**blocks[0], "text": text}]
            return True
        return False
    return False
