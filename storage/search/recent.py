"""Documents that the last answers read: whoever types sees most of them again with every letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from storage.search.documents import Source
from storage.search.shown import Shown, read_shown
from storage.view import View

MOST: Final = 500
"""From how many documents on all are forgotten."""
MOST_BYTES: Final = 4096
"""How long the JSON of a record is at most that is remembered."""


class Recent:
    """Reads documents, and remembers them until anything is committed.

    It serves one thread at a time. What it gives it may give again: nobody may change it.
    """

    def __init__(self) -> None:
        self._held: dict[Source, Shown] = {}
        self._as_of: tuple[View, int] | None = None

    def read(self, view: View, sources: Sequence[Source]) -> list[Shown | None]:
        """Return the documents at some places of the database, as they are now.

        None stands for what is gone.
        """
        if view.commits is None:
            # What a connection that writes has not committed yet may be taken back.
            return read_shown(view, sources)
        # Every connection counts on its own.
        as_of = view, view.commits
        if as_of != self._as_of or len(self._held) > MOST:
            self._held.clear()
            self._as_of = as_of
        found = [*map(self._held.get, sources)]
        if None in found:
            missed = [source for source, each in zip(sources, found, strict=True) if each is None]
            read = dict(zip(missed, read_shown(view, missed), strict=True))
            found = [each or read[source] for source, each in zip(sources, found, strict=True)]
            self._held.update((at, each) for at, each in read.items() if each and _is_small(each))
        return found


def _is_small(shown: Shown) -> bool:
    """Say whether a record is plain JSON that is soon copied."""
    try:
        return len(orjson.dumps(shown.record)) <= MOST_BYTES
    except TypeError:
        return False
