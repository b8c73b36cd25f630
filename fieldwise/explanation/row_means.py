"""Means over rows that are read batch by batch."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from fieldwise.batch import Batch
from fieldwise.errors import DataError
from fieldwise.explanation.baselines import BaselineModel
from fieldwise.sensitivity import Embedded

__all__ = ["Array", "row_means"]

Array = NDArray[np.float64]


def row_means(
    model: BaselineModel,
    batches: Iterable[Batch | Embedded],
    sums_of: Callable[[Embedded], tuple[Array, ...]],
) -> list[Array]:
    """Average what is measured of rows.

    Args:
        model: embeds the rows.
        batches: the rows.
        sums_of: measures some rows, at least one, and adds up over them.

    Returns:
        Each of the sums over all rows, by their number.

    Raises:
        DataError: if there is no row.
    """
    sums, num_rows = list[Array](), 0
    for batch in batches:
        rows = model.embed(batch)
        if not len(rows):
            continue
        found = sums_of(rows)
        sums = [a + b for a, b in zip(sums, found, strict=True)] if sums else [*found]
        num_rows += len(rows)
    if not num_rows:
        message = "batches must hold at least one row, got none."
        raise DataError(message)
    return [total / num_rows for total in sums]
