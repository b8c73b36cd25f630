"""Errors of real-valued predictions against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from fieldwise.errors import DataError
from fieldwise.metrics import mae, r2, rmse

NUMBERS = st.floats(-1e4, 1e4)


def test_by_hand():
    labels, predictions, weights = [1.0, 2.0, 6.0], [2.0, 2.0, 3.0], [1.0, 2.0, 1.0]

    # errors 1, 0, 3; mean label (1 + 4 + 6) / 4 = 2.75
    assert rmse(labels, predictions, weights=weights) == np.sqrt(10 / 4)
    assert mae(labels, predictions, weights=weights) == 1
    variance = 1.75**2 + 2 * 0.75**2 + 3.25**2
    assert r2(labels, predictions, weights=weights) == 1 - 10 / variance


@settings(deadline=None)
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, st.floats(0.1, 10)), min_size=2, max_size=30)
)
def test_equal_scikit_learn(rows):
    labels, predictions, weights = map(np.array, zip(*rows, strict=True))

    squares = rmse(labels, predictions, weights=weights)
    distance = mae(labels, predictions, weights=weights)

    expected = sk.root_mean_squared_error(labels, predictions, sample_weight=weights)
    assert squares == pytest.approx(expected, rel=1e-9)
    expected = sk.mean_absolute_error(labels, predictions, sample_weight=weights)
    assert distance == pytest.approx(expected, rel=1e-9)
    if np.ptp(labels) > 1:
        expected = sk.r2_score(labels, predictions, sample_weight=weights)
        assert r2(labels, predictions, weights=weights) == pytest.approx(
            expected, rel=1e-6, abs=1e-9
        )


def test_limits():
    assert r2([1.0, 2.0], [1.0, 2.0]) == 1
    assert r2([1.0, 2.0], [1.5, 1.5]) == 0


def test_r2_needs_labels_that_vary():
    with pytest.raises(DataError, match=r"labels must vary, got only 0.1"):
        r2([0.1, 0.1, 5.0], [0.0, 1.0, 2.0], weights=[1, 1, 0])


@pytest.mark.parametrize("metric", [rmse, mae, r2])
def test_missing_labels_are_refused(metric):
    with pytest.raises(DataError, match="labels must be finite, got nan in row 0"):
        metric([np.nan, 1.0], [1.0, 1.0])
