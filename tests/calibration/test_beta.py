"""BetaCalibrator against scikit-learn's logistic regression and planted curves."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fieldwise.calibration import BetaCalibrator, PlattCalibrator


def columns(logits):
    return np.stack([-np.log1p(np.exp(-logits)), np.log1p(np.exp(logits))], axis=1)


def draw_rows(num_rows, a, b, c):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, num_rows)
    curved = columns(logits) @ [a, b] + c
    return logits, (rng.random(num_rows) < 1 / (1 + np.exp(-curved))).astype(float)


def slow_fit(logits, labels, kept):
    num_positive, num_negative = labels.sum(), (1 - labels).sum()
    high, low = (num_positive + 1) / (num_positive + 2), 1 / (num_negative + 2)
    targets = np.where(labels == 1, high, low)
    model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000, solver="newton-cg")
    model.fit(
        np.tile(columns(logits)[:, kept], (2, 1)),
        np.repeat([1, 0], len(labels)),
        sample_weight=np.concatenate([targets, 1 - targets]),
    )
    exponents = np.zeros(2)
    exponents[kept] = model.coef_[0]
    return [*exponents, model.intercept_[0]]


def coefficients(calibrator):
    return [
        calibrator.low_exponent_,
        calibrator.high_exponent_,
        calibrator.intercept_,
    ]


def test_transform_by_hand():
    state = {"name": "beta", "low_exponent": 2, "high_exponent": 1, "intercept": 0.0}

    value = BetaCalibrator.from_dict(state).transform([0.0])

    # odds (1/2)^2 / (1/2) = 1/2, so the probability is 1/3
    assert value == pytest.approx(1 / 3, abs=1e-15)


@pytest.mark.parametrize("planted", [(1, 1, 0), (0.5, 1.5, 0.3), (2, 0.7, -1)])
def test_planted_curve_is_found(planted):
    found = BetaCalibrator().fit(*draw_rows(60_000, *planted))

    assert coefficients(found) == pytest.approx(planted, abs=0.12)


def test_equals_scikit_learn():
    logits, labels = draw_rows(1000, 0.8, 1.3, 0.2)

    found = BetaCalibrator().fit(logits, labels)

    # the pull towards 1 is faint
    expected = slow_fit(logits, labels, [0, 1])
    assert coefficients(found) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("planted", "kept"), [((-1, 2, 0), 1), ((2, -1, 0), 0)])
def test_negative_exponent_is_dropped_and_the_rest_fitted_again(planted, kept):
    logits, labels = draw_rows(2000, *planted)

    found = BetaCalibrator().fit(logits, labels)

    assert coefficients(found)[1 - kept] == 0
    expected = slow_fit(logits, labels, [kept])
    assert coefficients(found) == pytest.approx(expected, abs=1e-4)


def test_labels_against_the_order():
    logits, labels = draw_rows(2000, -1, -1, 0.5)

    found = BetaCalibrator().fit(logits, labels)

    assert coefficients(found)[:2] == [1e-6, 1e-6]
    assert found.transform(logits).mean() == pytest.approx(labels.mean(), abs=0.01)


def test_equal_exponents_are_platts_line():
    logits, labels = draw_rows(30_000, 0.5, 0.5, -1)

    beta, platt = BetaCalibrator(), PlattCalibrator()

    np.testing.assert_allclose(
        beta.fit(logits, labels).transform(logits),
        platt.fit(logits, labels).transform(logits),
        atol=0.01,
    )


def test_side_without_rows_stays_the_models():
    logits, labels = draw_rows(2000, 1, 1, 0)
    rare = logits < -6

    found = BetaCalibrator().fit(logits[rare] - 20, labels[rare])

    # nothing is known above 1/2: only the faint pull speaks, so b is 1
    assert found.high_exponent_ == pytest.approx(1, abs=1e-3)
