"""Every metric that makes sense for one label, by name."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fieldwise.metrics.calibration import (
    calibration_ratio,
    expected_calibration_error,
)
from fieldwise.metrics.classification import (
    brier_score,
    log_loss,
    normalized_entropy,
)
from fieldwise.metrics.ranking import auc, group_auc, ndcg
from fieldwise.metrics.regression import mae, r2, rmse

__all__ = ["summarise"]

NDCG_DEPTH = 10

Vector = NDArray[np.float64]


def summarise(
    labels: Vector,
    values: Vector,
    *,
    kind: Literal["binary", "real"],
    uncalibrated: Vector | None = None,
    weights: NDArray[np.float32] | Vector | None = None,
    groups: NDArray[np.int32] | NDArray[np.int64] | None = None,
) -> dict[str, int | float]:
    """All metrics of one label.

    Rows whose label is NaN (not observed) or whose weight is zero do not count. What
    is undefined for the rows that do, such as the AUC of one class, is left out.

    Examples:
        >>> labels, values = np.array([0.0, 1.0]), np.array([0.25, 0.5])
        >>> summary = summarise(labels, values, kind="binary")
        >>> summary["num_rows"], summary["auc"], summary["brier"]
        (2, 1.0, 0.15625)

    Args:
        labels: 0 or 1, or real values, ``(row,)``.
        values: probabilities, or predicted values, ``(row,)``.
        kind: of the label.
        uncalibrated: probabilities before calibration; adds ``ece_uncalibrated``.
        weights: row weights.
        groups: group number of each row; adds ``group_auc``, ``ndcg@10`` and counts.

    Returns:
        Metrics by name, and ``num_rows``, the rows that count.
    """
    counts = ~np.isnan(labels)
    if weights is not None:
        counts &= weights > 0
    found: dict[str, int | float] = {"num_rows": int(np.count_nonzero(counts))}
    if not found["num_rows"]:
        return found
    labels, values = labels[counts], values[counts]
    weight = None if weights is None else weights[counts].astype(np.float64)
    if kind == "real":
        return found | _of_real(labels, values, weight)
    found |= _of_binary(labels, values, weight)
    if uncalibrated is not None:
        found["ece_uncalibrated"] = expected_calibration_error(
            labels, uncalibrated[counts], weights=weight
        )
    if groups is not None:
        found |= _of_groups(labels, values, groups[counts], weight)
    return found


def _of_real(
    labels: Vector, values: Vector, weight: Vector | None
) -> dict[str, int | float]:
    found = {
        "rmse": rmse(labels, values, weights=weight),
        "mae": mae(labels, values, weights=weight),
    }
    if labels.min() < labels.max():
        found["r2"] = r2(labels, values, weights=weight)
    return found


def _of_binary(
    labels: Vector, values: Vector, weight: Vector | None
) -> dict[str, int | float]:
    found = {
        "log_loss": log_loss(labels, values, weights=weight),
        "brier": brier_score(labels, values, weights=weight),
        "ece": expected_calibration_error(labels, values, weights=weight),
        "positive_rate": float(np.average(labels, weights=weight)),
    }
    if labels.any():
        found["calibration_ratio"] = calibration_ratio(labels, values, weights=weight)
    if labels.any() and not labels.all():
        found["auc"] = auc(labels, values, weights=weight)
        found["normalized_entropy"] = normalized_entropy(labels, values, weights=weight)
    return found


def _of_groups(
    labels: Vector,
    values: Vector,
    groups: NDArray[np.int32] | NDArray[np.int64],
    weight: Vector | None,
) -> dict[str, int | float]:
    numbers = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(numbers)
    positives = np.bincount(numbers, weights=labels)
    has_both = (positives > 0) & (positives < sizes)
    found: dict[str, int | float] = {
        "num_groups": len(sizes),
        "num_groups_left_out": int(np.count_nonzero(~has_both)),
    }
    if has_both.any():
        found["group_auc"] = group_auc(labels, values, numbers, weights=weight).value
        found[f"ndcg@{NDCG_DEPTH}"] = ndcg(labels, values, numbers, k=NDCG_DEPTH)
    return found
