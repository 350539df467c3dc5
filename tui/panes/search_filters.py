"""What a search can be narrowed to: the values that this memory has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from tui.filters import Filter
from tui.question import chips, token_for
from tui.screens.filter import Choice
from tui.wording import counted

if TYPE_CHECKING:
    from storage import Store
    from tui.widgets.columns import Row

GONE: Final = "gone"
_NAMES: Final = "session after before action type reason domain tag archived"
TYPED: Final = tuple((name, name) for name in _NAMES.split())
_NEWEST: Final = 1000
_FIXED: Final = (
    ("kind", "interaction", "what was recorded"),
    ("kind", "pattern", "what was learned"),
    ("kind", "entity", "what the world models hold"),
    ("archived", "yes", "only what was put away"),
    ("archived", "no", "only what is live"),
)


async def choices(store: Store, asked: str, here: Row | None) -> list[Choice]:
    """Give the filters of a question, to let go of them, and those that can be added.

    Args:
        store: The memory.
        asked: The question.
        here: The row under the cursor.

    Raises:
        StorageError: It could not be read.
    """
    held = chips(asked)
    labels = {chip.label for chip in held}
    offered = [
        *_fixed(),
        *await _types(store),
        *await _reasons(store),
        *await _domains(store),
        *await _tags(store),
        *await _newest(store, here),
    ]
    return [
        *(Choice(Filter(GONE, chip, chip.label), "let go of it") for chip in held),
        *(choice for choice in offered if choice.filter.label not in labels),
    ]


def _choice(name: str, value: str, note: str) -> Iterator[Choice]:
    token = token_for(name, value)
    if token is not None:
        yield Choice(Filter(name, token, token), note)


def _fixed() -> Iterable[Choice]:
    return [choice for name, value, note in _FIXED for choice in _choice(name, value, note)]


async def _types(store: Store) -> Iterable[Choice]:
    types = await store.get_pattern_types()
    return [
        choice
        for name, count in types.items()
        for choice in _choice("type", name, counted(count, "pattern"))
    ]


async def _reasons(store: Store) -> Iterable[Choice]:
    counts = await store.get_archive_statistics()
    reasons = Counter[str]()
    for name in ("interactions", "patterns"):
        reasons.update(counts[name])
    return [
        choice
        for reason, count in reasons.most_common()
        for choice in _choice("reason", reason, f"{count:,} archived")
    ]


async def _domains(store: Store) -> Iterable[Choice]:
    rows = await _rows(store, "world_model_state")
    names = dict.fromkeys(row["domain"] for row in rows if isinstance(row["domain"], str))
    return [choice for name in names for choice in _choice("domain", name, "a world model")]


async def _tags(store: Store) -> Iterable[Choice]:
    tags = await store.get_tags()
    return [
        choice
        for name, count in tags.items()
        for choice in _choice("tag", name, counted(count, "record"))
    ]


async def _newest(store: Store, here: Row | None) -> Iterable[Choice]:
    rows = await _rows(store, "interaction")
    found: list[Choice] = []
    for field, name in (("action", "action"), ("session_id", "session")):
        # A counter keeps the order of first sight, so that the newest sessions come first.
        counts = Counter(row[field] for row in rows if isinstance(row[field], str))
        own = (here or {}).get(field)
        for value, count in counts.items():
            note = f"{count:,} of the newest {len(rows):,} interactions"
            found += _choice(name, value, "as this one" if value == own else note)
    return found


async def _rows(store: Store, kind: str) -> list[dict[str, Any]]:
    keys = await store.list_keys(kind, limit=_NEWEST)
    return [row for row in await store.get_summaries(kind, keys) if row is not None]
