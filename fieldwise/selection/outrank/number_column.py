"""Numbers as a column of categories."""

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.numbers import bucket, fit_numeric
from fieldwise.schema import NumericField
from fieldwise.selection.outrank.column import Column

__all__ = ["number_column"]


def number_column(values: NDArray[np.float64], rule: str) -> Column:
    """Make categories of the numbers of a block.

    Examples:
        >>> number_column(np.array([2.5, 0.1, np.nan, 2.5]), "values")
        Column(codes=array([1, 0, 2, 1]), size=3)

    Args:
        values: one per row; NaN for missing, a category of its own.
        rule: ``buckets``, up to 32 of equal counts, or ``values``.

    Returns:
        The column; codes rise with the numbers.
    """
    if rule == "values":
        distinct, codes = np.unique(values, return_inverse=True)
        return Column(codes, len(distinct))
    fitted = fit_numeric(NumericField("number", "quantile"), values)
    codes = bucket(fitted, values).astype(np.intp)
    return Column(codes, fitted.num_features or 1)
