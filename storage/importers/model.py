"""What an importer gives, what it is asked, and what came of an import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from storage.importers.saying import sayable
from storage.json_utils import CorruptJSON, RawJSON, exact_bytes
from storage.rows import Value, tolerant_text

ItemKind: TypeAlias = Literal["interaction", "pattern", "world_model_state"]
Position: TypeAlias = Any
"""Where a generator of items goes on: whatever JSON can hold; None is the beginning."""

GONE: Final = "gone_from_source"
"""The reason of the archive for what a source deleted."""
CORRUPT_ACTION: Final = "corrupt"
"""The action of an interaction that stands for bytes of a source that could not be read."""
HASH_BYTES: Final = 8
_MOST_TROUBLES: Final = 20


@dataclass(frozen=True, slots=True)
class Found:
    """What a file was found to be.

    Attributes:
        path: The file or folder.
        format: The format's name, such as `openai-agents`.
        title: The format's name as people say it.
        summary: What is in it, such as `3 sessions, 41 messages`; "" if that takes a full read.
    """

    path: Path
    format: str
    title: str
    summary: str = ""

    def __str__(self) -> str:
        return f"{self.title}: {self.summary}" if self.summary else self.title


@dataclass(slots=True)
class Item:
    """One record of a source.

    Attributes:
        key: The source's own identity of it, with the format in front; the record's id.
        record: What `add_interaction`, `add_pattern` or `add_world_model_state` takes, without id.
        hash: Changes whenever the source changes it: `content_hash()`.
        at: The position behind it.
        kind: Which of the three `record` is.
        trouble: What is wrong with it and where, as a sentence; "" if nothing is.
        archived: The reason with which it goes straight into the archive; None if it is live.
        archived_at: Since when it stands there.
        size: Bytes that it holds, roughly.
        hides: Whether others may be hidden behind it, so that what is not seen may still be there.
        is_dated: Whether a state is one of a history, so that `snapshot_time` says which is newest.
        former: Another key by which a memory may know it from before; "" if there is none.
    """

    key: str
    record: dict[str, Any]
    hash: bytes
    at: Position
    kind: ItemKind = "interaction"
    trouble: str = ""
    archived: str | None = None
    archived_at: str | None = None
    size: int = 0
    hides: bool = False
    is_dated: bool = False
    former: str = ""


def content_hash(raw: Value, *beside: Value) -> bytes:
    """Return 8 bytes that change whenever the bytes of an item do, or what stands beside them."""
    if not isinstance(raw, bytes):
        # A cell of text may hold a number, or nothing.
        raw = exact_bytes(raw if isinstance(raw, str) else repr(raw))
    digest = blake2b(raw, digest_size=HASH_BYTES)
    if beside:
        # The length keeps what stands beside from passing for more bytes.
        digest.update(repr((len(raw), *beside)).encode())
    return digest.digest()


def kept(raw: str | bytes) -> RawJSON:
    """Return JSON text of a source as it goes into `details`, byte for byte."""
    return RawJSON(tolerant_text(raw) if isinstance(raw, bytes) else raw)


def sayable_all(value: Any) -> Any:
    """Return a decoded value of which JSON can say every key and text, as `sayable()` does."""
    if isinstance(value, str):
        return sayable(value)
    if isinstance(value, dict):
        return {sayable(str(name)): sayable_all(held) for name, held in value.items()}
    return [sayable_all(each) for each in value] if isinstance(value, list | tuple) else value


def damaged(
    key: str, raw: bytes, where: dict[str, Any], error: str, at: Position, **record: Any
) -> Item:
    """Return the item that stands for what cannot be read.

    Args:
        key: Its identity.
        raw: The bytes, which `details` shows as `CorruptJSON`.
        where: File, line, byte offset, table, row: whatever is known.
        error: What is wrong, as the rest of a sentence.
        at: The position behind it.
        record: What is known all the same, such as `session_id` and `timestamp`.
    """
    where = {
        name: sayable(value) if isinstance(value, str) else value for name, value in where.items()
    }
    error = sayable(error)
    place = ", ".join(f"{name} {value}" for name, value in where.items())
    return Item(
        key,
        {
            **record,
            "action": CORRUPT_ACTION,
            "details": CorruptJSON(raw, error),
            "metadata": {"corrupt": error, "imported_from": where},
        },
        content_hash(raw),
        at,
        trouble=f"{place}: {error}",
        size=len(raw),
    )


@dataclass(slots=True)
class ImportProgress:
    """How far an import is.

    Attributes:
        path: The file that is being read.
        done: Bytes read so far; of a database, as large a part of them as of its records.
        total: All bytes of the files to which something was written since they were read.
        records: Records seen so far.
    """

    path: Path
    done: int = 0
    total: int = 0
    records: int = 0


@dataclass(slots=True)
class ImportReport:
    """What came of an import or a synchronisation of one source.

    Attributes:
        path: The source.
        format: The format's name.
        title: The format's name as people say it.
        added: Records that are new.
        updated: Records that the source had changed.
        archived: Records that the source had deleted, archived as `gone_from_source`.
        restored: Records that had been gone and came back.
        unchanged: Records that were here already.
        diverged: Records that a person changed here, so that what the source did was not followed.
        corrupt: Of what was added or updated: those that stand for what could not be read.
        counts: Of the added, by what they are: messages, calls, snapshots, …
        troubles: The first twenty of what could not be read, a sentence each.
        remarks: What a source holds that no record stands for, a sentence each.
        skipped: Files of a folder that are of no format, relative to it; the first twenty.
        transactions: What was written, oldest first, as `undo()` takes it.
        is_complete: Whether the source was read to its end; False once cancelled.
    """

    path: Path
    format: str
    title: str
    added: int = 0
    updated: int = 0
    archived: int = 0
    restored: int = 0
    unchanged: int = 0
    diverged: int = 0
    corrupt: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    transactions: list[str] = field(default_factory=list)
    is_complete: bool = False

    @property
    def changed(self) -> int:
        """How many records are other than before."""
        return self.added + self.updated + self.archived + self.restored

    def tell(self, trouble: str) -> None:
        """Keep a sentence on what is wrong, if there are not too many already."""
        if len(self.troubles) < _MOST_TROUBLES:
            self.troubles.append(trouble)

    def skip(self, name: str) -> None:
        """Keep the name of a file that is of no format, if there are not too many already."""
        if len(self.skipped) < _MOST_TROUBLES:
            self.skipped.append(name)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source that this memory was filled from.

    Attributes:
        path: The file or folder.
        format: The format's name.
        title: The format's name as people say it.
        first_at: When it was first read.
        synced_at: When it was last read to its end; None if it never was.
        records: How many records came from it and are still in it.
        is_missing: Whether the file is not there any more.
    """

    path: Path
    format: str
    title: str
    first_at: str
    synced_at: str | None
    records: int
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Divergence:
    """A record that was changed here, so that synchronisation leaves it alone.

    Attributes:
        kind: interaction, pattern or world_model_state.
        record_id: Its id.
        path: The file that it came from.
        format: The format's name.
        key: The source's identity of it.
        how: `edited` or `archived`.
        reason: Of the archive, if it is archived.
    """

    kind: str
    record_id: str
    path: Path
    format: str
    key: str
    how: Literal["edited", "archived"]
    reason: str | None = None


ProgressCallback: TypeAlias = Callable[[ImportProgress], None]
