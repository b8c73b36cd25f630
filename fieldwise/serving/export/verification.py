"""Whether an exported file says what the ranker says, row by row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.errors import DataError
from fieldwise.ranker.ranker import Ranker
from fieldwise.serving.export.wide_ranker import in_double

__all__ = ["TOLERANCE", "Verification", "check_match", "scorer_of", "verify"]

TOLERANCE = 1e-5
"""Largest difference of a probability, or of a value in standard deviations."""

CHUNK_ROWS = 4096
FIRST_CHUNKS = (0, 1, 2)
"""Rows of the first chunks: a file that was traced may not like few."""

Array = NDArray[np.float64]
Scorer = Callable[[pl.DataFrame], tuple[Array, Array]]
"""Rows to values and logits, ``(row, task)`` each."""


@final
@dataclass(frozen=True, slots=True)
class Verification:
    """How far a file and its ranker are apart.

    Args:
        num_rows: rows both have scored.
        max_difference: largest difference of a probability, or of a value of a real
            label in its standard deviations.
        max_logit_difference: largest difference of a logit.
        tolerance: how large ``max_difference`` may be.
    """

    num_rows: int
    max_difference: float
    max_logit_difference: float
    tolerance: float = TOLERANCE


def verify(
    ranker: Ranker,
    scorer: Scorer,
    rows: pl.DataFrame,
    *,
    tolerance: float = TOLERANCE,
) -> Verification:
    """Compare a file with its ranker.

    Args:
        ranker: fitted.
        scorer: the file.
        rows: raw rows.
        tolerance: noted beside the differences.

    Returns:
        The differences.
    """
    scales = np.array(
        [label.scale if label.kind == "real" else 1.0 for label in ranker.schema.labels]
    )
    apart, logits_apart = 0.0, 0.0
    for chunk in _chunks(rows):
        wanted = ranker.score(chunk)
        values, logits = scorer(chunk)
        shape = len(chunk), len(scales)
        if values.shape != shape or logits.shape != shape:
            message = f"the file must give {shape} numbers, got {values.shape}."
            raise DataError(message)
        difference = (values - wanted.values.reshape(shape)) / scales
        apart = max(apart, _largest(difference))
        logits_apart = max(
            logits_apart, _largest(logits - wanted.logits.reshape(shape))
        )
    return Verification(len(rows), apart, logits_apart, tolerance)


def _largest(differences: Array) -> float:
    # NaN on one side only is as far apart as can be.
    filled = np.nan_to_num(np.abs(differences), nan=np.inf)
    return float(filled.max(initial=0.0))


def _chunks(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    start = 0
    for size in FIRST_CHUNKS:
        yield rows.slice(start, size)
        start += size
    while start < len(rows):
        yield rows.slice(start, CHUNK_ROWS)
        start += CHUNK_ROWS


def check_match(found: Verification, ranker: Ranker, rows: pl.DataFrame) -> None:
    """Raise unless a file agrees with its ranker.

    Args:
        found: how far they are apart.
        ranker: fitted.
        rows: that both have scored.

    Raises:
        DataError: if they are further apart than ``found.tolerance``; it tells how far
            the ranker is from itself in 64 bits, which no file can be nearer to.
    """
    if found.max_difference <= found.tolerance:
        return
    own = verify(ranker, scorer_of(in_double(ranker)), rows, tolerance=found.tolerance)
    message = (
        f"the file must agree with the ranker within {found.tolerance:g}, got a "
        f"difference of {found.max_difference:.2g} on {found.num_rows} rows, so it was "
        "not written. The ranker itself, in 32 bits, is "
        f"{own.max_difference:.2g} from what it says in 64 bits: if that is as much, "
        "pass a larger tolerance."
    )
    raise DataError(message)


def scorer_of(ranker: Ranker) -> Scorer:
    """A ranker as if it were a file.

    Args:
        ranker: fitted.

    Returns:
        What scores rows.
    """

    def score(rows: pl.DataFrame) -> tuple[Array, Array]:
        found = ranker.score(rows)
        shape = len(rows), ranker.schema.num_tasks
        return found.values.reshape(shape), found.logits.reshape(shape)

    return score
