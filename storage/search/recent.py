"""Documents that the last answers read: whoever types sees most of them again with every letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import orjson

from storage.search.documents import Document, Source
from storage.search.reading import read_sources
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
        self._held: dict[Source, Document] = {}
        self._as_of: tuple[View, int, int] | None = None

    def read(self, view: View, sources: Sequence[Source]) -> dict[Source, Document]:
        """Return the documents at some places of the database, as they are now."""
        if view.connection.in_transaction:
            # What is not committed yet may be taken back.
            return read_sources(view, sources)
        # Every connection counts the commits of others on its own, and its own changes apart.
        version = int(view.fetch("PRAGMA data_version")[0][0])
        as_of = view, version, view.connection.total_changes
        if as_of != self._as_of or len(self._held) > MOST:
            self._held.clear()
            self._as_of = as_of
        held = self._held
        found = {source: held[source] for source in sources if source in held}
        if len(found) < len(sources):
            missed = [source for source in sources if source not in found]
            # A row may hold many more of them than are asked for.
            new = read_sources(view, missed)
            found.update((source, new[source]) for source in missed if source in new)
            held.update((each, found[each]) for each in missed if _is_small(found.get(each)))
        return found


def _is_small(document: Document | None) -> bool:
    """Say whether a record is plain JSON that is soon copied."""
    try:
        return document is not None and len(orjson.dumps(document.record)) <= MOST_BYTES
    except TypeError:
        return False
