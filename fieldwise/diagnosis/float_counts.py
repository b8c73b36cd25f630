"""Numbers counted in one pass without knowing their range: by their first 16 bits.

The sign, the exponent and seven bits of the fraction of a 32-bit float, read as a whole
number, are in the order of the numbers: 65,536 bins, each less than one percent wide.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MISSING_BIN", "NUM_BINS", "bin_floats", "bin_floors", "quantile_starts"]

MISSING_BIN = 2**16
NUM_BINS = MISSING_BIN + 1
"""Bins of numbers, and a last one for NaN."""

_SIGN = 2**15

Bins = NDArray[np.int64]


def bin_floats(values: NDArray[np.float32]) -> Bins:
    """Say in which bin each number falls.

    Examples:
        >>> bins = bin_floats(np.array([-2.0, -1.0, 0.0, 1.0, 1.001, np.nan], "f4"))
        >>> bool((np.diff(bins) >= 0).all()), bool(bins[3] == bins[4]), int(bins[-1])
        (True, True, 65536)

    Args:
        values: numbers, ``(row,)``.

    Returns:
        Bins, in the order of the numbers; ``MISSING_BIN`` for NaN.
    """
    # Adding zero makes one number of both zeros.
    positive_zero = np.ascontiguousarray(values, np.float32) + np.float32(0)
    bits = positive_zero.view(np.uint32) >> np.uint32(16)
    high = bits.astype(np.int64)
    bins = np.where(high < _SIGN, high + _SIGN, 2 * _SIGN - 1 - high)
    return np.where(np.isnan(values), MISSING_BIN, bins)


def bin_floors(bins: Bins) -> NDArray[np.float64]:
    """Say where bins of numbers begin.

    Args:
        bins: below ``MISSING_BIN``.

    Returns:
        The number of each bin that is nearest to the one below, or next to it.
    """
    high = np.where(bins >= _SIGN, bins - _SIGN, 2 * _SIGN - 1 - bins)
    # Numbers below zero fill their bin from its largest size on.
    low = np.where(bins >= _SIGN, 0, 0xFFFF)
    bits = (high.astype(np.uint32) << np.uint32(16)) | low.astype(np.uint32)
    return bits.view(np.float32).astype(np.float64)


def quantile_starts(counts: NDArray[np.int64], num_buckets: int) -> NDArray[np.intp]:
    """Join bins to buckets of about equal counts.

    Args:
        counts: of the bins, in order, ``(bin,)``.
        num_buckets: how many at most.

    Returns:
        The first bin of each bucket, ascending from 0 on; just 0 if nothing counts.
    """
    total = int(counts.sum())
    if not total:
        return np.zeros(1, dtype=np.intp)
    filled = np.flatnonzero(counts)
    ends = np.cumsum(counts[filled])
    middles = (ends - counts[filled] / 2) * (num_buckets / total)
    starts = filled[np.flatnonzero(np.diff(np.floor(middles), prepend=-1.0))]
    starts[0] = 0
    return starts
