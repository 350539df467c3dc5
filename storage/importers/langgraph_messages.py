"""Messages in the state of a LangGraph graph, as interactions."""

from __future__ import annotations

from typing import Any, Final

from storage.ids import joined_id
from storage.importers.calls import Calls, Joins
from storage.importers.model import Item, content_hash, kept
from storage.importers.texts import as_json, as_text, readable

_PREFIX: Final = "langgraph:"
_ROLES: Final = {"human": "user", "ai": "assistant", "function": "tool"}


def node_of(task_path: Any) -> str | None:
    """Return the node of a task, such as `bot` of `~__pregel_pull, bot`."""
    path = as_text(task_path) or ""
    return path.rpartition(", ")[2] or None if ", " in path else None


def are_messages(held: Any, channel: str) -> bool:
    """Say whether what a channel holds is a conversation."""
    return isinstance(held, list) and bool(held) and all(_is_message(m, channel) for m in held)


def _is_message(value: Any, channel: str) -> bool:
    if isinstance(value, dict):
        return "content" in value and _speaker(value) is not None
    # `("user", "Hello")`, which only a channel of that name holds.
    is_pair = isinstance(value, list) and len(value) == 2
    return is_pair and channel == "messages" and all(isinstance(each, str) for each in value)


def _speaker(message: dict[str, Any]) -> str | None:
    kind = as_text(message.get("role")) or as_text(message.get("type"))
    return _ROLES.get(kind.removesuffix("MessageChunk").lower(), kind) if kind else None


def message_item(
    names: list[str], channel: str, place: int, message: Any, calls: Calls, time: str | None
) -> Item:
    """Return the interaction of a message.

    Args:
        names: Thread, namespace and id of the checkpoint that it is found in.
        channel: The channel that holds it.
        place: Its index there, by which it is known where it has no id.
        message: What it says, of which `are_messages()` is true.
        calls: What was called before.
        time: When that checkpoint was made.

    Raises:
        JSONEncodeError: It holds what JSON cannot say.
    """
    if isinstance(message, list):
        message = {"role": message[0], "content": message[1]}
    raw = as_json(message)
    thread, space, checkpoint = names
    fingerprint = content_hash(raw)
    own = as_text(message.get("id")) or f"{channel}-{place}-{fingerprint.hex()}"
    # A graph within a graph begins with the messages of the outer one, which are the same.
    key = f"{_PREFIX}{joined_id(thread, own)}"
    joins = Joins(calls, thread, key)
    content = "\n\n".join(filter(None, [readable(message["content"]), *_called(message, joins)]))
    is_result = "tool_call_id" in message
    if is_result:
        joins.answers(message["tool_call_id"], message.get("name"))
    joined = joins.metadata()
    metadata: dict[str, Any] = {"checkpoint": checkpoint, **joined, **_facts(message)}
    if space:
        metadata["namespace"] = space
    if channel != "messages":
        metadata["channel"] = channel
    record = {
        "timestamp": time,
        "session_id": thread,
        "action": "tool_result" if is_result else "tool_call" if joined else "message",
        "role": _speaker(message),
        "content": content,
        "details": kept(raw),
        "metadata": metadata,
    }
    return Item(key, record, fingerprint, None, size=len(raw))


def _called(message: dict[str, Any], joins: Joins) -> list[str]:
    """Note the calls that a message makes; return how they read."""
    called = message.get("tool_calls")
    told = []
    for call in called if isinstance(called, list) else []:
        if isinstance(call, dict):
            joins.makes(call.get("id"), call.get("name"))
            told.append(f"{as_text(call.get('name')) or 'tool'} {as_json(call.get('args'))}")
    return told


def _facts(message: dict[str, Any]) -> dict[str, Any]:
    """Return model and usage, where a message tells of them."""
    told = message.get("response_metadata")
    model = told.get("model_name", told.get("model")) if isinstance(told, dict) else None
    facts = {"model": model, "usage": message.get("usage_metadata")}
    return {name: value for name, value in facts.items() if value}
