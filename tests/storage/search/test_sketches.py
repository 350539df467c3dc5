"""Sign bits tell of vectors what they promise, whatever their dimension."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from storage.search import sketches

SEED = 20_261_126

Floats = NDArray[np.float32]


def unit(count: int, dimension: int) -> Floats:
    """Return vectors of length 1 in all directions."""
    print(f"seed {SEED}")
    found = np.random.default_rng(SEED).standard_normal((count, dimension)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


@pytest.mark.parametrize("dimension", [1, 3, 64, 255, 256])
def test_turning_keeps_the_cosines_of_short_vectors(dimension: int) -> None:
    vectors = unit(50, dimension)
    turned = sketches.turned(vectors)
    np.testing.assert_allclose(turned @ turned.T, vectors @ vectors.T, atol=1e-5)


@pytest.mark.parametrize("dimension", [384, 1536, 4096])
def test_turning_keeps_the_cosines_of_long_vectors_but_for_what_is_left_out(dimension: int) -> None:
    vectors = unit(300, dimension)
    turned = sketches.turned(vectors)
    wrong = turned @ turned.T - vectors @ vectors.T
    assert turned.shape == (300, sketches.BITS)
    assert np.abs(wrong).mean() < 0.08


@pytest.mark.parametrize("dimension", [64, 256, 384, 1536])
def test_an_estimate_is_as_wrong_as_it_says(dimension: int) -> None:
    vectors = unit(2000, dimension)
    turned = sketches.turned(vectors)
    planes = np.ascontiguousarray(sketches.bits_of(turned).T)
    estimates = [sketches.estimated(planes, np.arange(1, 2000), turned[at]) for at in range(20)]
    wrong = np.array(estimates) - vectors[:20] @ vectors[1:].T
    # A vector beside itself is no question.
    wrong[np.arange(1, 20), np.arange(19)] = 0
    assert abs(float(wrong.mean())) < 0.01
    assert float(wrong.std()) == pytest.approx(sketches.deviation(dimension), rel=0.1)


def test_the_bits_that_differ_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sketches, "_BLOCK", 7)
    bits = np.random.default_rng(SEED).integers(0, 2**64, (4, 20), np.uint64)
    asked = ~bits[:, 3]
    expected = [
        sum((int(a) ^ int(b)).bit_count() for a, b in zip(bits[:, at], asked, strict=True))
        for at in range(20)
    ]
    assert expected[3] == 256
    assert sketches.differing(bits, asked).tolist() == [min(each, 255) for each in expected]
