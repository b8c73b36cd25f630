"""Where values stand in a column of distinct values, for many values at once.

A Polars look-up hashes the whole vocabulary anew for every chunk of rows. This index
is built once: the sorted 64-bit hashes, and for every prefix of a hash the place where
hashes with that prefix start, so that a look-up touches about one hash. What it finds
is compared with the value itself: equal hashes decide nothing.
"""

from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["ABSENT", "HashIndex"]

ABSENT = 0
"""Number of what is not among the values."""

_BITS = 64


@final
class HashIndex:
    """Finds values in about 25 bytes per value. Read-only, so threads share it.

    Examples:
        >>> HashIndex(pl.Series(["b", "a"])).find(pl.Series(["a", "b", "new"])).tolist()
        [2, 1, 0]

    Args:
        values: distinct values; null may be one of them, but is never found.

    Attributes:
        seed: of the hashes.
    """

    def __init__(self, values: pl.Series) -> None:
        self._values = values
        hashes, order, self.seed = _distinct_hashes(values)
        # Two to four prefixes per value: most of what is absent shares none with any.
        prefix_bits = len(values).bit_length() + 1
        self._shift = np.uint64(_BITS - prefix_bits)
        sizes = np.bincount(self._prefixes(hashes), minlength=1 << prefix_bits)
        self._starts = np.zeros(len(sizes) + 1, dtype=np.int32)
        np.cumsum(sizes, out=self._starts[1:])
        # A last entry for prefixes no hash has; the comparison of values refuses it.
        self._hashes = np.append(hashes, np.uint64(0))
        self._order = np.append(order, 0).astype(np.int32)

    def __len__(self) -> int:
        return len(self._values)

    def find(self, values: pl.Series) -> NDArray[np.int32]:
        """Find values.

        Args:
            values: of the same type.

        Returns:
            The number of each, counted from 1, ``(row,)``; ``ABSENT`` if it is none.
        """
        return self.find_hashed(values, _hashes(values, self.seed))

    def find_hashed(
        self, values: pl.Series, hashes: NDArray[np.uint64]
    ) -> NDArray[np.int32]:
        """Find values whose hashes are known.

        Args:
            values: of the same type.
            hashes: of each, with the seed of this index.

        Returns:
            What ``find`` returns.
        """
        if not len(self._values):
            return np.full(len(values), ABSENT, dtype=np.int32)
        found = self._order.take(self._places(hashes))
        # Unsigned, so that Polars does not look for places counted from the end.
        is_same = self._values[pl.Series(found.view(np.uint32))] == values
        if is_same.null_count():
            is_same = is_same.fill_null(value=False)
        # A product, and no choice: a processor cannot guess which values are absent.
        found += 1
        found *= is_same.to_numpy()
        return found

    def find_by_hashes(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Find hashes, whatever values they are of.

        Args:
            hashes: with the seed of this index, ``(row,)``.

        Returns:
            The number of the value with the same hash, counted from 1, null included;
            ``ABSENT`` if no value has it.
        """
        if not len(self._values):
            return np.full(len(hashes), ABSENT, dtype=np.int32)
        places = self._places(hashes)
        found = self._order.take(places)
        found += 1
        found *= self._hashes.take(places) == hashes
        return found

    def _places(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Place of each hash in the sorted ones, or of another hash."""
        prefixes = self._prefixes(hashes)
        places = self._starts.take(prefixes)
        rows = np.flatnonzero(self._hashes.take(places) != hashes)
        following = places[rows] + 1
        ends = self._starts.take(prefixes[rows] + 1)
        while len(rows):
            is_open = np.flatnonzero(following < ends)
            rows, following, ends = rows[is_open], following[is_open], ends[is_open]
            places[rows] = following
            missed = np.flatnonzero(self._hashes.take(following) != hashes[rows])
            rows, following, ends = rows[missed], following[missed] + 1, ends[missed]
        return places

    def _prefixes(self, hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
        return (hashes >> self._shift).astype(np.intp)


def _hashes(values: pl.Series, seed: int) -> NDArray[np.uint64]:
    return values.hash(seed).to_numpy()


def _distinct_hashes(
    values: pl.Series,
) -> tuple[NDArray[np.uint64], NDArray[np.intp], int]:
    """Hashes in order, the place of each, and the seed that makes them all differ."""
    seed = 0
    while True:
        hashes = _hashes(values, seed)
        order = np.argsort(hashes)
        hashes = hashes[order]
        if not (hashes[1:] == hashes[:-1]).any():
            return hashes, order, seed
        seed += 1
