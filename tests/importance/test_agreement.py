"""Agreement of two orders, against all pairs of units in a loop."""

import math
from itertools import combinations

import numpy as np
import pytest

from fieldwise.errors import DataError
from fieldwise.importance import Importance, kendall_tau, top_overlap


def make(scores, names=None, unit="field"):
    names = names or tuple(f"f{place}" for place in range(len(scores)))
    return Importance(unit, tuple(names), np.array(scores, float), "share", "by hand")


def slow_tau(one, other):
    """Kendall's tau-b from its definition."""
    scores = [dict(zip(each.names, each.scores, strict=True)) for each in (one, other)]
    total, untied = 0.0, [0, 0]
    for a, b in combinations(one.names, 2):
        signs = [np.sign(each[a] - each[b]) for each in scores]
        total += signs[0] * signs[1]
        untied = [n + abs(s) for n, s in zip(untied, signs, strict=True)]
    return total / math.sqrt(untied[0] * untied[1])


@pytest.mark.parametrize("seed", range(5))
def test_tau_equals_the_loop_over_pairs(seed):
    generator = np.random.default_rng(seed)
    one = make(generator.integers(0, 6, 12))
    names = generator.permutation(one.names).tolist()
    other = make(generator.integers(0, 6, 12), names)

    assert kendall_tau(one, other) == pytest.approx(slow_tau(one, other), abs=1e-12)
    assert kendall_tau(other, one) == pytest.approx(kendall_tau(one, other))


def test_the_same_and_the_reversed_order():
    one = make([3, 2, 1])

    assert kendall_tau(one, one) == pytest.approx(1)
    assert kendall_tau(one, make([1, 2, 3])) == pytest.approx(-1)


def test_scores_that_tell_nothing_apart_agree_with_nothing():
    assert math.isnan(kendall_tau(make([1, 1, 1]), make([1, 2, 3])))


def test_overlap_by_hand():
    one, other = make([4, 3, 2, 1]), make([4, 1, 3, 2])

    # Kept of 2: f0 f1 and f0 f2: one of three. Of 3: f0 f1 f2, f0 f2 f3: two of four.
    found = [top_overlap(one, other, k) for k in range(5)]
    assert found == pytest.approx([1, 1, 1 / 3, 2 / 4, 1])


@pytest.mark.parametrize(
    "other", [make([1, 2]), make([1, 2, 3], "xyz"), make([1, 2, 3], unit="layer")]
)
def test_other_units_are_refused(other):
    with pytest.raises(DataError, match="of the same units, got 3 of 'field'"):
        kendall_tau(make([1, 2, 3]), other)
    with pytest.raises(DataError, match="of the same units"):
        top_overlap(make([1, 2, 3]), other, 1)


def test_one_unit_has_no_order():
    one = Importance(
        unit="field",
        names=("a",),
        scores=np.array([1.0]),
        meaning="by hand",
        method="by hand",
    )

    assert np.isnan(kendall_tau(one, one))
