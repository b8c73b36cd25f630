"""TAROT: targets of two parts, targets among the rows, how many rows, limits."""

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.selection.tarot import (
    order_vectors,
    rank_by_tarot,
    select_by_tarot,
    select_vectors,
)
from fieldwise.selection.whitening import whitened
from tests.selection.trained import planted_model

pytest.importorskip("ot")


def two_parts(seed=0):
    """A target of which nine tenths point one way, and rows of which few do."""
    random = np.random.default_rng(seed)
    centers = np.zeros((3, 8))
    centers[0, 0] = centers[1, 1] = 4.0
    # A wide cloud of rows, in which both parts of the target have some rows.
    part = random.choice(3, 2000, p=[0.05, 0.05, 0.9])
    rows = centers[part] + random.normal(size=(2000, 8))
    aim = np.repeat([0, 1], [90, 10])
    targets = centers[aim] + random.normal(size=(100, 8))
    return part, *whitened(rows, targets)


@pytest.mark.parametrize("seed", range(3))
def test_both_parts_of_a_target_are_covered(seed):
    part, rows, targets = two_parts(seed)

    order, _, _ = order_vectors(rows, targets)

    first = part[order[:60]]
    by_mean = part[np.argsort(-(rows @ targets.mean(axis=0)))[:60]]
    # The target is nine tenths of the one and a tenth of the other.
    assert (first == 0).sum() >= 35
    assert (first == 1).sum() >= 3
    assert (by_mean == 1).sum() == 0


def test_rows_of_the_target_come_first():
    part, rows, targets = two_parts()
    both = np.concatenate([rows[part == 2], targets])

    order, rank, similarity = order_vectors(both, targets)

    copies = np.arange(len(both) - len(targets), len(both))
    assert set(order[: len(targets)].tolist()) == set(copies.tolist())
    assert (rank[copies] == 0).all()
    np.testing.assert_allclose(similarity[copies], 1.0)


def test_a_row_that_says_nothing_comes_last():
    _, rows, targets = two_parts()
    rows[7] = 0.0

    order, rank, _ = order_vectors(rows, targets)

    assert rank[7] == rank.max()
    assert np.sort(order).tolist() == list(range(len(rows)))


def test_the_number_of_rows_is_found():
    part, rows, targets = two_parts()

    kept = select_vectors(rows, targets, num_folds=5)

    assert 20 < len(kept) < 600
    assert (part[kept] < 2).mean() > 0.5
    assert kept.tolist() == select_vectors(rows, targets, num_folds=5).tolist()


def test_rows_of_a_trained_model():
    # Rows and targets alike: the same rows, copied, are all that is needed.
    data, model = planted_model()
    rows = data.train.take(np.arange(800))
    target = rows.take(np.arange(100, 140))

    importance = rank_by_tarot(rows, target, model=model, seed=1)
    again = rank_by_tarot(rows, target, model=model, seed=1)
    selection = select_by_tarot(rows, target, model=model, num_folds=4)

    assert importance.unit == "row"
    assert importance.scores.tolist() == again.scores.tolist()
    found = np.sort(importance.top(40).rows)
    assert np.isin(np.arange(100, 140), found).mean() > 0.9
    assert 4 <= len(selection.rows) < 800


def test_what_cannot_be_chosen_for_is_refused():
    _, rows, targets = two_parts()
    data, model = planted_model()

    with pytest.raises(DataError, match="num_folds"):
        select_vectors(rows, targets[:3], num_folds=4)
    with pytest.raises(DataError, match="target must hold"):
        rank_by_tarot(data.train, data.train.take(np.arange(0)), model=model)
