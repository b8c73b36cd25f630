"""choose_calibrator finds what was planted, and prefers the simple."""

import numpy as np
import pytest

from fieldwise.calibration import choose_calibrator
from fieldwise.errors import DataError


def draw_rows(num_rows, curve, seed=0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, num_rows)
    return logits, rng.random(num_rows) < 1 / (1 + np.exp(-curve(logits)))


def bent(logits):
    return -0.1 * np.logaddexp(0, -logits) + 2 * np.logaddexp(0, logits) - 2


@pytest.mark.parametrize(
    ("name", "curve"),
    [
        ("identity", lambda z: z),
        ("platt", lambda z: 0.4 * z - 1),
        ("beta", bent),
        ("isotonic", lambda z: 4 * np.floor(z) + 2),
    ],
)
def test_planted_curve_is_recognised(name, curve):
    assert choose_calibrator(*draw_rows(6000, curve)).name == name


def test_is_fitted_on_all_rows_and_repeats():
    logits, labels = draw_rows(500, lambda z: 0.4 * z - 1)

    one = choose_calibrator(logits, labels, seed=3)
    other = choose_calibrator(logits, labels, seed=3)

    assert one.to_dict() == other.to_dict()
    assert one.to_dict() == type(one)().fit(logits, labels).to_dict()


def test_weights_decide():
    logits, labels = draw_rows(4000, lambda z: z)
    other_logits, other_labels = draw_rows(4000, lambda z: 0.4 * z - 1)
    weights = np.repeat([0.0, 2.0], 4000)

    chosen = choose_calibrator(
        np.append(logits, other_logits),
        np.append(labels, other_labels),
        weights=weights,
    )

    assert chosen.name == "platt"
    alone = choose_calibrator(other_logits, other_labels)
    np.testing.assert_allclose(chosen.transform(logits), alone.transform(logits))


@pytest.mark.parametrize("num_rows", [1, 2, 3, 7])
@pytest.mark.parametrize("labels", ["zeros", "ones", "first"])
def test_few_rows(num_rows, labels):
    logits = np.arange(num_rows) * 1.0
    happened = {
        "zeros": np.zeros(num_rows),
        "ones": np.ones(num_rows),
        "first": np.arange(num_rows) == 0,
    }[labels]

    probabilities = choose_calibrator(logits, happened).transform(logits)

    assert ((probabilities > 0) & (probabilities < 1)).all()


def test_errors():
    with pytest.raises(ValueError, match="num_folds must be at least 2, got 1"):
        choose_calibrator([0.0], [1], num_folds=1)
    with pytest.raises(DataError, match="must hold at least one row"):
        choose_calibrator([], [])
