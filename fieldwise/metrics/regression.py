"""How far predictions are from real-valued labels.

Source: Wright, "Correlation and Causation", Journal of Agricultural Research 1921
(coefficient of determination).
"""

import numpy as np
from numpy.typing import ArrayLike

from fieldwise._checks import read_rows
from fieldwise.errors import DataError

__all__ = ["mae", "r2", "rmse"]


def rmse(
    labels: ArrayLike, predictions: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    """Take the root of the mean squared error.

    In the unit of the label; lower is better.

    Examples:
        >>> rmse([0.0, 0.0], [1.0, 7.0])
        5.0

    Args:
        labels: what was measured.
        predictions: what was predicted.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The root mean squared error.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, or a value is not finite.
    """
    y, predicted, w = read_rows(
        {"labels": (labels, "finite"), "predictions": (predictions, "finite")}, weights
    )
    return float(np.sqrt(np.average((predicted - y) ** 2, weights=w)))


def mae(
    labels: ArrayLike, predictions: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    """Average the absolute error.

    In the unit of the label; lower is better.

    Examples:
        >>> mae([0.0, 0.0], [1.0, -7.0])
        4.0

    Args:
        labels: what was measured.
        predictions: what was predicted.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The mean absolute error.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, or a value is not finite.
    """
    y, predicted, w = read_rows(
        {"labels": (labels, "finite"), "predictions": (predictions, "finite")}, weights
    )
    return float(np.average(np.abs(predicted - y), weights=w))


def r2(
    labels: ArrayLike, predictions: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    r"""Measure the share of the labels' variance that the predictions explain.

    $$1 - \frac{\sum_i w_i (y_i - \hat y_i)^2}{\sum_i w_i (y_i - \bar y)^2}$$

    No unit, at most 1; higher is better: 0 is what the mean label alone reaches.

    Examples:
        >>> r2([0.0, 2.0], [0.0, 1.0])
        0.5

    Args:
        labels: what was measured.
        predictions: what was predicted.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The coefficient of determination.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, a value is not finite, or all labels agree.
    """
    y, predicted, w = read_rows(
        {"labels": (labels, "finite"), "predictions": (predictions, "finite")}, weights
    )
    seen = y[w > 0]
    if np.all(seen == seen[0]):
        message = (
            f"labels must vary, got only {seen[0]}. Without variance there is none to "
            "explain; use rmse."
        )
        raise DataError(message)
    residual = w @ (y - predicted) ** 2
    total = w @ (y - np.average(y, weights=w)) ** 2
    return float(1 - residual / total)
