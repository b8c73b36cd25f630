"""The order of a column's values, as whole numbers."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["dense_ranks"]


def dense_ranks(column: pl.Series) -> NDArray[np.int64]:
    """Number the different values of a column in sorted order.

    Examples:
        >>> dense_ranks(pl.Series(["b", None, "a", "b"])).tolist()
        [2, 0, 1, 2]

    Args:
        column: single values of one type.

    Returns:
        One number per row, from 1; 0 for null.
    """
    if column.dtype == pl.Null:
        return np.zeros(len(column), dtype=np.int64)
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        # Categories may be numbered by first appearance, which the chunks decide.
        column = column.cast(pl.String)
    ranks = column.rank("dense").cast(pl.Int64).fill_null(0)
    return np.array(ranks.to_numpy(), dtype=np.int64)
