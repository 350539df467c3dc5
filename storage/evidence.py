"""What a pattern says that it was made from: the names of other records in its metadata."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from storage import rows
from storage.json_utils import CorruptJSON, decode

Named = Literal["interaction", "pattern", ""]

_FIELD: Final = re.compile(
    r"(?:source_\w+|\w+_sources|sources|evidence|(?:derived|consolidated|promoted|merged|made)_from"
    r"|(?:interaction|pattern)_ids)",
    re.ASCII,
)
# Agents name their stages of memory; what stands there are patterns.
_PATTERNS: Final = re.compile(r"pattern|memor|working|episod|semantic")
_KEYS: Final = ("id", "interaction_id", "pattern_id")


class Source(NamedTuple):
    """A record that a pattern names as one that it was made from.

    Attributes:
        kind: interaction or pattern; empty where the name of the field does not tell.
        record_id: Its public id.
        field: Where it is named in the metadata.
    """

    kind: Named
    record_id: str
    field: str


class Evidence(NamedTuple):
    """What the metadata of a pattern tells of where it came from.

    Attributes:
        sources: In the order of the metadata, each once a field.
        trouble: What is wrong with the metadata, as the rest of a sentence; empty if nothing.
    """

    sources: tuple[Source, ...]
    trouble: str = ""

    def records(self) -> list[Source]:
        """The sources in their order, each record once, by the field that names it first."""
        return list({each.record_id: each for each in reversed(self.sources)}.values())[::-1]

    def interactions(self) -> list[str]:
        """The ids of those that can be nothing but interactions, each once."""
        found = (record_id for kind, record_id, _ in self.sources if kind == "interaction")
        return list(dict.fromkeys(found))


def read_evidence(metadata: rows.Value) -> Evidence:
    """Read the evidence in what a metadata column holds. Never raises.

    `source_interactions` and every other field of a name that speaks of sources counts, with a
    list of ids, of mappings that have an id, or a single id.
    """
    read = decode(metadata, dict)
    if isinstance(read, CorruptJSON):
        if not read.raw.strip():
            return Evidence(())
        where = "" if read.offset is None else f" at byte {read.offset:,}"
        return Evidence((), f"{read.error}{where}")
    if not isinstance(read, Mapping):
        return Evidence((), "" if read in (None, []) else "is no mapping")
    fields = filter(_speaks_of_sources, read)
    return Evidence(tuple(dict.fromkeys(each for name in fields for each in _named(name, read))))


# All patterns of a memory are read, and they have the same few fields.
@lru_cache
def _speaks_of_sources(field: str) -> bool:
    return _FIELD.fullmatch(field) is not None


def _named(field: str, metadata: Mapping[str, Any]) -> Iterator[Source]:
    value, kind = metadata[field], _kind(field)
    for each in value if isinstance(value, list) else [value]:
        record_id = each if each.__class__ is str else _id(each)
        if record_id:
            yield Source(kind, record_id, field)


@lru_cache
def _kind(field: str) -> Named:
    if "interaction" in field:
        return "interaction"
    return "pattern" if _PATTERNS.search(field) else ""


def _id(value: Any) -> str:
    if isinstance(value, Mapping):
        value = next((value[name] for name in _KEYS if name in value), None)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
