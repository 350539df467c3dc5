"""What is nearest in meaning is found as a product over all vectors finds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.search import searcher
from storage.search.query import Query
from tests.storage.search.test_index_file import document, opened

SEED = 7_301

Floats = NDArray[np.float32]


@pytest.mark.parametrize("dimension", [32, 256, 384])
def test_nearly_all_of_the_ten_nearest_come_through(dimension: int, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    random = np.random.default_rng(SEED)
    subjects = random.standard_normal((40, dimension))
    vectors = subjects[random.integers(0, 40, 4000)] + random.standard_normal((4000, dimension))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    asked = vectors[:40] + 0.5 * subjects[:40].astype(np.float32) / np.sqrt(dimension)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)

    index = opened(tmp_path / "memory.db.index")
    with index.change():
        index.put([document(number) for number in range(4000)], vectors)
    index.close()
    connection = searcher.connect(index.path)
    reading = searcher.Searcher(connection)
    kept = 0
    for vector in asked:
        best = np.argsort(-(vectors @ vector))[:10]
        found = reading.nearest(vector, Query(), 10)
        kept += len({each.source.number for _, each in found} & set(best.tolist()))
        cosines = np.array([ranked.similarity for ranked, _ in found])
        assert (np.diff(cosines) <= 0).all()
    connection.close()
    assert kept / 400 >= 0.97


def nearest(path: Path, vectors: Floats, asked: Floats, limit: int, *damages: str) -> list[int]:
    """Return the numbers of what is found in an index of vectors, to which something was done."""
    index = opened(path / "memory.db.index")
    with index.change():
        index.put([document(number) for number in range(len(vectors))], vectors)
        for sql in damages:
            index.connection.execute(sql)
    index.close()
    connection = searcher.connect(index.path)
    found = searcher.Searcher(connection).nearest(asked, Query(), limit)
    connection.close()
    return [each.source.number for _, each in found]


def directions(count: int, dimension: int) -> Floats:
    """Return vectors of length 1 in all directions."""
    found = np.random.default_rng(SEED).standard_normal((count, dimension)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def test_what_has_lost_its_vector_is_left_out(tmp_path: Path) -> None:
    vectors = directions(3000, 8)
    lost = "DELETE FROM halves WHERE slot % 20 > 0"
    assert set(nearest(tmp_path, vectors, vectors[0], 30, lost)) <= set(range(0, 3000, 20))
    assert len(nearest(tmp_path, vectors, vectors[0], 30)) == 30


def test_what_is_gone_takes_nobodys_place(tmp_path: Path) -> None:
    vectors = directions(5000, 32)
    order = np.argsort(-(vectors @ vectors[0]))
    gone = ", ".join(map(str, order[:3500].tolist()))
    removed = f"INSERT INTO removed (slot) SELECT slot FROM docs WHERE slot IN ({gone})"
    deleted = f"DELETE FROM docs WHERE slot IN ({gone})"
    found = nearest(tmp_path, vectors, vectors[0], 10, removed, deleted)
    assert len(found) == 10
    assert len(set(found) & set(order[3500:3510].tolist())) >= 7


def test_what_never_had_a_vector_takes_nobodys_place(tmp_path: Path) -> None:
    vectors = directions(3000, 64)
    asked = vectors[:20].copy()
    vectors[100:] = 0
    for number, each in enumerate(asked):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert len(nearest(folder, vectors, each, 60)) == 60
