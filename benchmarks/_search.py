"""What every figure of searching needs: a memory, its index, its vectors, and questions."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks._bench import Figure
from benchmarks._talk import Talk
from storage import HybridStore, SQLiteStore
from storage.embedders import WordLlamaEmbedder
from storage.search.query import STOP_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MIB: Final = 2**20
BATCH: Final = 2000
TOP: Final = 20
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True)
class Cost:
    """What some work takes: seconds by the clock, and seconds of all processors together."""

    clock: float = 0.0
    processors: float = 0.0

    @classmethod
    def now(cls) -> Cost:
        """Return what was taken so far."""
        return cls(time.perf_counter(), time.process_time())

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.clock + other.clock, self.processors + other.processors)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.clock - other.clock, self.processors - other.processors)


@dataclass
class Memory:
    """A database of made-up turns, and an index of it.

    Attributes:
        folder: Where the files are.
        records: How many turns.
        asked: How many questions there are.
        talk: Makes the turns and the questions.
    """

    folder: Path
    records: int
    asked: int = 200
    talk: Talk = field(default_factory=Talk)

    @property
    def path(self) -> Path:
        """The database."""
        return self.folder / f"{self.records}.db"

    @property
    def index(self) -> Path:
        """The index that is searched."""
        return self.folder / f"{self.records}.index"

    async def make(self) -> None:
        """Write the turns into the database, unless they are there."""
        if not self.path.exists():
            async with SQLiteStore(self.path) as store:
                await store.add_interactions(self.turns())

    async def build(self, index: Path) -> Cost:
        """Build an index of the database; return what it took.

        Raises:
            RuntimeError: The index is not as it should be.
        """
        async with HybridStore(self.path, index_path=index, follow=False) as store:
            started = Cost.now()
            status = await store.wait_for_index()
            taken = Cost.now() - started
        if status.missing or status.done < self.records:
            raise RuntimeError(f"The index holds {status.done} records. {' '.join(status.missing)}")
        return taken

    async def indexed(self) -> None:
        """Make the database and the index, as far as they are not there."""
        await self.make()
        if not self.index.exists():
            await self.build(self.index)

    def turns(self) -> Iterator[dict[str, Any]]:
        """Yield the turns, oldest first; the n-th has the rowid n."""
        return self.talk.turns(self.records)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield what the full text has of each turn: what is said, and what stands beside it."""
        for turn in self.turns():
            details = turn.get("details")
            beside = [*_strings(details), turn["file_path"]] if details else []
            yield turn["content"], " ".join(beside)

    @cached_property
    def vectors(self) -> Floats:
        """The vectors of all turns, float32 of shape [records, 256]: what brute force goes over."""
        embedder = WordLlamaEmbedder()
        vectors = np.empty((self.records, embedder.dimension), np.float32)
        for start, some in batches(text for text, _ in self.texts()):
            vectors[start : start + len(some)] = embedder.embed_now(some)
        return vectors

    @cached_property
    def questions(self) -> list[str]:
        """What is asked: a fifth of the questions have a filter."""
        plain = self.talk.questions(self.asked - self.asked // 5, self.records)
        filtered = self.talk.filtered(self.asked // 5, self.records)
        places = np.random.default_rng(self.asked).permutation(self.asked)
        return [(plain + filtered)[place] for place in places]

    @cached_property
    def asked_vectors(self) -> Floats:
        """The vectors of questions without filters, float32 of shape [asked, 256]."""
        questions = self.talk.questions(self.asked, self.records)
        kept = [
            " ".join(w for w in _WORD.findall(q) if w.lower() not in STOP_WORDS) for q in questions
        ]
        return WordLlamaEmbedder().embed_now(kept)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)


def batches(items: Iterable[Any], size: int = BATCH) -> Iterator[tuple[int, list[Any]]]:
    """Yield the items in lists of `size`, each with the place of its first."""
    some: list[Any] = []
    start = 0
    for item in items:
        some.append(item)
        if len(some) == size:
            yield start, some
            start += size
            some = []
    if some:
        yield start, some


def brute_force(vectors: Floats, question: Floats) -> NDArray[np.int64]:
    """Return the rows whose product with a vector is highest, best first: what is to be beaten."""
    products = vectors @ question
    best = np.argpartition(-products, TOP)[:TOP]
    return best[np.argsort(-products[best])]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how many seconds some work takes, and what it gives."""
    started = time.perf_counter()
    given = work()
    return time.perf_counter() - started, given


def share(times: Sequence[float], limits: Sequence[float]) -> float:
    """Return the median of what was taken of a limit measured beside it, pair by pair."""
    return statistics.median(
        taken / limit for taken, limit in zip(times, limits, strict=True) if limit
    )


def at_most(name: str, times: Sequence[float], limits: Sequence[float], most: float) -> Figure:
    """Return the line of a figure that may take a part of brute force at most."""
    taken = share(times, limits)
    late = sorted(times)[int(len(times) * 0.9)]
    told = (
        f"median {_millis(statistics.median(times))}, nine of ten {_millis(late)},"
        f" brute force {_millis(statistics.median(limits))}"
    )
    return Figure(name, f"{taken:.3f} x brute force ({told})", f"<= {most:g}", taken <= most)


def _millis(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"
