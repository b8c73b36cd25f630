"""One order out of several, against places counted in a loop."""

from dataclasses import replace

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.importance import Importance, mean_rank


def make(scores, names=None, method="by hand", rows="a"):
    names = names or tuple(f"f{place}" for place in range(len(scores)))
    return Importance(
        unit="field",
        names=tuple(names),
        scores=np.array(scores, float),
        meaning="share",
        method=method,
        data_fingerprint=rows,
    )


def slow_score(importances, name):
    """Mean share of the others below a unit; one beside it counts half."""
    shares = []
    for importance in importances:
        scores = dict(zip(importance.names, importance.scores, strict=True))
        others = [score for other, score in scores.items() if other != name]
        below = sum((scores[name] > s) + (scores[name] == s) / 2 for s in others)
        shares.append(below / len(others))
    return np.mean(shares)


def test_equals_the_loop():
    generator = np.random.default_rng(0)
    names = [f"f{place}" for place in range(9)]
    given = [
        make(generator.integers(0, 5, 9), generator.permutation(names).tolist())
        for _ in range(4)
    ]

    found = mean_rank(given)

    assert found.names == given[0].names
    expected = [slow_score(given, name) for name in found.names]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-12)


def test_the_order_of_what_is_averaged_does_not_matter():
    given = [make(scores) for scores in ([1, 2, 3, 4], [4, 3, 2, 1], [1, 1, 2, 2])]

    forward, backward = mean_rank(given), mean_rank(given[::-1])

    np.testing.assert_array_equal(forward.scores, backward.scores)
    assert forward.ranked == backward.ranked


def test_one_alone_keeps_its_order():
    given = make([0.1, 7, 7, 3])

    assert mean_rank([given]).ranked == given.ranked


def test_it_tells_what_it_was_made_of():
    given = [make([1, 2], method="shark"), make([2, 1], method="sfs")]
    found = mean_rank([*given, given[0]])

    assert found.method == "mean rank of shark, sfs"
    assert found.data_fingerprint == "a"
    assert found.details["best_rank"].tolist() == [1, 1]
    assert found.details["worst_rank"].tolist() == [2, 2]
    assert mean_rank([given[0], replace(given[0], data_fingerprint="b")]).method
    other = mean_rank([given[0], replace(given[0], data_fingerprint="b")])
    assert other.data_fingerprint == ""


def test_one_unit():
    assert mean_rank([make([3])]).scores.tolist() == [0]


def test_nothing_and_other_units_are_refused():
    with pytest.raises(DataError, match="one at least, got none"):
        mean_rank([])
    with pytest.raises(DataError, match="of the same units"):
        mean_rank([make([1, 2]), make([1, 2, 3])])
