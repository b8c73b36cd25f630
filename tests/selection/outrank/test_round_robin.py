import numpy as np
import pytest

from fieldwise.selection.outrank.round_robin import RoundRobin


@pytest.mark.parametrize(("num_items", "max_items"), [(10, 3), (7, 7), (5, 9), (9, 2)])
def test_after_any_turn_all_items_came_equally_often(num_items, max_items):
    turns = RoundRobin(num_items, max_items=max_items, seed=0)
    counts = np.zeros(num_items, dtype=int)
    for number in range(20):
        items = turns.turn(number)
        assert len(set(items.tolist())) == len(items) == min(num_items, max_items)
        counts[items] += 1

        assert np.ptp(counts) <= 1


def test_the_seed_decides_the_order():
    first = [RoundRobin(100, max_items=5, seed=s).turn(0).tolist() for s in (0, 0, 1)]

    assert first[0] == first[1] != first[2]


def test_nothing_has_no_turn():
    assert len(RoundRobin(0, max_items=5, seed=0).turn(3)) == 0
