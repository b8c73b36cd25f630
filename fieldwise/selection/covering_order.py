"""An order of rows in which each adds as much as it can to those before it.

Source: Nemhauser, Wolsey, Fisher, "An Analysis of Approximations for Maximizing
Submodular Set Functions", Mathematical Programming 1978 (the greedy order), and Minoux,
"Accelerated Greedy Algorithms for Maximizing Submodular Set Functions", 1978 (gains are
computed again only where they may be the largest).
"""

import heapq

import numpy as np
from numpy.typing import NDArray

__all__ = ["covering_order"]


def covering_order(
    givers: NDArray[np.int64],
    takers: NDArray[np.int64],
    shares: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.int64]:
    r"""Order rows by what each gives to rows that those before it have not given.

    A row that is taken gives its shares away: $\max(0, 1 - \sum_j \alpha_{ij})$ of row
    $i$ is left to be given by others, the sum running over the rows taken so far.

    Examples:
        >>> edges = np.array([0, 1, 2]), np.array([3, 3, 4])
        >>> covering_order(*edges, np.array([0.9, 0.8, 0.3]), np.ones(5)).tolist()
        [0, 2, 1, 3, 4]

    Args:
        givers: of each edge, the row that gives, ``(edge,)``.
        takers: of each edge, the row that is given to, ``(edge,)``.
        shares: of the taker that the giver gives, in [0, 1], ``(edge,)``.
        weights: how much each taker counts, ``(row,)``.

    Returns:
        Numbers of all rows, the first one first; of rows that give as much, that of the
        smallest number.
    """
    num_rows = len(weights)
    by_giver = np.argsort(givers, kind="stable")
    takers, shares = takers[by_giver], shares[by_giver]
    starts = np.searchsorted(givers[by_giver], np.arange(num_rows + 1)).tolist()
    left = np.ones(num_rows)

    def gain(row: int) -> float:
        edges = slice(starts[row], starts[row + 1])
        ends = takers[edges]
        return float(shares[edges] @ (weights[ends] * left[ends]))

    waiting = [(-gain(row), row) for row in range(num_rows)]
    heapq.heapify(waiting)
    order: list[int] = []
    while waiting:
        _, row = heapq.heappop(waiting)
        entry = (-gain(row), row)
        # Gains only shrink: what is still ahead of all that was once ahead is largest.
        if waiting and entry > waiting[0]:
            heapq.heappush(waiting, entry)
            continue
        order.append(row)
        edges = slice(starts[row], starts[row + 1])
        np.subtract.at(left, takers[edges], shares[edges])
        left[takers[edges]] = np.maximum(left[takers[edges]], 0.0)
    return np.array(order, dtype=np.int64)
