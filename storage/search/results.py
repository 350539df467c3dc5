"""What a search gives: its hits and why each is there, groups of duplicates, the index's state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple

from storage.listing import Key
from storage.records import Record

By = Literal["both", "words", "meaning"]
State = Literal["off", "building", "catching_up", "ready", "paused"]


class Why(NamedTuple):
    """Why a hit is there.

    Attributes:
        words: Words of the record that the query asked for, spelled as they stand there.
        nearby: Words of the query that only neighbouring turns of the session hold.
        similarity: The cosine of query and record, -1 to 1; None where meaning was not asked.
        by: What found it; `filters` where the query holds nothing else.
    """

    words: tuple[str, ...]
    nearby: tuple[str, ...]
    similarity: float | None
    by: Literal["words", "meaning", "both", "filters"]


class SearchHit(NamedTuple):
    """One thing that a search found, as it stands in the database now.

    Attributes:
        kind: `interaction`, `pattern` or `entity`.
        record_id: The `interaction_id` or pattern id; of an entity, the id of its world model.
        entity: The key of the entity; None for all else.
        archived: Whether it stands in the archive.
        record: The whole public record.
        score: How well it fits; comparable within one answer only.
        why: Why it is there.
        snippet: One line of about 200 characters around the first word that fits.
        list_kind: The kind of list that it stands in, as `list_keys()` has it.
        key: Its key in that list.
    """

    kind: str
    record_id: str
    entity: str | None
    archived: bool
    record: Record
    score: float
    why: Why
    snippet: str
    list_kind: str
    key: Key


KEPT_ELSEWHERE: Final = "The index cannot be kept at"
"""How the sentence begins that says where an index is kept instead of beside its database."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How far the index is.

    Attributes:
        state: `off` where none can be had, `building` until it was complete once,
            `catching_up` while something new is not in it yet, `ready`, or `paused`.
        done: How many records are in it.
        total: How many there are to be.
        path: Where it is.
        size: Its bytes on disk.
        embedder: The name of what made its vectors; None without them.
        sends_text_to: The machine that texts are sent to; empty where they stay here.
        missing: A sentence for each thing that is not as it should be, and what to do.
    """

    state: State
    done: int
    total: int
    path: Path | None
    size: int
    embedder: str | None
    sends_text_to: str
    missing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it is there and nothing is missing from it, wherever it is kept."""
        lacks = (each for each in self.missing if not each.startswith(KEPT_ELSEWHERE))
        return self.path is not None and not any(lacks)


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Records that say nearly the same.

    Attributes:
        kind: `interaction` or `pattern`.
        record_ids: Their ids, first the one that all others are near to; where several are, the
            most confident of them, then the most frequent, then the oldest.
        similarity: The lowest cosine of a member to its nearest other member.
    """

    kind: str
    record_ids: tuple[str, ...]
    similarity: float
