"""What is nearest in meaning is found as a product over all vectors finds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.search import searcher
from storage.search.query import Query
from tests.storage.search.test_index_file import document, opened

SEED = 7_301


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
        kept += len({each.source.number for each in found} & set(best.tolist()))
        cosines = np.array([each.ranked.similarity for each in found])
        assert (np.diff(cosines) <= 0).all()
    connection.close()
    assert kept / 400 >= 0.97


def test_what_has_lost_its_vector_is_left_out(tmp_path: Path) -> None:
    index = opened(tmp_path / "memory.db.index")
    vectors = np.random.default_rng(SEED).standard_normal((300, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    with index.change():
        index.put([document(number) for number in range(300)], vectors)
        index.connection.execute("DELETE FROM halves WHERE slot % 2 = 0")
    index.close()
    connection = searcher.connect(index.path)
    found = searcher.Searcher(connection).nearest(vectors[1], Query(), 200)
    connection.close()
    assert {each.source.number for each in found} == set(range(1, 300, 2))
