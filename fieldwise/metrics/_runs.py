"""Sorted rows as runs: the rows of one group, or of one score within a group.

A run is told by the position of its first row, so that whatever is computed per group
is one ``np.add.reduceat``, without a loop.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Positions",
    "Vector",
    "run_sizes",
    "run_starts",
    "spread",
    "sums_before",
    "tie_starts",
]

Vector = NDArray[np.float64]
Positions = NDArray[np.intp]


def run_starts(keys: NDArray[Any]) -> Positions:
    """Find where runs of equal keys begin.

    Args:
        keys: one per row, equal ones side by side.

    Returns:
        Position of the first row of each run.
    """
    return np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))


def tie_starts(scores: Vector, starts: Positions) -> Positions:
    """Find where runs of equal scores within a group begin.

    Args:
        scores: one per row, equal ones of a group side by side.
        starts: where groups begin.

    Returns:
        Position of the first row of each run.
    """
    begins = np.concatenate(([True], scores[1:] != scores[:-1]))
    begins[starts] = True
    return np.flatnonzero(begins)


def run_sizes(starts: Positions, num_rows: int) -> Positions:
    """Count the rows of each run.

    Args:
        starts: where runs begin.
        num_rows: rows of all runs together.

    Returns:
        Rows per run.
    """
    return np.diff(starts, append=num_rows)


def spread(values: NDArray[Any], starts: Positions, num_rows: int) -> NDArray[Any]:
    """Repeat one value per run for each row of the run.

    Args:
        values: one per run.
        starts: where runs begin.
        num_rows: rows of all runs together.

    Returns:
        One value per row.
    """
    return np.repeat(values, run_sizes(starts, num_rows))


def sums_before(values: Vector, starts: Positions) -> Vector:
    """Sum the values before each one, within its run.

    Args:
        values: one per row.
        starts: where runs begin.

    Returns:
        One sum per row; 0 for the first row of a run.
    """
    steps = np.concatenate(([0.0], values[:-1]))
    # Taking each finished run off again keeps the running sum, and its rounding, small.
    steps[starts[1:]] -= np.add.reduceat(values, starts)[:-1]
    sums = np.cumsum(steps)
    sums -= spread(sums[starts], starts, len(values))
    return sums
