"""Two tests, each against another way to compute it."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from fieldwise.comparison.significance import (
    holm,
    name_of_test,
    over_rows,
    over_seeds,
)
from tests.comparison.delong_by_pairs import variance_of_difference


@pytest.fixture
def labels():
    return (np.random.default_rng(0).random(200) < 0.4).astype(float)


def scores(labels, *, signal, seed):
    noise = np.random.default_rng(seed).normal(size=len(labels))
    return stats.norm.cdf(signal * labels + noise)[:, None]


def test_delong_by_another_way(labels, measured):
    values = {
        "a": [scores(labels, signal=1.0, seed=1)],
        "b": [scores(labels, signal=0.6, seed=2)],
    }

    p = over_rows(values, "a", measured(labels), "auc")

    first, second = (values[name][0][:, 0] for name in "ab")
    gain = roc_auc_score(labels, first) - roc_auc_score(labels, second)
    error = math.sqrt(variance_of_difference(labels, first, second))
    assert p == {"b": pytest.approx(2 * stats.norm.sf(abs(gain) / error), rel=1e-9)}


def test_of_several_seeds_the_mean_auc_is_tested(labels, measured):
    runs = [scores(labels, signal=1.0, seed=seed) for seed in range(4)]
    values = {"a": runs[:2], "b": runs[2:]}

    p = over_rows(values, "a", measured(labels), "auc")["b"]

    # Equation 8 with the contrast (1/2, 1/2, -1/2, -1/2): covariances of all pairs.
    contrast = [0.5, 0.5, -0.5, -0.5]
    flat = [run[:, 0] for run in runs]
    zero = np.zeros(len(labels))

    def covariance(one, other):
        both = variance_of_difference(labels, one, other)
        alone = [variance_of_difference(labels, s, zero) for s in (one, other)]
        return (sum(alone) - both) / 2

    variance = sum(
        u * v * covariance(one, other)
        for u, one in zip(contrast, flat, strict=True)
        for v, other in zip(contrast, flat, strict=True)
    )
    gain = np.dot(contrast, [roc_auc_score(labels, run) for run in flat])
    expected = 2 * stats.norm.sf(abs(gain) / math.sqrt(variance))
    assert p == pytest.approx(expected, rel=1e-9)


def test_the_bootstrap_says_what_delong_says(labels, measured):
    values = {
        "a": [scores(labels, signal=1.0, seed=1)],
        "b": [scores(labels, signal=0.9, seed=2)],
    }

    exact = over_rows(values, "a", measured(labels), "auc")["b"]
    drawn = over_rows(values, "a", measured(labels, weights=np.ones(200)), "auc")["b"]

    assert drawn == pytest.approx(exact, abs=0.06)


def test_rows_in_groups_are_fewer_witnesses(measured):
    labels = (np.random.default_rng(0).random(60) < 0.4).astype(float)
    one = {
        "a": [scores(labels, signal=1.2, seed=1)],
        "b": [scores(labels, signal=0.8, seed=2)],
    }
    many = {name: [np.repeat(runs[0], 20, axis=0)] for name, runs in one.items()}
    groups = np.repeat(np.arange(60), 20)

    alone = over_rows(one, "a", measured(labels), "auc")["b"]
    copied = measured(np.repeat(labels, 20))
    grouped = measured(np.repeat(labels, 20), groups=groups)

    assert over_rows(many, "a", copied, "auc")["b"] < 0.1 * alone
    assert over_rows(many, "a", grouped, "auc")["b"] == pytest.approx(alone, abs=0.1)


def test_false_alarms_are_as_rare_as_promised(measured):
    alarms = 0
    for seed in range(400):
        truth = (np.random.default_rng(seed).random(150) < 0.5).astype(float)
        values = {
            name: [scores(truth, signal=1.0, seed=(seed, number))]
            for number, name in enumerate("ab")
        }
        alarms += over_rows(values, "a", measured(truth), "auc")["b"] < 0.05
    assert 8 <= alarms <= 34  # 20 expected, standard deviation 4.4


def test_paired_test_of_losses(measured):
    rng = np.random.default_rng(0)
    labels = rng.normal(size=100)
    values = {name: [labels[:, None] + rng.normal(size=(100, 1))] for name in "ab"}

    p = over_rows(values, "a", measured(labels, kinds=("real",)), "squared_error")

    losses = [(values[name][0][:, 0] - labels) ** 2 for name in "ab"]
    steps = losses[0] - losses[1]
    z = steps.mean() / (steps.std(ddof=1) / 10)
    assert p["b"] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)


def test_two_labels_are_tested_together(labels, measured):
    other = (np.random.default_rng(1).random(200) < 0.5).astype(float)
    both = np.hstack([labels[:, None], other[:, None]])
    values = {
        "good": [stats.norm.cdf(both * 2)],
        "bad": [np.random.default_rng(2).random((200, 2))],
    }
    rows = measured(labels, other, kinds=("binary", "binary"))

    assert over_rows(values, "good", rows, "auc")["bad"] < 1e-6


def test_equal_systems(labels, measured):
    same = scores(labels, signal=1.0, seed=1)
    rows, weighted = measured(labels), measured(labels, weights=np.ones(200))

    for known in (rows, weighted):
        p = over_rows({"a": [same], "b": [same.copy()]}, "a", known, "auc")
        assert p == {"b": 1.0}


def test_what_cannot_be_told(measured):
    one_click = np.array([0.0, 1.0, 0.0, 0.0])
    values = {name: [np.array([[0.1], [0.9], [0.2], [0.3]])] for name in "ab"}

    found = over_rows(values, "a", measured(one_click), "auc")

    assert math.isnan(found["b"])
    assert over_rows({"a": values["a"]}, "a", measured(one_click), "auc") == {}


def test_seeds_equal_scipys_paired_test():
    values = {
        "a": {0: 0.81, 1: 0.84, 2: 0.82, 3: 0.83},
        "b": {0: 0.80, 1: 0.83, 2: 0.83, 3: 0.80},
    }

    p = over_seeds(values, "a")

    paired = stats.ttest_rel(list(values["a"].values()), list(values["b"].values()))
    assert p == {"b": pytest.approx(paired.pvalue)}


def test_only_common_seeds_are_paired():
    best = {0: 0.81, 1: 0.84, 2: 0.82}

    found = over_seeds({"a": best, "b": {1: 0.8, 2: 0.8}, "c": best}, "a")

    assert math.isnan(found["b"])
    assert found["c"] == 1.0


def test_holm_by_hand():
    # Sorted 0.01, 0.02, 0.04 times 3, 2, 1: 0.03, 0.04, 0.04.
    found = holm({"a": 0.04, "b": 0.01, "c": math.nan, "d": 0.02})

    assert math.isnan(found.pop("c"))
    assert found == pytest.approx({"a": 0.04, "b": 0.03, "d": 0.04})
    assert holm({"a": 0.7, "b": 0.6}) == {"a": 1.0, "b": 1.0}


def test_names(labels, measured):
    assert name_of_test(measured(labels), "auc") == "DeLong's test"
    assert "losses" in name_of_test(measured(labels), "log_loss")
    assert "rows" in name_of_test(measured(labels, weights=np.ones(200)), "auc")
    assert "groups" in name_of_test(measured(labels, groups=np.arange(200)), "auc")
