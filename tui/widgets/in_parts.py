"""The keys of a long list, so many at a time that other work has its turn soon."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

# Twenty thousand keys are made in a tenth of a second, in which nothing that is typed is heard.
_AT_ONCE: Final = 2_000


def in_parts(keys: Sequence[Hashable]) -> Iterator[Sequence[Hashable]]:
    """Yield keys some at a time; whoever takes them lets others have their turn in between."""
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
