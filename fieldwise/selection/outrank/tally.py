"""How often values of a column were seen, in bounded memory.

Up to a bound every value is counted. From then on those are whose hash starts with a
zero bit, then with two, and so on: a sample of the different values, each with its full
count. The number of values is the size of the sample times its inverse share; with
131,072 values or more in the sample its standard error is below 0.3 %.

Source: Flajolet, "On Adaptive Sampling", Computing 43, 1990 (Wegman's algorithm).
"""

from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["MAX_VALUES", "Tally"]

MAX_VALUES = 2**18
"""Values that are all counted."""

_BITS = 64


@final
class Tally:
    """Counts values that are told apart by a 64-bit hash.

    Examples:
        >>> tally = Tally()
        >>> for values in (["a", "b"], ["a", "c"]):
        ...     hashes = pl.Series("value", values).hash().to_frame().lazy()
        ...     tally.add(tally.plan(hashes).collect())
        >>> tally.num_values, np.sort(tally.counts())
        (3, array([1, 1, 2]))

    Args:
        max_values: most values in memory, once added up.
    """

    def __init__(self, max_values: int = MAX_VALUES) -> None:
        self._max_values = max_values
        self._parts = [pl.DataFrame(schema={"value": pl.UInt64, "count": pl.Int64})]
        self._num_bits = 0

    def plan(self, hashes: pl.LazyFrame) -> pl.LazyFrame:
        """The query that counts some values; those of many columns run side by side.

        Args:
            hashes: column ``value``; null is no value.

        Returns:
            Columns ``value`` and ``count``.
        """
        known = hashes.filter(pl.col("value").is_not_null() & self._is_sampled)
        return known.group_by("value").agg(count=pl.len().cast(pl.Int64))

    def add(self, counts: pl.DataFrame) -> None:
        """Add counts.

        Args:
            counts: what ``plan`` found.
        """
        self._parts.append(counts)
        known, *waiting = map(len, self._parts)
        # Waiting for as many as are known keeps the work linear.
        if sum(waiting) > known:
            self._merge()

    @property
    def is_exact(self) -> bool:
        """Whether every value is counted."""
        self._merge()
        return self._num_bits == 0

    @property
    def num_values(self) -> int:
        """Different values; an estimate from the bound on."""
        self._merge()
        return len(self._parts[0]) << self._num_bits

    def counts(self) -> NDArray[np.int64]:
        """How often each value was seen; of a sample of the values from the bound on.

        Returns:
            One count per value, in no order.
        """
        self._merge()
        return self._parts[0]["count"].to_numpy()

    @property
    def _is_sampled(self) -> pl.Expr:
        largest = (1 << (_BITS - self._num_bits)) - 1
        return pl.col("value") <= pl.lit(largest, pl.UInt64)

    def _merge(self) -> None:
        if len(self._parts) == 1:
            return
        added = pl.concat(self._parts).group_by("value").agg(pl.col("count").sum())
        while len(added) > self._max_values:
            self._num_bits += 1
            added = added.filter(self._is_sampled)
        self._parts = [added]
