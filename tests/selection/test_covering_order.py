"""The greedy order: by hand, and against a loop that computes every gain anew."""

import numpy as np
import pytest

from fieldwise.selection.covering_order import covering_order


def slow_order(givers, takers, shares, weights):
    left = np.ones(len(weights))
    edges = list(zip(givers.tolist(), takers.tolist(), shares.tolist(), strict=True))
    waiting, order = list(range(len(weights))), []
    while waiting:
        gains = dict.fromkeys(waiting, 0.0)
        for giver, taker, share in edges:
            if giver in gains:
                gains[giver] += share * weights[taker] * left[taker]
        best = max(waiting, key=lambda row: (round(gains[row], 12), -row))
        waiting.remove(best)
        order.append(best)
        for giver, taker, share in edges:
            if giver == best:
                left[taker] = max(0.0, left[taker] - share)
    return order


def test_by_hand():
    # Rows 0 and 1 both give to 3: 0.9 and 0.8. After row 0 a tenth of row 3 is left, so
    # that row 1 gives 0.08 and row 2, with 0.3 to row 4, comes before it.
    order = covering_order(
        np.array([0, 1, 2]),
        np.array([3, 3, 4]),
        np.array([0.9, 0.8, 0.3]),
        np.ones(5),
    )

    assert order.tolist() == [0, 2, 1, 3, 4]


def test_weights_of_takers_count():
    edges = np.array([0, 1]), np.array([2, 3]), np.array([0.5, 0.4])

    assert covering_order(*edges, np.ones(4))[0] == 0
    assert covering_order(*edges, np.array([1.0, 1.0, 1.0, 2.0]))[0] == 1


@pytest.mark.parametrize("seed", range(5))
def test_equals_a_loop(seed):
    random = np.random.default_rng(seed)
    givers, takers = random.integers(0, 25, (2, 120))
    shares = random.random(120)
    weights = random.integers(1, 4, 25).astype(float)

    order = covering_order(givers, takers, shares, weights)

    assert order.tolist() == slow_order(givers, takers, shares, weights)


def test_no_edges_and_no_rows():
    nothing = np.empty(0, dtype=np.int64)

    assert covering_order(nothing, nothing, np.empty(0), np.ones(3)).tolist() == [
        0,
        1,
        2,
    ]
    assert covering_order(nothing, nothing, np.empty(0), np.empty(0)).tolist() == []
