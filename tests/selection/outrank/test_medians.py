import numpy as np
import pytest

from fieldwise.selection.outrank.medians import Medians


@pytest.mark.parametrize("order", [1, -1])
def test_numpy_says_the_same_for_any_order_of_blocks(order):
    random = np.random.default_rng(0)
    blocks = [
        (np.flatnonzero(random.random(7) < 0.6), random.normal(size=7))
        for _ in range(20)
    ]
    medians = Medians(8)
    for places, numbers in blocks[::order]:
        medians.add(places, numbers[places])

    expected = [
        np.median([numbers[item] for places, numbers in blocks if item in places])
        for item in range(7)
    ]
    assert medians.values()[:7].tolist() == expected
    assert np.isnan(medians.values()[7])
    assert medians.counts.tolist()[:7] == [
        sum(item in places for places, _ in blocks) for item in range(7)
    ]


def test_nothing_came():
    assert np.isnan(Medians(2).values()).all()
