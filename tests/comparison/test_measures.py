"""Which measure decides, and how several labels become one number."""

import numpy as np
import pytest

from fieldwise.comparison.measures import (
    choose_measure,
    combine_metrics,
    higher_is_better,
    row_losses,
    tasks_of,
)
from fieldwise.errors import DataError
from fieldwise.metrics import log_loss, r2


def test_the_measure_that_decides(measured):
    both, ones = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    real = np.array([0.5, 3.0])

    assert choose_measure(measured(both)) == "auc"
    assert choose_measure(measured(real, both, kinds=("real", "binary"))) == "auc"
    assert choose_measure(measured(ones)) == "log_loss"
    assert choose_measure(measured(real, kinds=("real",))) == "squared_error"
    with pytest.raises(DataError, match="must have an observed label"):
        choose_measure(measured(np.array([np.nan, np.nan])))


def test_labels_without_both_classes_have_no_auc(measured):
    weights = np.array([1.0, 0.0])
    rows = measured(
        np.array([0.0, 1.0]), np.array([0.0, 1.0]), kinds=("binary", "real")
    )
    weighted = measured(np.array([0.0, 1.0]), weights=weights)

    assert tasks_of("auc", rows) == [0]
    assert tasks_of("squared_error", rows) == [1]
    assert tasks_of("auc", weighted) == []
    assert tasks_of("log_loss", weighted) == [0]


def test_only_the_auc_grows_with_quality():
    assert higher_is_better("auc")
    assert not higher_is_better("squared_error")


def test_losses_are_those_of_the_metrics(measured):
    rng = np.random.default_rng(0)
    labels, values = (rng.random(50) < 0.5).astype(float), rng.random(50)
    real, said = rng.normal(size=50), rng.normal(size=50)
    weights = rng.random(50)
    several = measured(real, real * 2, kinds=("real", "real"), weights=weights)

    losses = row_losses("log_loss", measured(labels), 0, values)
    errors = row_losses("squared_error", measured(real, kinds=("real",)), 0, said)
    shares = row_losses("squared_error", several, 0, said)

    assert losses.mean() == pytest.approx(log_loss(labels, values))
    np.testing.assert_allclose(errors, (real - said) ** 2)
    share = np.average(shares, weights=weights)
    assert share == pytest.approx(1 - r2(real, said, weights=weights))


def test_several_real_labels_have_no_common_unit():
    metrics = {
        "a": {"rmse": 2.0, "r2": 0.5},
        "b": {"rmse": 200.0, "r2": 0.75},
        "c": {"num_rows": 3, "auc": 0.7, "log_loss": 0.5, "ece": 0.1},
    }

    found = combine_metrics(metrics, ("a", "b", "c"))

    assert found["squared_error"] == pytest.approx((0.5 + 0.25) / 2)
    assert found["squared_error_of_b"] == 40_000
    assert found["auc"] == found["auc_of_c"] == 0.7
    assert "auc_of_a" not in found


def test_a_label_of_one_class_does_not_count_for_the_auc():
    metrics = {"a": {"log_loss": 0.2}, "b": {"log_loss": 0.4, "auc": 0.9}}

    found = combine_metrics(metrics, ("a", "b"))

    assert found["auc"] == 0.9
    assert found["log_loss"] == pytest.approx(0.3)
