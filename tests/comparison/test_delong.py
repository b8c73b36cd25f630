"""DeLong's test against every pair of rows, counted one by one."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from fieldwise.comparison.delong import auc_influence
from tests.comparison.delong_by_pairs import variance_of_difference


def test_by_hand():
    # positives 0.4 and 0.8, negatives 0.1 and 0.4: placements of the positives are
    # (1 + 0.5) / 2 = 0.75 and 1, of the negatives 1 and (0.5 + 1) / 2 = 0.75.
    auc, shares = auc_influence(
        np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.4, 0.4, 0.8])
    )

    assert auc == 0.875
    np.testing.assert_allclose(shares, np.array([1, -1, -1, 1]) * 0.125 / math.sqrt(2))


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_loop_over_pairs(seed):
    rng = np.random.default_rng(seed)
    labels = (rng.random(60) < 0.3).astype(float)
    labels[:4] = [0, 0, 1, 1]
    # Rounded scores have ties, within and between the classes.
    first, second = (np.round(rng.random(60) + 0.3 * labels, 1) for _ in range(2))

    auc, shares = auc_influence(labels, first)
    other_auc, other_shares = auc_influence(labels, second)

    assert auc == pytest.approx(roc_auc_score(labels, first), abs=1e-12)
    assert other_auc == pytest.approx(roc_auc_score(labels, second), abs=1e-12)
    expected = variance_of_difference(labels, first, second)
    assert np.sum((shares - other_shares) ** 2) == pytest.approx(expected, rel=1e-12)


def test_only_the_order_counts():
    rng = np.random.default_rng(0)
    labels, scores = (rng.random(50) < 0.5).astype(float), rng.normal(size=50)

    auc, shares = auc_influence(labels, scores)
    same_auc, same_shares = auc_influence(labels, np.exp(scores))

    assert auc == same_auc
    np.testing.assert_array_equal(shares, same_shares)
    assert shares.sum() == pytest.approx(0, abs=1e-12)


def test_variance_is_that_of_new_samples():
    rng = np.random.default_rng(0)
    found = []
    for _ in range(400):
        labels = np.repeat([0.0, 1.0], 100)
        found.append(auc_influence(labels, rng.normal(size=200) + labels))

    aucs = np.array([auc for auc, _ in found])
    estimated = np.mean([shares @ shares for _, shares in found])
    assert estimated == pytest.approx(aucs.var(ddof=1), rel=0.25)
