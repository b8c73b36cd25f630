"""The rows a calibrator is fitted on.

Source: Kish, "Survey Sampling", Wiley 1965, section 11.7 (rows that weighted rows are
worth); Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons to
Regularized Likelihood Methods", Advances in Large Margin Classifiers 1999 (targets).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import read_rows

__all__ = ["has_signal", "read_calibration_rows", "smoothed_targets"]

Vector = NDArray[np.float64]


def read_calibration_rows(
    logits: ArrayLike, labels: ArrayLike, weights: ArrayLike | None
) -> tuple[Vector, Vector, Vector]:
    """Check the rows a calibrator is fitted on, and drop those without weight.

    Weights are relative, so they are scaled to sum to the number of rows they are
    worth, ``(sum w)^2 / sum w^2``: a calibrator that smooths by the number of rows
    then does not depend on the unit of the weights.

    Args:
        logits: one per row.
        labels: 0 or 1.
        weights: row weights; None means one each.

    Returns:
        Logits, labels and scaled weights.
    """
    z, y, w = read_rows(
        {"logits": (logits, "finite"), "labels": (labels, "binary")}, weights
    )
    w = w / w.max()
    kept = w > 0
    z, y, w = z[kept], y[kept], w[kept]
    return z, y, w * (w.sum() / (w @ w))


def has_signal(logits: Vector, labels: Vector) -> bool:
    """Tell whether there is more to fit than a shift.

    Args:
        logits: one per row.
        labels: 0 or 1.

    Returns:
        True if both labels occur, and logits differ by more than rounding.
    """
    smallest, largest = float(logits.min()), float(logits.max())
    rounding = 1e-12 * max(1.0, abs(smallest), abs(largest))
    return largest - smallest > rounding and len(np.unique(labels)) > 1


def smoothed_targets(labels: Vector, weights: Vector) -> Vector:
    """Replace labels by Platt's targets, so that separable rows have a finite fit.

    Args:
        labels: 0 or 1.
        weights: row weights, summing to the number of rows they are worth.

    Returns:
        ``(N+ + 1) / (N+ + 2)`` for label 1 and ``1 / (N- + 2)`` for label 0.
    """
    num_positive = weights @ labels
    num_negative = weights @ (1 - labels)
    return np.where(
        labels == 1, (num_positive + 1) / (num_positive + 2), 1 / (num_negative + 2)
    )
