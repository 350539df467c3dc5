"""The vectors of an index: exact, and never a crash of the process for what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from storage import ValidationError, driver, vector_store
from tests.storage import outside


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[driver.Connection]:
    """A connection with sqlite-vec, and tables for vectors of eight numbers."""
    connection = driver.connect(f"{(tmp_path / 'x').as_uri()}?mode=rwc", busy_ms=0)
    assert vector_store.load(connection)
    vector_store.create(connection, 8)
    yield connection
    connection.close()


def some(count: int, dimension: int = 8) -> NDArray[np.float32]:
    """Return vectors of length 1."""
    vectors = np.random.default_rng(1).standard_normal((count, dimension))
    unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit.astype(np.float32)


def test_vectors_are_read_back_to_the_bit(connection: driver.Connection) -> None:
    vectors = some(100)
    vector_store.put(connection, range(100), vectors)
    found = vector_store.read(connection, [7, 99, 0])
    assert list(found) == [7, 99, 0]
    for slot, vector in found.items():
        assert vector.tobytes() == vectors[slot].tobytes()


def test_a_vector_that_is_not_there_is_left_out(connection: driver.Connection) -> None:
    vector_store.put(connection, [1], some(1))
    assert vector_store.read(connection, [0, 1, 2]).keys() == {1}
    assert vector_store.read_halves(connection, [0, 1, 2], 8)[0].tolist() == [1]
    assert vector_store.read_halves(connection, [], 8)[1].shape == (0, 8)
    assert vector_store.read(connection, []) == {}


def test_removed_vectors_are_gone_and_the_others_stay(connection: driver.Connection) -> None:
    vectors = some(40)
    vector_store.put(connection, range(40), vectors)
    vector_store.remove(connection, [0, 5, 39, 77])
    left = vector_store.read(connection, range(40))
    assert left.keys() == set(range(40)) - {0, 5, 39}
    assert left[6].tobytes() == vectors[6].tobytes()
    assert set(vector_store.read_halves(connection, range(40), 8)[0].tolist()) == left.keys()


def test_all_vectors_are_read_in_one_go(connection: driver.Connection) -> None:
    vectors = some(50)
    vector_store.put(connection, range(50), vectors)
    found = list(vector_store.read_all(connection))
    assert sorted(found) == [(slot, vector.tobytes()) for slot, vector in enumerate(vectors)]


def test_thousands_of_halves_are_read_at_once(connection: driver.Connection) -> None:
    vector_store.put(connection, range(2000), some(2000))
    assert len(vector_store.read_halves(connection, range(2000), 8)[0]) == 2000


def test_halves_say_what_the_vectors_say(connection: driver.Connection) -> None:
    vectors = some(200)
    vector_store.put(connection, range(200), vectors)
    slots, halves = vector_store.read_halves(connection, range(200), 8)
    question = some(1)[0]
    products = halves.astype(np.float32) @ question
    assert np.abs(products - vectors[slots] @ question).max() < 0.001


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_finite_number_is_refused(connection: driver.Connection, value: float) -> None:
    vectors = some(3)
    vectors[1, 2] = value
    with pytest.raises(ValidationError, match="NaN or infinity"):
        vector_store.put(connection, range(3), vectors)
    assert list(vector_store.read_all(connection)) == []


def test_the_dimension_is_that_of_the_table(connection: driver.Connection, tmp_path: Path) -> None:
    assert vector_store.dimension_of(connection) == 8
    other = driver.connect(f"{(tmp_path / 'y').as_uri()}?mode=rwc", busy_ms=0)
    assert vector_store.dimension_of(other) == 0
    other.close()


def test_vectors_of_another_dimension_are_an_error(connection: driver.Connection) -> None:
    with pytest.raises(driver.Error, match="imension"):
        vector_store.put(connection, [1], some(1, 5))


def test_without_any_tables_all_is_well(tmp_path: Path) -> None:
    connection = driver.connect(f"{(tmp_path / 'y').as_uri()}?mode=rwc", busy_ms=0)
    assert vector_store.is_sound(connection)
    connection.close()


@pytest.mark.parametrize(
    "name",
    ["vectors", "halves", "vectors_chunks", "vectors_info", "vectors_rowids",
     "vectors_vector_chunks00"],
)  # fmt: skip
def test_a_table_that_is_missing_is_noticed(connection: driver.Connection, name: str) -> None:
    assert vector_store.is_sound(connection)
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute("DELETE FROM sqlite_schema WHERE name = ?", (name,))
    assert not vector_store.is_sound(connection)
    with pytest.raises(driver.DatabaseError, match="missing"):
        vector_store.check(connection)


BLOCKED = """
import sys
sys.modules["sqlite_vec"] = None
from pathlib import Path
from storage import driver, vector_store
connection = driver.connect(f"{Path(sys.argv[1]).as_uri()}?mode=ro", busy_ms=0)
print(vector_store.load(connection), vector_store.is_sound(connection))
print(vector_store.dimension_of(connection))
print(len(vector_store.read_halves(connection, [0, 1], 8)[0]))
connection.close()
"""


def test_without_the_extension_nothing_is_loaded_and_the_plain_tables_can_be_read(
    connection: driver.Connection, tmp_path: Path
) -> None:
    vector_store.put(connection, range(2), some(2))
    told, errors = outside.python("-c", BLOCKED, tmp_path / "x").communicate(timeout=60)
    assert (told.split(), errors) == (["False", "True", "8", "2"], "")


def test_loading_leaves_the_door_for_extensions_shut(connection: driver.Connection) -> None:
    sql = "SELECT load_extension('anything')"
    with pytest.raises(driver.OperationalError, match="not authorized"):
        connection.execute(sql).fetchall()
