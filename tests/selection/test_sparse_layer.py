"""The same as a dense layer under a mask, and what rewiring leaves alone."""

import numpy as np
import pytest

from fieldwise.selection.sparse_layer import SparseLayer


def layer(in_features=12, out_features=9, density=2.0, seed=0):
    random = np.random.default_rng(seed)
    return SparseLayer(in_features, out_features, density=density, random=random)


def dense(sparse):
    return sparse.matrix.toarray()


def test_the_number_of_connections_is_exact_and_no_place_is_drawn_twice():
    sparse = layer()

    # 2 * (12 + 9) = 42 of 108.
    assert len(sparse) == 42
    assert np.diff(sparse.places).min() > 0
    assert len(layer(density=100.0)) == 108


def test_equals_a_masked_dense_layer():
    sparse = layer()
    random = np.random.default_rng(1)
    weights, mask = dense(sparse), dense(sparse) != 0
    bias, speeds, bias_speeds = np.zeros(9), np.zeros_like(weights), np.zeros(9)
    for _ in range(3):
        rows, pull = random.normal(size=(5, 12)), random.normal(size=(5, 9))

        np.testing.assert_allclose(sparse.forward(rows), rows @ weights + bias)
        np.testing.assert_allclose(sparse.backward(pull), pull @ weights.T)
        sparse.step(rows, pull, learning_rate=0.1, decay=0.01)

        speeds = 0.9 * speeds - 0.1 * (rows.T @ pull) * mask
        weights = weights + speeds - 0.01 * weights
        bias_speeds = 0.9 * bias_speeds - 0.1 * pull.sum(0)
        bias = bias + bias_speeds
        np.testing.assert_allclose(dense(sparse), weights, atol=1e-12)
    np.testing.assert_allclose(sparse.strengths(), np.abs(weights).sum(1))
    np.testing.assert_array_equal(sparse.degrees(), mask.sum(1))


def test_rewiring_drops_the_weakest_of_each_sign_and_nothing_else():
    sparse = layer(40, 30, 4.0)
    random = np.random.default_rng(1)
    sparse.step(
        random.normal(size=(5, 40)),
        random.normal(size=(5, 30)),
        learning_rate=0.1,
        decay=0.0,
    )
    before = dict(zip(sparse.places.tolist(), sparse.matrix.data, strict=True))
    speeds = dict(zip(sparse.places.tolist(), sparse.speeds, strict=True))
    dropped = []
    for sign in (1, -1):
        own = sorted((abs(w), place) for place, w in before.items() if sign * w > 0)
        dropped += [place for _, place in own[: int(0.3 * len(own))]]

    sparse.rewire(0.3)

    after = dict(zip(sparse.places.tolist(), sparse.matrix.data, strict=True))
    moved = dict(zip(sparse.places.tolist(), sparse.speeds, strict=True))
    survivors = before.keys() - set(dropped)
    assert len(after) == len(before) == len(sparse)
    assert all(after[place] == before[place] for place in survivors)
    assert all(moved[place] == speeds[place] for place in survivors)
    new = after.keys() - survivors
    assert len(new) == len(dropped)
    assert [moved[place] for place in new] == [0.0] * len(new)


def test_a_full_layer_can_be_rewired():
    sparse = layer(5, 4, 100.0)

    sparse.rewire(0.5)

    assert sparse.places.tolist() == list(range(20))


def test_new_places_are_drawn_evenly_from_empty_ones():
    counts = np.zeros(30)
    for seed in range(300):
        sparse = layer(6, 5, 1.0, seed)
        counts[sparse.places] += 1
        sparse.rewire(0.5)
        counts[sparse.places] += 1

    # 11 of 30 places, 600 times: 220 each, with a deviation of about 12.
    assert counts.sum() == 600 * 11
    assert counts == pytest.approx(220, abs=50)


def test_memory_is_that_of_the_connections():
    sparse = layer(400, 300, 13.0)
    held = (sparse.matrix.data, sparse.speeds)

    assert sum(len(part) for part in held) <= 2 * 13 * (400 + 300)
