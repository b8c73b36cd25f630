"""All metrics of one label at once, and what is left out where it is undefined."""

import numpy as np
import pytest
from sklearn import metrics as reference

from fieldwise.metrics.summary import summarise

BINARY = {
    "num_rows",
    "log_loss",
    "brier",
    "ece",
    "positive_rate",
    "calibration_ratio",
    "auc",
    "normalized_entropy",
}
GROUPED = {"num_groups", "num_groups_left_out", "group_auc", "ndcg@10"}


@pytest.fixture
def rows():
    """Sixty rows: labels, probabilities, weights and groups of five."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 60).astype(np.float64)
    weights = rng.uniform(0.5, 2.0, 60).astype(np.float32)
    return labels, rng.uniform(size=60), weights, np.arange(60, dtype=np.int32) // 5


def test_two_rows_by_hand():
    labels, values = np.array([1.0, 0.0]), np.array([0.5, 0.25])

    found = summarise(labels, values, kind="binary")

    assert set(found) == BINARY
    assert found["num_rows"] == 2
    # ((1 - 0.5)^2 + 0.25^2) / 2, 0.75 expected of 1 click, both bins are off
    assert found["brier"] == 0.15625
    assert found["calibration_ratio"] == 0.75
    assert found["ece"] == (0.5 + 0.25) / 2
    assert found["positive_rate"] == 0.5
    assert found["auc"] == 1.0


def test_equals_scikit_learn_with_weights(rows):
    labels, values, weights, _ = rows

    found = summarise(labels, values, kind="binary", weights=weights)

    wanted = {
        "log_loss": reference.log_loss(labels, values, sample_weight=weights),
        "brier": reference.brier_score_loss(labels, values, sample_weight=weights),
        "auc": reference.roc_auc_score(labels, values, sample_weight=weights),
    }
    assert {name: found[name] for name in wanted} == pytest.approx(wanted, abs=1e-9)


def test_real_labels_equal_scikit_learn(rows):
    _, values, weights, _ = rows
    labels = values + np.linspace(-1, 1, 60)

    found = summarise(labels, values, kind="real", weights=weights)

    given = {"sample_weight": weights}
    wanted = {
        "num_rows": 60,
        "rmse": reference.root_mean_squared_error(labels, values, **given),
        "mae": reference.mean_absolute_error(labels, values, **given),
        "r2": reference.r2_score(labels, values, **given),
    }
    assert found == pytest.approx(wanted, abs=1e-9)


def test_groups_equal_a_loop(rows):
    labels, values, weights, groups = rows

    found = summarise(labels, values, kind="binary", weights=weights, groups=groups)

    aucs, shares, gains = [], [], []
    for number in range(12):
        of = groups == number
        if 0 < labels[of].sum() < 5:
            given = {"sample_weight": weights[of]}
            aucs.append(reference.roc_auc_score(labels[of], values[of], **given))
            shares.append(weights[of].sum())
        if labels[of].any():
            gains.append(reference.ndcg_score(labels[of][None], values[of][None], k=10))
    assert set(found) == BINARY | GROUPED
    assert found["group_auc"] == pytest.approx(np.average(aucs, weights=shares))
    assert found["ndcg@10"] == pytest.approx(np.mean(gains))
    assert found["num_groups"] == 12
    assert found["num_groups_left_out"] == 12 - len(aucs)


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_has_no_rank_metrics(label):
    labels, values = np.full(4, label), np.array([0.1, 0.2, 0.3, 0.4])

    found = summarise(labels, values, kind="binary", groups=np.zeros(4, np.int32))

    assert {"auc", "normalized_entropy", "group_auc", "ndcg@10"}.isdisjoint(found)
    assert found["positive_rate"] == label
    assert ("calibration_ratio" in found) == (label == 1)
    assert (found["num_groups"], found["num_groups_left_out"]) == (1, 1)


def test_groups_of_one_class_each_are_counted():
    labels, values = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.2, 0.3, 0.4])

    found = summarise(labels, values, kind="binary", groups=np.array([7, 7, 9, 9]))

    assert found["auc"] == 1.0
    assert (found["num_groups"], found["num_groups_left_out"]) == (2, 2)
    assert {"group_auc", "ndcg@10"}.isdisjoint(found)


def test_constant_real_label_has_no_r2():
    found = summarise(np.full(3, 2.0), np.array([2.0, 2.0, 5.0]), kind="real")

    # errors 0, 0 and 3
    wanted = {"num_rows": 3, "mae": 1.0, "rmse": 3**0.5}
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize("kind", ["binary", "real"])
def test_rows_not_observed_or_without_weight_do_not_count(rows, kind):
    labels, values, weights, groups = rows
    dropped = np.arange(60) % 4 == 0
    labels[dropped & (groups < 6)] = np.nan
    weights[dropped & (groups >= 6)] = 0
    settings = {"kind": kind, "uncalibrated": values**2}

    found = summarise(labels, values, weights=weights, groups=groups, **settings)

    kept = ~dropped
    settings["uncalibrated"] = (values**2)[kept]
    alone = summarise(
        labels[kept],
        values[kept],
        weights=weights[kept],
        groups=groups[kept],
        **settings,
    )
    assert found == alone
    assert found["num_rows"] == 45


@pytest.mark.parametrize("kind", ["binary", "real"])
@pytest.mark.parametrize("labels", [[], [np.nan, np.nan]])
def test_no_row_that_counts(kind, labels):
    labels = np.array(labels, dtype=np.float64)

    assert summarise(labels, np.zeros(len(labels)), kind=kind) == {"num_rows": 0}


def test_calibration_error_before_and_after():
    labels = np.array([1.0, 0.0, 0.0, 0.0])
    before, after = np.full(4, 0.5), np.full(4, 0.25)

    found = summarise(labels, after, kind="binary", uncalibrated=before)

    # a quarter of the labels is 1
    assert (found["ece"], found["ece_uncalibrated"]) == (0.0, 0.25)
