"""What scikit-learn calls ``y`` and ``sample_weight``, checked."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import assert_all_finite, check_consistent_length, column_or_1d

from fieldwise._checks import read_vector
from fieldwise.errors import DataError

__all__ = ["read_sample_weight", "read_target"]


def read_target(y: Any, num_rows: int, *, numeric: bool = False) -> NDArray[Any]:
    """Read the labels of some rows.

    Examples:
        >>> read_target(["no", "yes"], 2).tolist()
        ['no', 'yes']

    Args:
        y: one label per row, as a list, array, series or frame of one column.
        num_rows: of the table.
        numeric: whether they must be numbers.

    Returns:
        The labels, ``(row,)``; numbers as float64 where they must be some.

    Raises:
        DataError: if a label is missing.
        ValueError: if there is not one label per row, or one is not finite.
    """
    labels: NDArray[Any] = column_or_1d(
        y, dtype=np.float64 if numeric else None, warn=True
    )
    check_consistent_length(np.empty(num_rows), labels)
    if labels.dtype == object and any(label is None for label in labels):
        message = "y must have no missing values, got None. Drop these rows."
        raise DataError(message)
    assert_all_finite(labels, input_name="y")
    return labels


def read_sample_weight(sample_weight: Any, num_rows: int) -> NDArray[np.float64] | None:
    """Read the weights of some rows.

    Examples:
        >>> read_sample_weight([1, 2], 2)
        array([1., 2.])

    Args:
        sample_weight: one weight per row; None for none.
        num_rows: of the table.

    Returns:
        The weights, ``(row,)``.

    Raises:
        ShapeError: if they are no vector.
        DataError: if one is negative or not finite, or all are zero.
        ValueError: if there is not one weight per row.
    """
    if sample_weight is None:
        return None
    weights = read_vector("sample_weight", sample_weight, "non-negative")
    check_consistent_length(np.empty(num_rows), weights)
    if not weights.any():
        message = "sample_weight must be positive for some rows, got only zero."
        raise DataError(message)
    return weights
