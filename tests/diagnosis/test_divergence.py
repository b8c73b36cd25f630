"""Divergences by hand, and how often chance exceeds its level."""

import math

import numpy as np
import pytest

from fieldwise.diagnosis.divergence import (
    chance_level,
    divergence_terms,
    jensen_shannon,
    stability_index,
)
from fieldwise.errors import DataError, ShapeError


def loop(before, after):
    p = [count / sum(before) for count in before]
    q = [count / sum(after) for count in after]
    total = 0.0
    for a, b in zip(p, q, strict=True):
        middle = (a + b) / 2
        total += a / 2 * math.log(a / middle) if a else 0.0
        total += b / 2 * math.log(b / middle) if b else 0.0
    return total


def test_by_hand():
    # p = (1/2, 1/2), q = (1, 0), m = (3/4, 1/4)
    by_hand = (0.5 * math.log(2 / 3) + 0.5 * math.log(2) + math.log(4 / 3)) / 2

    assert jensen_shannon(np.array([3, 3]), np.array([8, 0])) == pytest.approx(by_hand)


def test_equals_the_loop_and_is_symmetric():
    random = np.random.default_rng(0)
    before, after = random.poisson(2.0, (2, 50))

    found = jensen_shannon(before, after)

    assert found == pytest.approx(loop(before.tolist(), after.tolist()), rel=1e-12)
    assert found == pytest.approx(jensen_shannon(after, before), rel=1e-12)
    assert divergence_terms(before, after).min() >= 0


def test_index_by_hand():
    # Half a row more each: p = 8.5/17, 8.5/17; q = 4.5/17, 12.5/17.
    by_hand = -4 / 17 * math.log(4.5 / 8.5) + 4 / 17 * math.log(12.5 / 8.5)

    found = stability_index(np.array([8, 0, 8]), np.array([4, 0, 12]))

    assert found == pytest.approx(by_hand)


@pytest.mark.parametrize(("num_values", "rows"), [(2, 500), (30, 300), (1000, 500)])
def test_chance_seldom_exceeds_its_level(num_values, rows):
    random = np.random.default_rng(1)
    exceeded, means, found = 0, [], []
    for trial in range(60):
        shares = random.dirichlet(np.ones(num_values))
        before = random.multinomial(rows, shares)
        after = random.multinomial(rows // 2, shares)
        level = chance_level(before, after, seed=trial)
        exceeded += jensen_shannon(before, after) > level.most
        means.append(level.mean)
        found.append(jensen_shannon(before, after))

    assert exceeded <= 1
    assert np.mean(means) == pytest.approx(np.mean(found), rel=0.15)


def test_limits():
    assert chance_level(np.array([5]), np.array([5])) == (0.0, 0.0)
    assert chance_level(np.array([1, 0]), np.array([0, 1])).most > 0.69
    assert jensen_shannon(np.array([1, 0]), np.array([0, 9])) == pytest.approx(
        math.log(2)
    )


@pytest.mark.parametrize("measure", [jensen_shannon, stability_index, chance_level])
def test_errors(measure):
    with pytest.raises(DataError, match="must count at least one value each"):
        measure(np.array([0, 0]), np.array([1, 1]))
    with pytest.raises(ShapeError, match=r"got shapes \(2,\) and \(3,\)"):
        measure(np.ones(2, dtype=int), np.ones(3, dtype=int))
