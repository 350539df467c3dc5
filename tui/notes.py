"""Tags and notes: putting them on records, and showing what is there.

A record is known by its public id, so that it keeps tags and note when it is archived or restored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from tui.changes import NothingToDoError
from tui.filters import Filter
from tui.lines import Line
from tui.moves import Progress, Wanted, batches
from tui.sources import LISTS, PUBLIC_ID
from tui.wording import counted

if TYPE_CHECKING:
    from storage import Store
    from tui.memory import Memory
    from tui.screens.filter import Choice

NONE: Final[Mapping[str, Any]] = {"tags": [], "text": ""}
"""The note of a record that has none."""


def noted_as(kind: str) -> str:
    """Give the kind under which the records of a list have their notes."""
    return kind.removeprefix("archived_")


async def note_of(store: Store, row: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Give what a person put on the record of a short row of a kind of list."""
    found = await store.get_notes(noted_as(kind), str(row[PUBLIC_ID[kind]]))
    return found[0] if found else NONE


def note_lines(note: Mapping[str, Any]) -> Iterator[Line]:
    """Show tags and note, as they stand above the fields of a record."""
    if note["tags"]:
        yield Line("  ".join(f"#{tag}" for tag in note["tags"]), "tags", "accent", limit=2000)
    if note["text"]:
        yield Line(note["text"], "note", "accent", limit=4000)


async def places_tagged(
    store: Store, tag: str, kinds: Iterable[str] = LISTS
) -> frozenset[tuple[str, Any]]:
    """Give kind and key of every record that has a tag, in the lists of some kinds."""
    return frozenset(
        [(kind, key) for kind in kinds for key in await store.list_keys(kind, tag=tag)]
    )


async def tag_choices(store: Store, *kinds: str) -> list[Choice]:
    """Give the tags as things to filter by.

    Args:
        store: Where they are.
        kinds: The kinds of records whose tags are wanted, as notes know them; all if none.
    """
    from tui.screens.filter import Choice

    counts: Counter[str] = Counter()
    for kind in kinds or (None,):
        counts.update(await store.get_tags(kind))
    # A record keeps its tags in the archive, and no list shows both.
    where = ", live or archived" if "interaction" in kinds or "pattern" in kinds else ""
    return [
        Choice(Filter("tag", tag, f"tag:{tag}"), f"{counted(count, 'record')}{where}")
        for tag, count in counts.most_common()
    ]


async def change_tags(
    memory: Memory,
    wanted: Wanted,
    progress: Progress,
    *,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
) -> tuple[int, str]:
    """Put tags on the records of these ids, or take them off, all or none.

    Returns:
        On how many notes that changed something, and a sentence about it.

    Raises:
        NothingToDoError: All have the tags already, or none has.
        StorageError: Nothing was changed.
    """
    said = " and ".join(
        f"{verb} {' '.join(f'#{tag}' for tag in tags)}"
        for verb, tags in (("tagged", add), ("untagged", remove))
        if tags
    )
    return await _annotate(memory, wanted, progress, said, add_tags=add, remove_tags=remove)


async def add_text(
    memory: Memory, wanted: Wanted, progress: Progress, text: str
) -> tuple[int, str]:
    """Add a text to the notes of the records of these ids, all or none.

    Raises:
        NothingToDoError: All notes hold the text already.
        StorageError: Nothing was changed.
    """
    return await _annotate(memory, wanted, progress, "noted", text=text)


async def set_text(
    memory: Memory, kind: str, record_id: str, before: str, text: str
) -> tuple[int, str]:
    """Change the note of one record.

    Args:
        memory: The memory.
        kind: The kind of list that the record stands in.
        record_id: Its public id.
        before: The note that the person saw.
        text: What it is to be.

    Raises:
        NothingToDoError: It was changed by somebody else meanwhile, or stays the same, or the
            record is gone.
        StorageError: Nothing was changed.
    """
    store = memory.store
    async with store.transaction(note="noted") as tx:
        if not await store.locate(noted_as(kind), [record_id]):
            raise NothingToDoError("Nothing was changed: the record is no longer there.")
        found = await store.get_notes(noted_as(kind), record_id)
        if (found[0]["text"] or "" if found else "") != before:
            raise NothingToDoError(
                "Somebody else changed this note meanwhile; press the key again to see it."
            )
        if text == before:
            raise NothingToDoError("The note stays as it is.")
        await store.set_note(noted_as(kind), record_id, text=text)
    label = f"noted on {record_id[:60]}" if text else f"took the note off {record_id[:60]}"
    memory.remember(tx.id, label)
    return 1, label


async def _annotate(
    memory: Memory, wanted: Wanted, progress: Progress, said: str, **more: Any
) -> tuple[int, str]:
    store = memory.store
    changed = done = 0
    total = sum(len(ids) for _, ids in wanted)
    async with store.transaction(note=said) as tx:
        for kind, ids in wanted:
            for part in batches(ids):
                changed += await store.add_notes(noted_as(kind), part, **more)
                done += len(part)
                progress(done, total)
    if not changed:
        why = "that stands there already" if total else "the records are no longer there"
        raise NothingToDoError(f"Nothing was changed: {why}.")
    label = f"{said} {counted(done, 'record')}"
    memory.remember(tx.id, label)
    return changed, label
