"""Log loss, normalised entropy and Brier score against scikit-learn and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from fieldwise.errors import DataError, ShapeError
from fieldwise.metrics import brier_score, log_loss, normalized_entropy

ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.floats(0, 1), st.floats(0, 10)),
    min_size=1,
    max_size=40,
).filter(lambda rows: sum(weight for *_, weight in rows) > 1e-3)


def test_log_loss_by_hand():
    value = log_loss([1, 0, 0.5], [0.5, 0.75, 0.25], weights=[2, 1, 1])

    # (2 ln 2 - ln .25 - (ln .25 + ln .75) / 2) / 4
    expected = (2 * math.log(2) + math.log(4) + math.log(16 / 3) / 2) / 4
    assert value == pytest.approx(expected, abs=1e-15)


@settings(deadline=None)
@given(ROWS)
def test_log_loss_and_brier_score_equal_scikit_learn(rows):
    labels, probabilities, weights = map(np.array, zip(*rows, strict=True))

    value = log_loss(labels, probabilities, weights=weights)
    squares = brier_score(labels, probabilities, weights=weights)

    expected = sk.log_loss(
        labels, y_proba=probabilities, sample_weight=weights, labels=[0, 1]
    )
    assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)
    expected = sk.brier_score_loss(
        labels, probabilities, sample_weight=weights, pos_label=1, labels=[0, 1]
    )
    assert squares == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_log_loss_clips_at_the_precision_it_was_given(dtype):
    value = log_loss([1], np.zeros(1, dtype))

    assert value == pytest.approx(-math.log(np.finfo(dtype).eps))


def test_log_loss_of_float32_equals_scikit_learn():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 200)
    probabilities = rng.random(200, dtype=np.float32) ** 4
    probabilities[:4] = [0, 1, 0, 1]

    value = log_loss(labels, probabilities)

    assert value == pytest.approx(sk.log_loss(labels, y_proba=probabilities), rel=1e-5)


def test_normalized_entropy_by_hand():
    value = normalized_entropy([1, 0, 0, 0], [0.5] * 4)

    # ln 2 / -(1/4 ln 1/4 + 3/4 ln 3/4)
    expected = math.log(2) / (math.log(4) / 4 + 0.75 * math.log(4 / 3))
    assert value == pytest.approx(expected, abs=1e-15)


def test_normalized_entropy_of_the_mean_label_is_one():
    labels, weights = np.array([1, 0, 0, 1, 0]), np.array([1, 2, 3, 4, 5.0])
    mean = np.full(5, np.average(labels, weights=weights))

    assert normalized_entropy(labels, mean, weights=weights) == pytest.approx(1)


def test_integer_weights_are_repeated_rows():
    labels, probabilities = np.array([1, 0, 1]), np.array([0.9, 0.2, 0.4])
    times = np.array([3, 0, 2])

    for metric in (log_loss, brier_score):
        value = metric(labels, probabilities, weights=times)
        repeated = metric(labels.repeat(times), probabilities.repeat(times))
        assert value == pytest.approx(repeated)


@pytest.mark.parametrize("metric", [log_loss, normalized_entropy, brier_score])
class TestErrors:
    def test_lengths(self, metric):
        with pytest.raises(ShapeError, match=r"labels and probabilities must have eq"):
            metric([0, 1], [0.5])

    def test_shapes_are_told_together(self, metric):
        with pytest.raises(ShapeError, match=r"labels must be a vec.* probabilities m"):
            metric([[0, 1]], ["a", "b"])

    def test_no_row(self, metric):
        with pytest.raises(DataError, match="must hold at least one row, got none"):
            metric([], [])

    def test_values_are_told_together(self, metric):
        with pytest.raises(
            DataError,
            match=r"labels must be .*, got 2.0 in row 1 \(1 of 2 rows\). "
            r"probabilities must be in \[0, 1\], got nan in row 0 \(1 of 2 rows\).",
        ):
            metric([0, 2], [math.nan, 0.5])

    def test_negative_weight(self, metric):
        with pytest.raises(DataError, match=r"weights must be .*, got -1.0 in row 1"):
            metric([0, 1], [0.5, 0.5], weights=[1, -1])

    @pytest.mark.parametrize("weights", [[0, 0], [1e308, 1e308]])
    def test_sum_of_weights(self, metric, weights):
        with pytest.raises(DataError, match="weights must have a positive, finite sum"):
            metric([0, 1], [0.5, 0.5], weights=weights)


def test_soft_labels_are_for_the_log_loss_only():
    with pytest.raises(DataError, match=r"labels must be 0 or 1, got 0\.5 in row 0"):
        brier_score([0.5], [0.5])


def test_normalized_entropy_of_one_class():
    with pytest.raises(DataError, match="labels must hold both 0 and 1, got only 1"):
        normalized_entropy([1, 0], [0.5, 0.5], weights=[1, 0])
