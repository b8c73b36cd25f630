"""The bootstrap against a loop that draws the rows themselves."""

import numpy as np
import pytest

from fieldwise.comparison import resampling
from fieldwise.comparison.resampling import num_replicates, resample
from fieldwise.metrics import auc, log_loss


@pytest.fixture
def scored():
    rng = np.random.default_rng(0)
    labels = (rng.random(80) < 0.4).astype(float)
    values = [np.round(rng.random((80, 1)) * 0.8 + 0.1, 1) for _ in range(3)]
    return labels, {"a": values[:2], "b": values[2:]}, rng.uniform(0, 2, 80)


def drawn(num_units, sample):
    return np.random.default_rng((0, sample)).integers(num_units, size=num_units)


def test_equals_the_loop_over_rows(scored, measured):
    labels, values, weights = scored
    weights[:5] = 0

    found = resample(values, measured(labels, weights=weights), "auc")

    mean, samples = found["a"]
    assert len(samples) == 500
    assert mean == pytest.approx(
        np.mean([auc(labels, run[:, 0], weights=weights) for run in values["a"]])
    )
    for sample in (0, 7, 499):
        rows = drawn(80, sample)
        expected = [
            auc(labels[rows], run[rows, 0], weights=weights[rows])
            for run in values["a"]
        ]
        assert samples[sample] == pytest.approx(np.mean(expected), abs=1e-12)


def test_whole_groups_are_drawn(scored, measured):
    labels, values, _ = scored
    groups = np.arange(80) // 4 * 10

    found = resample(values, measured(labels, groups=groups), "auc")

    rows = np.concatenate([np.arange(4) + 4 * g for g in drawn(20, 3)])
    expected = auc(labels[rows], values["b"][0][rows, 0])
    assert found["b"][1][3] == pytest.approx(expected, abs=1e-12)


def test_losses(scored, measured):
    labels, values, weights = scored

    found = resample(values, measured(labels, weights=weights), "log_loss")

    rows = drawn(80, 2)
    expected = log_loss(labels[rows], values["b"][0][rows, 0], weights=weights[rows])
    assert found["b"][1][2] == pytest.approx(expected, rel=1e-6)


def test_blocks_do_not_show(scored, measured, monkeypatch):
    labels, values, weights = scored
    rows = measured(labels, weights=weights)
    whole = resample(values, rows, "auc")

    monkeypatch.setattr(resampling, "BLOCK", 80 * 7)

    np.testing.assert_allclose(resample(values, rows, "auc")["a"][1], whole["a"][1])


def test_unobserved_labels_do_not_count(scored, measured):
    labels, values, weights = scored
    some = np.where(np.arange(80) < 60, labels, np.nan)

    found = resample(values, measured(some, weights=weights), "auc")

    expected = auc(labels[:60], values["b"][0][:60, 0], weights=weights[:60])
    assert found["b"][0] == pytest.approx(expected)


def test_samples_without_a_class_are_undefined(measured):
    labels = np.array([1.0, 0.0, 0.0, 0.0])
    values = {"a": [np.array([[0.9], [0.1], [0.2], [0.3]])]}

    samples = resample(values, measured(labels, weights=np.ones(4)), "auc")["a"][1]

    assert 0 < np.isnan(samples).sum() < len(samples)
    assert set(samples[~np.isnan(samples)]) == {1.0}


def test_fewer_samples_of_many_rows():
    assert num_replicates(100_000, 75) == 400
    assert num_replicates(0, 0) == 500
