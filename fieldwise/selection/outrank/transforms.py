"""Other forms of a number, which may say more about a label than the number itself.

Source: the default transformations of OutRank, https://github.com/outbrain/outrank.
Differences: a form that rises with the number wherever it is, is dropped, too: as
categories, or in buckets of equal counts, it is the same column.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from fieldwise.selection.outrank.column import Column

__all__ = ["TRANSFORMS", "is_worth_scoring", "transformed"]

MAX_MAJORITY = 0.8
MAX_NAN_SHARE = 0.75

Numbers = NDArray[np.float64]

TRANSFORMS: Mapping[str, Callable[[Numbers], Numbers]] = {
    "sqrt({})": np.sqrt,
    "log1p({})": np.log1p,
    "sqrt(|{}|)": lambda x: np.sqrt(np.abs(x)),
    "log(|{}| + 1)": lambda x: np.log1p(np.abs(x)),
    "sign({0}) * log|{0}|": lambda x: np.sign(x) * np.log(np.abs(x)),
    "asinh({})": np.arcsinh,
    "log({0}) * sqrt({0})": lambda x: np.log(x) * np.sqrt(x),
    "round(100 * log1p({}))": lambda x: np.round(100 * np.log1p(x)),
    "{} != 0": lambda x: np.where(np.isnan(x), np.nan, x != 0),
    "round({0} / max({0}))": lambda x: np.round(x / np.nanmax(x)),
}
"""By name, with the field in place of the braces."""


def transformed(values: Numbers) -> list[Numbers]:
    """Compute all forms of some numbers.

    Args:
        values: NaN for missing.

    Returns:
        One array per entry of ``TRANSFORMS``; what has no value is NaN.
    """
    if np.isnan(values).all():
        return [values] * len(TRANSFORMS)
    with np.errstate(all="ignore"):
        forms = [change(values) for change in TRANSFORMS.values()]
    return [np.where(np.isfinite(form), form, np.nan) for form in forms]


def is_worth_scoring(form: Numbers, column: Column, original: Column) -> bool:
    """Tell whether a form of a number may say anything new.

    Args:
        form: its numbers.
        column: the same as categories.
        original: the number itself as categories.

    Returns:
        False where almost all rows are alike or have no value, or where the form rises
        with the number.
    """
    majority = np.bincount(column.codes).max() / len(column)
    return bool(
        majority < MAX_MAJORITY
        and np.isnan(form).mean() < MAX_NAN_SHARE
        and not np.array_equal(column.codes, original.codes)
    )
