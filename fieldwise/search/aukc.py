"""How good an order of fields is, over all numbers of fields that are kept.

Source: Jia et al., "ERASE: Benchmarking Feature Selection Methods for Deep Recommender
Systems", KDD 2024, https://arxiv.org/abs/2403.12660.

Differences from the paper: its abstract names the area under the curve of AUC over k,
but no text that we found says how it is normalised. Here it is the mean height of the
curve above a guess, (AUC - 0.5) / 0.5, by the rule of trapezoids.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

__all__ = ["TOLERANCE", "aukc", "fewest_within"]

TOLERANCE = 0.001
"""Share of the log loss of all fields that a selection may lose."""


def aukc(grid: Sequence[int], aucs: Sequence[float]) -> float:
    r"""Compute the area under the curve of AUC over the number of fields.

    $$\frac{1}{k_n - k_1} \sum_i (k_{i+1} - k_i)
    \frac{a_i + a_{i+1} - 1}{2 \cdot 0.5}$$

    Examples:
        >>> aukc([1, 2, 4], [0.75, 0.75, 0.75]), aukc([5], [0.75])
        (0.5, 0.5)

    Args:
        grid: numbers of fields, each larger than the one before.
        aucs: of the models with so many fields.

    Returns:
        Higher is better; 0 for guessing, 1 for an AUC of 1 everywhere. Of a single
        number of fields, the height of the curve there.

    Raises:
        ValueError: if the grid does not grow, or there is not one AUC per number.
    """
    if not len(grid) or any(a >= b for a, b in pairwise(grid)):
        message = f"grid must hold growing numbers of fields, got {list(grid)}."
        raise ValueError(message)
    if len(aucs) != len(grid):
        message = f"aucs must be {len(grid)}, one per number, got {len(aucs)}."
        raise ValueError(message)
    heights = (np.asarray(aucs, dtype=np.float64) - 0.5) / 0.5
    if len(grid) == 1:
        return float(heights[0])
    steps = np.diff(grid)
    return float(steps @ (heights[:-1] + heights[1:]) / 2 / steps.sum())


def fewest_within(
    losses: Mapping[int, float], all_fields: float, *, tolerance: float = TOLERANCE
) -> int | None:
    """Find the smallest number of fields that loses next to nothing.

    Examples:
        >>> fewest_within({5: 0.31, 10: 0.3001, 20: 0.2999}, 0.3)
        10

    Args:
        losses: log loss by number of fields.
        all_fields: log loss with all of them.
        tolerance: share of it that may be lost.

    Returns:
        The number of fields; None if none of them is enough.
    """
    limit = all_fields * (1 + tolerance)
    return min((k for k, loss in losses.items() if loss <= limit), default=None)
