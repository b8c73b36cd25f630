"""Weights of rows, as they stand in a column."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.columns import read_numbers
from fieldwise.errors import DataError

__all__ = ["read_weights"]


def read_weights(column: pl.Series) -> NDArray[np.float64]:
    """Weights that a loss can be multiplied with.

    Examples:
        >>> read_weights(pl.Series([1, 0])).tolist()
        [1.0, 0.0]

    Args:
        column: the raw values.

    Returns:
        The weights, ``(row,)``.

    Raises:
        DataError: if a weight is negative, infinite or missing, or too large for 32
            bits.
    """
    weights = read_numbers(column)
    is_right = (weights >= 0) & (weights <= np.finfo(np.float32).max)
    if not is_right.all():
        message = (
            f"weight {column.name!r} must be finite and not negative, got "
            f"{weights[~is_right][0]} ({np.count_nonzero(~is_right)} rows)."
        )
        raise DataError(message)
    return weights
