import math

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.preprocessing import OneHotEncoder

from fieldwise.errors import DataError
from fieldwise.selection.outrank.column import Column
from fieldwise.selection.outrank.held_out import (
    PRIOR_ROWS,
    held_out_auc,
    held_out_gain,
)
from fieldwise.selection.outrank.target import Target


def column(codes):
    codes = np.asarray(codes, dtype=np.intp)
    return Column(codes, int(codes.max()) + 1)


def loop_rates(fields, labels, value, num_labels):
    """What is known of the rows of a value, and of all as one value."""
    prior = [
        (sum(other == label for other in labels) + 1) / (len(labels) + num_labels)
        for label in range(num_labels)
    ]
    own = [label for field, label in zip(fields, labels, strict=True) if field == value]
    return [
        [
            (some.count(label) + PRIOR_ROWS * prior[label]) / (len(some) + PRIOR_ROWS)
            for label in range(num_labels)
        ]
        for some in (own, labels)
    ]


def loop_gain(field, label, num_labels):
    half, gain = len(label) // 2, 0.0
    for row, (value, truth) in enumerate(zip(field, label, strict=True)):
        seen = slice(half, None) if row < half else slice(half)
        rates, base = loop_rates(field[seen], label[seen], value, num_labels)
        gain += math.log(rates[truth] / base[truth])
    return gain / len(label)


def test_four_rows_by_hand():
    # Each half has the labels 0 and 1, so both priors are 1/2, and each value came
    # once, with the label it has in the other half: every row is given (1 + 5) / 11.
    field = label = column([0, 1, 1, 0])

    assert held_out_gain(Target(label), field) == pytest.approx(math.log(12 / 11))
    assert held_out_auc(Target(label), field) == 1.0


@pytest.mark.parametrize("sizes", [(2, 2), (30, 2), (300, 3), (5, 40)])
def test_the_loop_says_the_same(sizes):
    random = np.random.default_rng(sum(sizes))
    field, label = (random.integers(0, size, 301) for size in sizes)
    label[: sizes[1]] = np.arange(sizes[1])
    expected = loop_gain(field.tolist(), label.tolist(), sizes[1])

    found = held_out_gain(Target(column(label)), column(field))

    assert found == pytest.approx(expected, abs=1e-12)


def test_a_logistic_regression_says_about_the_same():
    random = np.random.default_rng(0)
    field = random.integers(0, 8, 4000)
    label = (random.random(4000) < 1 / (1 + np.exp(-(field - 4) / 2))).astype(np.intp)
    gains, areas = [], []
    for seen, other in (
        (slice(2000), slice(2000, None)),
        (slice(2000, None), slice(2000)),
    ):
        encoder = OneHotEncoder().fit(field[:, None])
        rows, others = (encoder.transform(field[part, None]) for part in (seen, other))
        rates = LogisticRegression().fit(rows, label[seen]).predict_proba(others)[:, 1]
        prior = np.full(2000, label[seen].mean())
        gains.append(log_loss(label[other], prior) - log_loss(label[other], rates))
        areas.append(2 * roc_auc_score(label[other], rates) - 1)
    target = Target(column(label))

    assert held_out_gain(target, column(field)) == pytest.approx(
        np.mean(gains), abs=1e-3
    )
    assert held_out_auc(target, column(field)) == pytest.approx(
        np.mean(areas), abs=1e-3
    )


@pytest.mark.parametrize("num_values", [2, 500, 50_000])
def test_noise_saves_nothing(num_values):
    random = np.random.default_rng(num_values)
    label, noise = random.integers(0, 2, 2**14), random.integers(0, num_values, 2**14)
    target = Target(column(label))

    assert -0.03 < held_out_gain(target, column(noise)) < 0.001
    assert abs(held_out_auc(target, column(noise))) < 0.03


@pytest.mark.parametrize("label", [[0], [0, 1], [0, 0, 0, 0], [0, 0, 1, 1]])
def test_few_rows_and_one_label_in_a_half(label):
    target, constant = Target(column(label)), column(np.zeros(len(label)))

    assert held_out_gain(target, constant) == pytest.approx(0.0, abs=1e-12)
    assert held_out_auc(target, constant) == 0.0
    assert math.isfinite(held_out_gain(target, column(label)))


def test_an_area_needs_two_labels():
    label = column([0, 1, 2])

    with pytest.raises(DataError, match="two values to rank by AUC, got 3"):
        held_out_auc(Target(label), label)
