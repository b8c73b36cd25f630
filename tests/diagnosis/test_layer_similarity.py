"""Similarities by hand, and what they must not depend on."""

import numpy as np
import pytest

from fieldwise.diagnosis.layer_similarity import compare_layers, linear_cka, mean_cosine
from fieldwise.errors import DataError, ShapeError

RANDOM = np.random.default_rng(0)
FIRST, SECOND = RANDOM.normal(size=(2, 400, 6))
ROTATION = np.linalg.qr(RANDOM.normal(size=(6, 6)))[0]


def loop_cosine(first, second):
    total = 0.0
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        product = sum(x * y for x, y in zip(a, b, strict=True))
        total += product / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5
    return total / len(first)


def loop_cka(first, second):
    """By the inner products of rows, not of units."""
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    products = [0.0, 0.0, 0.0]
    for a, b in zip(first @ first.T, second @ second.T, strict=True):
        for x, y in zip(a.tolist(), b.tolist(), strict=True):
            products = [products[0] + x * y, products[1] + x * x, products[2] + y * y]
    return products[0] / (products[1] * products[2]) ** 0.5


def test_by_hand():
    first = np.array([[1.0, 0.0], [0.0, 0.0]])
    second = np.array([[1.0, 1.0], [5.0, 1.0]])

    # cos 45 degrees, and a row without a direction
    assert mean_cosine(first, second, centred=False) == pytest.approx(0.5**0.5 / 2)
    # Less their means: (1/2, 0), (-1/2, 0) and (-2, 0), (2, 0)
    assert mean_cosine(first, second) == -1
    assert linear_cka(first, second) == pytest.approx(1)


def test_equal_the_loops():
    first, second = FIRST[:30], SECOND[:30] + FIRST[:30]

    found = mean_cosine(first, second, centred=False)

    assert found == pytest.approx(loop_cosine(first, second))
    assert linear_cka(first, second[:, :3]) == pytest.approx(
        loop_cka(first, second[:, :3])
    )


def test_rotations_and_scales():
    near = FIRST + 0.3 * SECOND
    cosine, cka = mean_cosine(FIRST, near), linear_cka(FIRST, near)

    assert mean_cosine(FIRST @ ROTATION, near @ ROTATION) == pytest.approx(cosine)
    assert abs(mean_cosine(FIRST @ ROTATION, near) - cosine) > 0.3
    assert linear_cka(FIRST @ ROTATION, near) == pytest.approx(cka)
    assert mean_cosine(3 * FIRST, near / 7) == pytest.approx(cosine)
    assert linear_cka(3 * FIRST, near / 7) == pytest.approx(cka)
    assert abs(mean_cosine(FIRST, SECOND)) < 0.05
    # A large mean hides everything from a cosine that is not centred.
    assert mean_cosine(FIRST + 50, SECOND + 50, centred=False) > 0.99


@pytest.mark.parametrize("measure", ["cka", "centred_cosine", "cosine"])
def test_residual_layers_are_the_more_alike_the_nearer(measure):
    random, states, layer = np.random.default_rng(1), {}, FIRST
    for place in range(4):
        states[f"layer {place}"] = layer
        layer = layer + 0.2 * np.maximum(0, layer @ random.normal(size=(6, 6)))

    found = compare_layers(states, measure=measure)

    assert np.diag(found) == pytest.approx(1)
    assert np.array_equal(found, found.T)
    assert (np.diff(found[0]) < 0).all()
    assert found[2, 3] > found[0, 3]


def test_errors():
    with pytest.raises(ShapeError, match="one width to have a cosine"):
        mean_cosine(FIRST, SECOND[:, :2])
    with pytest.raises(ShapeError, match="of the same rows"):
        linear_cka(FIRST, SECOND[:5])
    with pytest.raises(DataError, match="a layer that is constant"):
        linear_cka(FIRST, np.ones((400, 2)))
    with pytest.raises(DataError, match="at least one row"):
        linear_cka(FIRST[:0], SECOND[:0])
    with pytest.raises(ValueError, match="measure must be one of"):
        compare_layers({}, measure="angle")
