"""Changing the graph of the MCP memory server, by its tools.

(github.com/modelcontextprotocol/servers, src/memory.) Deleting an entity deletes its relations, so
that an entity of another type is made anew with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from storage.importers.recipes.model import Case, HowTo, call_of_tool

Graph = tuple[dict[str, Mapping[str, Any]], list[dict[str, Any]]]


def how_to(case: Case) -> HowTo:
    """Say which tools make the graph of the source what it is here."""
    if case.kind != "world_model_state":
        where = f"it is line {case.line:,} of {case.path}" if case.line else f"it is in {case.path}"
        return HowTo("", "", (f"The server has no tool for a line that cannot be read; {where}.",))
    there, here = _graph(case.theirs or {}), _graph(case.ours or {})
    calls = list(_calls(there, here))
    if not calls:
        return HowTo("", "", ("What the server keeps of it is as it is here.",))
    return HowTo("json", "\n".join(calls), ("Each line is what a client sends as tools/call.",))


def _graph(record: Mapping[str, Any]) -> Graph:
    entities = record.get("entities")
    if isinstance(entities, Mapping):
        entities = [{"name": name, **_mapping(each)} for name, each in entities.items()]
    named = {
        str(each.get("name") or each.get("id")): each
        for each in entities or ()
        if isinstance(each, Mapping)
    }
    relations = [_relation(each) for each in record.get("relations") or () if _mapping(each)]
    return named, relations


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _relation(each: Mapping[str, Any]) -> dict[str, Any]:
    """Return a relation as the server has it, however it is spelled here."""
    return {
        "from": each.get("from", each.get("source_id")),
        "to": each.get("to", each.get("target_id")),
        "relationType": each.get("relationType", each.get("type")),
    }


def _type(entity: Mapping[str, Any]) -> str:
    return str(entity.get("entityType", entity.get("type", "")))


def _observations(entity: Mapping[str, Any]) -> list[str]:
    said = entity.get("observations")
    return [str(each) for each in said] if isinstance(said, list) else []


def _calls(there: Graph, here: Graph) -> Iterable[str]:
    shared = [name for name in here[0] if name in there[0]]
    other = {name for name in shared if _type(here[0][name]) != _type(there[0][name])}
    leaving = [name for name in there[0] if name not in here[0] or name in other]
    gone = set(leaving)
    coming = [name for name in here[0] if name not in there[0] or name in other]
    # Whatever stands there for a name: a graph may have been written by hand.
    left = [each for each in there[1] if not {str(each["from"]), str(each["to"])} & gone]
    yield from _call("delete_relations", "relations", [e for e in left if e not in here[1]])
    yield from _call("delete_entities", "entityNames", leaving)
    made = [
        {
            "name": name,
            "entityType": _type(here[0][name]),
            "observations": _observations(here[0][name]),
        }
        for name in coming
    ]
    yield from _call("create_entities", "entities", made)
    same = [name for name in shared if name not in other]
    yield from _call(
        "delete_observations",
        "deletions",
        [each for name in same if (each := _lost(name, there[0][name], here[0][name]))],
    )
    yield from _call(
        "add_observations",
        "observations",
        [each for name in same if (each := _new(name, there[0][name], here[0][name]))],
    )
    yield from _call("create_relations", "relations", [e for e in here[1] if e not in left])


def _lost(name: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, Any] | None:
    gone = [each for each in _observations(there) if each not in _observations(here)]
    return {"entityName": name, "observations": gone} if gone else None


def _new(name: str, there: Mapping[str, Any], here: Mapping[str, Any]) -> dict[str, Any] | None:
    come = [each for each in _observations(here) if each not in _observations(there)]
    return {"entityName": name, "contents": come} if come else None


def _call(tool: str, name: str, values: list[Any]) -> Iterable[str]:
    if values:
        yield call_of_tool(tool, {name: values})
