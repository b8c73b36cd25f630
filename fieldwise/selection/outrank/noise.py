"""Columns that know nothing, to see what knowing nothing scores.

Source: the noise baselines of OutRank, https://github.com/outbrain/outrank.
Differences: a Gaussian, a uniform number, the number of the row and a hash of it are
one control here: as categories all are rows that differ.
"""

from collections.abc import Iterator

import numpy as np

from fieldwise.selection.outrank.column import Column, renumber

__all__ = ["LABEL_COPY", "NOISE", "noise_columns"]

LABEL_COPY = "copy of the label"
"""The control that knows everything."""

NUM_VALUES = (1, 2, 101, 2001, 10001, 50001)

NOISE = (
    "a constant",
    *(f"noise of {number:,} values" for number in NUM_VALUES[1:]),
    "noise that never repeats",
)
"""Names of the controls that know nothing."""


def noise_columns(num_rows: int, *, seed: int) -> Iterator[Column]:
    """Draw the controls that know nothing.

    Args:
        num_rows: of each.
        seed: the same gives the same columns.

    Yields:
        One column per name in ``NOISE``.
    """
    random = np.random.default_rng([seed, num_rows])
    for number in NUM_VALUES:
        codes = random.integers(number, size=num_rows, dtype=np.intp)
        yield renumber(codes, number)
    yield Column(np.arange(num_rows, dtype=np.intp), num_rows)
