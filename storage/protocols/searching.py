"""Questions that a memory answers, by words and by meaning, and the index behind the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from storage.search.results import By, DuplicateGroup, IndexStatus, SearchHit


class Searching(Protocol):
    """Answers, with records as they stand in the memory now; nothing asked is an error."""

    async def search(self, query: str, *, limit: int = 20, by: By = "both") -> list[SearchHit]:
        """Answer a question in the language of the question box, best first."""

    async def typeahead(self, typed: str, *, limit: int = 20) -> list[SearchHit]:
        """Answer while one types: the newest records that hold every word, the last as a prefix."""

    async def search_similar(
        self, record_id: str, *, kind: str | None = None, limit: int = 20
    ) -> list[SearchHit]:
        """Return what is nearest in meaning to a record, nearest first.

        Raises:
            RecordNotFoundError: No record has the id.
        """

    async def find_duplicates(self, kind: str, threshold: float = 0.9) -> list[DuplicateGroup]:
        """Return groups of live records of a kind that say nearly the same."""

    async def wait_for_index(self) -> IndexStatus:
        """Bring the index up to date with the memory as it is now; build what is missing."""

    async def index_status(self) -> IndexStatus:
        """Return how far the index is, and what is not as it should be."""

    async def rebuild_index(self) -> None:
        """Throw the index away, and have it made again."""

    async def pause_index(self) -> None:
        """Stop following the memory in the background; what is indexed stays."""

    async def resume_index(self) -> None:
        """Follow the memory in the background, and build the index if there is none."""
