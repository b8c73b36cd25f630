"""IsotonicCalibrator against scikit-learn and a brute-force staircase."""

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from fieldwise.calibration import IsotonicCalibrator


def draw_rows(num_rows, seed=0):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=num_rows).round(1)
    labels = (rng.random(num_rows) < 1 / (1 + np.exp(-logits))).astype(float)
    return logits, labels, rng.integers(1, 5, num_rows).astype(float)


def slow_staircase(values, weights):
    """Max over starts of the min over ends of the mean between them."""
    num_values = len(values)
    means = np.full((num_values, num_values), np.nan)
    for i in range(num_values):
        for j in range(i, num_values):
            means[i, j] = np.average(values[i : j + 1], weights=weights[i : j + 1])
    return [
        max(min(means[i, j] for j in range(k, num_values)) for i in range(k + 1))
        for k in range(num_values)
    ]


def test_by_hand():
    calibrator = IsotonicCalibrator().fit([0.0, 1.0, 2.0, 3.0], [0, 1, 0, 1])

    values = calibrator.transform([-9.0, 0.0, 0.5, 1.5, 9.0])

    # steps 0, 1/2, 1/2, 1; the ends are moved to 1/6 and 5/6
    assert values == pytest.approx([1 / 6, 1 / 6, 1 / 3, 1 / 2, 5 / 6])


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_staircase(seed):
    _, labels, weights = draw_rows(8, seed)
    if len(set(labels)) == 1:
        labels[0] = 1 - labels[0]

    calibrator = IsotonicCalibrator().fit(np.arange(8.0), labels, weights=weights)

    margin = 1 / (weights.sum() ** 2 / (weights @ weights) + 2)
    expected = np.clip(slow_staircase(labels, weights), margin, 1 - margin)
    assert calibrator.transform(np.arange(8.0)) == pytest.approx(expected)


def test_equals_scikit_learn_between_the_margins():
    logits, labels, weights = draw_rows(2000)
    inside = np.linspace(-0.5, 0.5, 101)

    calibrator = IsotonicCalibrator().fit(logits, labels, weights=weights)

    expected = IsotonicRegression(out_of_bounds="clip").fit(
        logits, labels, sample_weight=weights
    )
    np.testing.assert_allclose(
        calibrator.transform(inside), expected.predict(inside), rtol=1e-12
    )


def test_ends_are_kept_off_zero_and_one():
    calibrator = IsotonicCalibrator().fit(np.arange(10.0), np.arange(10) >= 5)

    low, high = calibrator.transform([-100.0, 100.0])

    assert (low, high) == pytest.approx((1 / 12, 11 / 12))


def test_few_thresholds_are_stored():
    logits, labels, _ = draw_rows(5000)

    calibrator = IsotonicCalibrator().fit(logits, labels)

    assert len(calibrator.logit_thresholds_) <= len(np.unique(logits))
