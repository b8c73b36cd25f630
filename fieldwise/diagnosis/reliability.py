"""Whether probabilities mean what they say, before and after calibration.

Source: Bröcker, Smith, "Increasing the Reliability of Reliability Diagrams", Weather
and Forecasting 2007 (what bins of right probabilities scatter by chance).
Differences from the paper: the expected distance is the closed form of a normal
distribution, not a resampling.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwise.metrics import ReliabilityTable, reliability_table

__all__ = ["NUM_BINS", "chance_error", "reliability_of"]

NUM_BINS = 15

Vector = NDArray[np.float64]


def reliability_of(
    labels: Vector,
    probabilities: Vector,
    *,
    before: Vector | None = None,
    weights: Vector | None = None,
) -> dict[str, Any]:
    """Compare probabilities with what happened, in bins of one weight each.

    Rows whose label is NaN or whose weight is zero do not count.

    Examples:
        >>> found = reliability_of(np.array([0.0, 1.0]), np.array([0.25, 0.75]))
        >>> found["after"]["mean_probability"], found["after"]["mean_label"]
        ([0.25, 0.75], [0.0, 1.0])

    Args:
        labels: 0 or 1, ``(row,)``.
        probabilities: after calibration, ``(row,)``.
        before: the same before it.
        weights: of the rows.

    Returns:
        ``after`` and, if it was given, ``before``: of each filled bin its mean
        probability, mean label and weight; ``chance_error``, the expected calibration
        error that right probabilities would show by chance. Empty without rows.
    """
    counts = ~np.isnan(labels)
    if weights is not None:
        counts &= weights > 0
    if not counts.any():
        return {}
    used = None if weights is None else weights[counts]
    found: dict[str, Any] = {}
    for name, values in (("before", before), ("after", probabilities)):
        if values is None:
            continue
        table = reliability_table(
            labels[counts],
            values[counts],
            weights=used,
            num_bins=NUM_BINS,
            binning="mass",
        )
        found[name] = _bins(table)
    num_rows = int(np.count_nonzero(counts))
    found["chance_error"] = chance_error(found["after"], num_rows=num_rows)
    return found


def chance_error(bins: dict[str, list[float]], *, num_rows: int) -> float:
    """Say what the expected calibration error would be if probabilities were right.

    A bin of n rows with probability p scatters around it with standard deviation
    ``sqrt(p (1 - p) / n)``; the mean distance is that times ``sqrt(2 / pi)``.

    Examples:
        >>> bins = {"mean_probability": [0.5], "mean_label": [0.4], "weight": [1.0]}
        >>> round(chance_error(bins, num_rows=100), 4)
        0.0399

    Args:
        bins: as ``reliability_of`` gives them.
        num_rows: rows in all bins together.

    Returns:
        The error, in units of probability.
    """
    weight = np.array(bins["weight"])
    share = weight / weight.sum()
    mean = np.array(bins["mean_probability"])
    deviation = np.sqrt(mean * (1 - mean) / np.maximum(1.0, share * num_rows))
    return float(share @ deviation * math.sqrt(2 / math.pi))


def _bins(table: ReliabilityTable) -> dict[str, list[float]]:
    filled = table.weight > 0
    return {
        "mean_probability": table.mean_probability[filled].tolist(),
        "mean_label": table.mean_label[filled].tolist(),
        "weight": table.weight[filled].tolist(),
    }
