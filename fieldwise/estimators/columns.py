"""What scikit-learn calls ``X``, as a frame of named columns."""

import math
from typing import Any

import numpy as np
import polars as pl
from narwhals.dependencies import is_into_dataframe
from numpy.typing import NDArray
from sklearn.utils.validation import validate_data

from fieldwise.data.readers import read_table

__all__ = ["read_columns"]

MIN_ROWS = 2
"""One to learn from, one to hold out."""


def read_columns(
    estimator: Any, X: Any, *, names: tuple[str, ...] | None = None
) -> pl.DataFrame:
    """Read the columns of a table or an array, by scikit-learn's rules.

    The columns of a frame keep their names and types, so that text, lists and missing
    values reach the library as they are. The columns of an array are called ``x0``,
    ``x1`` and so on.

    Examples:
        >>> from sklearn.base import BaseEstimator
        >>> read_columns(BaseEstimator(), np.array([[1.5, np.nan], [2.5, 0.0]])).rows()
        [(1.5, nan), (2.5, 0.0)]

    Args:
        estimator: whose ``n_features_in_`` and ``feature_names_in_`` are set before
            fitting, and checked afterwards.
        X: a Polars, pandas or Arrow table, or anything that is an array.
        names: of the columns the estimator was fitted to, in their order; None while
            it is fitted.

    Returns:
        The columns, under the given names where there are any.

    Raises:
        ValueError: if there are no rows, other columns, infinite or complex numbers.
        TypeError: if the array is sparse.
    """
    fitting = names is None
    if is_into_dataframe(X):
        validate_data(estimator, X, reset=fitting, skip_check_array=True)
        frame = read_table(X).collect()
        _check_size(frame, MIN_ROWS if fitting else 1)
    else:
        array = validate_data(
            estimator,
            X,
            reset=fitting,
            dtype=None,
            ensure_all_finite="allow-nan",
            ensure_min_samples=MIN_ROWS if fitting else 1,
        )
        frame = pl.DataFrame(
            [_column(f"x{place}", values) for place, values in enumerate(array.T)]
        )
    return (
        frame
        if names is None
        else frame.rename(dict(zip(frame.columns, names, strict=True)))
    )


def _check_size(frame: pl.DataFrame, min_rows: int) -> None:
    for count, word, least in (
        (len(frame), "sample", min_rows),
        (frame.width, "feature", 1),
    ):
        if count < least:
            message = f"X must have at least {least} {word}(s), got {count} {word}(s)."
            raise ValueError(message)


def _column(name: str, values: NDArray[Any]) -> pl.Series:
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.dtype != object:
        return pl.Series(name, np.ascontiguousarray(values))
    # NaN stands for a missing value of any type here; as text it would be a word.
    items = [None if _is_nan(item) else item for item in values.tolist()]
    return read_table({name: items}).collect().to_series()


def _is_nan(item: object) -> bool:
    return isinstance(item, float) and math.isnan(item)
