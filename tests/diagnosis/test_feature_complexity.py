"""What can be read off which layer."""

import numpy as np
import pytest

from fieldwise.diagnosis.feature_complexity import complexity_of, find_decodability
from fieldwise.errors import DataError, ShapeError

RANDOM = np.random.default_rng(0)
INPUTS = RANDOM.choice([-1.0, 1.0], size=(4000, 3))
PRODUCTS = np.column_stack([INPUTS, INPUTS[:, 0] * INPUTS[:, 1]])
LAYERS = {"embeddings": INPUTS, "products": PRODUCTS}


def test_linear_crossed_and_noise():
    linear = find_decodability(LAYERS, INPUTS @ np.array([1.0, -2.0, 0.5]))
    crossed = find_decodability(LAYERS, INPUTS[:, 0] * INPUTS[:, 1])
    noise = find_decodability(LAYERS, np.random.default_rng(3).normal(size=4000))

    assert complexity_of(linear) < 0.001
    assert crossed.scores == pytest.approx([0, 1], abs=0.01)
    assert complexity_of(crossed) == pytest.approx(0.5, abs=0.01)
    assert complexity_of(noise) > 0.99
    assert crossed.unit == "layer"


def test_equals_the_loop():
    random = np.random.default_rng(1)
    states = random.normal(size=(60, 3))
    feature = 3 * states[:, 0] + random.normal(size=60)

    found = find_decodability({"one": states}, feature, seed=4)

    order = np.random.default_rng(4).permutation(60)
    seen, held_out = order[:30], order[30:]
    x, y = (
        states[seen] - states[seen].mean(axis=0),
        feature[seen] - feature[seen].mean(),
    )
    # By descent on the squared errors and the penalty.
    penalty = 0.01 * sum(value * value for value in x.ravel()) / 3
    weights = np.zeros(3)
    for _ in range(3000):
        weights -= 0.01 * (x.T @ (x @ weights - y) + penalty * weights)
    total = left = 0.0
    for row in held_out:
        said = feature[seen].mean() + weights @ (
            states[row] - states[seen].mean(axis=0)
        )
        left += (feature[row] - said) ** 2
        total += (feature[row] - feature[held_out].mean()) ** 2
    assert found.scores[0] == pytest.approx(1 - left / total)


def test_wide_layers_read_no_noise_and_constant_ones_nothing():
    random = np.random.default_rng(2)
    wide = random.normal(size=(200, 300))

    found = find_decodability(
        {"wide": wide, "constant": np.ones((200, 2))}, random.normal(size=200)
    )

    assert found.scores == pytest.approx([0, 0], abs=0.05)


def test_errors():
    with pytest.raises(DataError, match="must differ between 4 rows"):
        find_decodability(LAYERS, np.ones(4000))
    with pytest.raises(ShapeError, match=r"\(5, width\)"):
        find_decodability(LAYERS, np.arange(5.0))
