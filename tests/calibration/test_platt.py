"""PlattCalibrator against scikit-learn's logistic regression and by hand."""

import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fieldwise.calibration import PlattCalibrator


def draw_rows(num_rows, slope, intercept):
    rng = np.random.default_rng(0)
    logits = rng.normal(-1, 2, num_rows)
    probabilities = 1 / (1 + np.exp(-slope * logits - intercept))
    return logits, (rng.random(num_rows) < probabilities).astype(float)


def test_two_points_by_hand():
    logits, labels = [-1.0, 1.0, -1.0, 1.0], [0, 1, 0, 1]

    calibrator = PlattCalibrator().fit(logits, labels)

    # targets (2 + 1) / (2 + 2) and 1 / (2 + 2): logits +-ln 3 at +-1
    assert calibrator.slope_ == pytest.approx(math.log(3), rel=1e-9)
    assert calibrator.intercept_ == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, -1.0), (1.0, 0.0), (2.0, 3.0)])
def test_planted_line_is_found(slope, intercept):
    logits, labels = draw_rows(40_000, slope, intercept)

    calibrator = PlattCalibrator().fit(logits, labels)

    assert calibrator.slope_ == pytest.approx(slope, rel=0.05)
    assert calibrator.intercept_ == pytest.approx(intercept, abs=0.07)


@pytest.mark.parametrize(("scale", "center"), [(1, 0), (1e-4, 5.0), (1e4, -1e5)])
def test_equals_scikit_learn(scale, center):
    raw, labels = draw_rows(400, 0.5, -1.0)
    weights = np.random.default_rng(1).integers(1, 4, 400).astype(float)
    logits = scale * raw + center

    calibrator = PlattCalibrator().fit(logits, labels, weights=weights)

    # Platt's targets are soft labels: each row once as a 1 and once as a 0
    worth = weights * weights.sum() / (weights @ weights)
    positive, negative = worth @ labels, worth @ (1 - labels)
    targets = np.where(labels == 1, (positive + 1) / (positive + 2), 1 / (negative + 2))
    model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000, solver="newton-cg")
    model.fit(
        np.tile(raw, 2)[:, None],
        np.repeat([1, 0], 400),
        sample_weight=np.concatenate([worth * targets, worth * (1 - targets)]),
    )
    slope, intercept = model.coef_[0, 0], model.intercept_[0]
    assert calibrator.slope_ * scale == pytest.approx(slope, rel=1e-6)
    assert calibrator.slope_ * center + calibrator.intercept_ == pytest.approx(
        intercept, rel=1e-6
    )


def test_mean_probability_is_the_mean_target():
    logits, labels = draw_rows(1000, 0.5, -1.0)

    probabilities = PlattCalibrator().fit(logits, labels).transform(logits)

    num_positive = labels.sum()
    num_negative = 1000 - num_positive
    expected = num_positive * (num_positive + 1) / (num_positive + 2)
    expected += num_negative / (num_negative + 2)
    assert probabilities.sum() == pytest.approx(expected, rel=1e-9)


def test_slope_stays_positive():
    logits, labels = draw_rows(1000, -1.0, 0.0)

    calibrator = PlattCalibrator().fit(logits, labels)

    assert calibrator.slope_ == 1e-6
    assert calibrator.transform(logits).mean() == pytest.approx(labels.mean(), abs=0.01)
