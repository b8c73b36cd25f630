"""Calibration ratio, reliability table and ECE, by hand and against a plain loop."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from fieldwise.errors import DataError
from fieldwise.metrics import (
    calibration_ratio,
    expected_calibration_error,
    reliability_table,
)

BINNINGS = pytest.mark.parametrize("binning", ["width", "mass"])


def slow_error(labels, probabilities, weights, edges):
    error = 0.0
    for bin_, (low, high) in enumerate(pairwise(edges)):
        weight = predicted = happened = 0.0
        for y, p, w in zip(labels, probabilities, weights, strict=True):
            if low < p <= high or (bin_ == 0 and p == 0):
                weight, predicted, happened = (
                    weight + w,
                    predicted + w * p,
                    happened + w * y,
                )
        error += abs(predicted - happened)
    return error / sum(weights)


def test_calibration_ratio_by_hand():
    value = calibration_ratio([1, 0, 1], [0.5, 0.5, 1.0], weights=[1, 2, 1])

    # predicted .5 + 2 * .5 + 1, happened 1 + 1
    assert value == 1.25


def test_calibration_ratio_of_money():
    assert calibration_ratio([0, 12.0], [1.0, 2.0]) == 0.25


def test_calibration_ratio_needs_a_positive():
    with pytest.raises(DataError, match=r"labels must have a positive sum, got 0\.0"):
        calibration_ratio([0, 1], [0.5, 0.5], weights=[1, 0])


def test_table_by_hand():
    table = reliability_table(
        [0, 1, 1, 0], [0.0, 0.5, 0.25, 1.0], weights=[1, 1, 2, 4], num_bins=4
    )

    # bins (0, .25], (.25, .5], (.5, .75], (.75, 1]; the first also holds 0
    assert table.bin_edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert table.weight.tolist() == [3, 1, 0, 4]
    np.testing.assert_allclose(table.mean_probability, [0.5 / 3, 0.5, np.nan, 1])
    np.testing.assert_allclose(table.mean_label, [2 / 3, 1, np.nan, 0])


def test_error_by_hand():
    value = expected_calibration_error(
        [0, 1, 1, 0], [0.0, 0.5, 0.25, 1.0], weights=[1, 1, 2, 4], num_bins=4
    )

    # (3 * |1/6 - 2/3| + 1 * |.5 - 1| + 4 * |1 - 0|) / 8
    assert value == pytest.approx((1.5 + 0.5 + 4) / 8)


@BINNINGS
@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 1),
            st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1)),
            st.floats(0.01, 10),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 7),
)
def test_error_equals_the_loop(binning, rows, num_bins):
    labels, probabilities, weights = map(np.array, zip(*rows, strict=True))
    table = reliability_table(
        labels, probabilities, weights=weights, num_bins=num_bins, binning=binning
    )

    value = expected_calibration_error(
        labels, probabilities, weights=weights, num_bins=num_bins, binning=binning
    )

    expected = slow_error(labels, probabilities, weights, table.bin_edges)
    assert value == pytest.approx(expected, abs=1e-9)
    assert table.weight.sum() == pytest.approx(weights.sum())


def test_width_equals_scikit_learn():
    rng = np.random.default_rng(0)
    labels, probabilities = rng.integers(0, 2, 500), rng.random(500).round(1)

    table = reliability_table(labels, probabilities, num_bins=7)

    happened, predicted = calibration_curve(labels, probabilities, n_bins=7)
    filled = table.weight > 0
    np.testing.assert_allclose(table.mean_label[filled], happened)
    np.testing.assert_allclose(table.mean_probability[filled], predicted)


def test_mass_bins_hold_the_same_weight():
    rng = np.random.default_rng(1)
    probabilities = rng.random(600) ** 8

    table = reliability_table(
        rng.integers(0, 2, 600), probabilities, num_bins=6, binning="mass"
    )

    assert table.weight.tolist() == [100] * 6


def test_mass_bins_never_part_ties():
    table = reliability_table(
        [0, 1, 0, 1, 0], [0.1, 0.1, 0.1, 0.1, 0.9], num_bins=3, binning="mass"
    )

    assert table.weight.tolist() == [4, 0, 1]


@BINNINGS
def test_one_bin_is_the_gap_of_the_means(binning):
    value = expected_calibration_error(
        [0, 1, 1], [0.2, 0.3, 0.7], num_bins=1, binning=binning
    )

    assert value == pytest.approx(2 / 3 - 0.4)


@BINNINGS
def test_error_of_calibrated_rows_is_noise(binning):
    rng = np.random.default_rng(2)
    probabilities = rng.random(20_000)
    labels = rng.random(20_000) < probabilities

    value = expected_calibration_error(labels, probabilities, binning=binning)
    planted = expected_calibration_error(labels, probabilities**2, binning=binning)

    assert value < 0.015
    # the mean of p less that of p^2: 1/2 - 1/3
    assert planted == pytest.approx(1 / 6, abs=0.01)


def test_errors():
    with pytest.raises(ValueError, match="num_bins must be positive, got 0"):
        reliability_table([1], [0.5], num_bins=0)
    with pytest.raises(DataError, match=r"labels must be 0 or 1, got 0\.5"):
        reliability_table([0.5], [0.5])
