"""Blocks of rows of about equal time, exact where a border may fall.

Sorting a column of a hundred million times takes gigabytes. A sample of the times cuts
them into some thousand ranges instead; the few ranges a border may fall into are then
counted value by value.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["TimeBlocks"]

MAX_CUTS = 2**13
"""Ranges of times to count apart."""

Chunks = Callable[[], Iterator[pl.Series]]


@final
class TimeBlocks:
    """Divides times into blocks; equal times are in one block.

    Examples:
        >>> blocks = TimeBlocks(lambda: iter([pl.Series([3, 1]), pl.Series([3, 2])]))
        >>> sizes = blocks.refine([1.0])
        >>> sizes.tolist(), blocks.find(pl.Series([1, 3])).tolist()
        ([1, 1, 2], [0, 2])

    Args:
        chunks: reads the times again with each call; null is no time.
    """

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self.num_rows = 0
        sample: list[pl.Series] = []
        least: list[pl.Series] = []
        step = 1
        for chunk in chunks():
            first = -self.num_rows % step
            self.num_rows += len(chunk)
            known = chunk.drop_nulls()
            if len(known):
                least.append(known.filter(known == known.min()).head(1))
            sample.append(chunk.gather_every(step, first).drop_nulls())
            while self.num_rows // step > MAX_CUTS:
                step *= 2
                sample = [pl.concat(sample).gather_every(2)]
        cuts = pl.concat([*sample, *least]) if sample else pl.Series(dtype=pl.Int64)
        self._lows = cuts.unique().sort()

    def refine(self, targets: Sequence[float]) -> NDArray[np.int64]:
        """Tell apart all times near the borders of some shares of rows.

        Args:
            targets: rows to cut off, counted from the latest time.

        Returns:
            Rows of each block, earliest first; a block is one time, except far from
            the latest time and from all targets.
        """
        sizes = self._count()
        near = np.zeros(len(sizes), dtype=bool)
        near[_near(sizes, targets)] = True
        apart = [
            chunk.filter(pl.Series(near[self.find(chunk)])).unique()
            for chunk in self._known()
        ]
        together = self._lows.filter(pl.Series(~near & (sizes > 0)))
        self._lows = pl.concat([together, *apart]).unique().sort()
        return self._count()

    def find(self, times: pl.Series) -> NDArray[np.int64]:
        """The block of each time.

        Args:
            times: not null.

        Returns:
            Numbers of blocks, ``(row,)``.
        """
        places = self._lows.search_sorted(times, side="right")
        return places.to_numpy().astype(np.int64) - 1

    def _known(self) -> Iterator[pl.Series]:
        for chunk in self._chunks():
            yield chunk.drop_nulls()

    def _count(self) -> NDArray[np.int64]:
        sizes = np.zeros(len(self._lows), dtype=np.int64)
        for chunk in self._known():
            sizes += np.bincount(self.find(chunk), minlength=len(sizes))
        return sizes


def _near(sizes: NDArray[np.int64], targets: Sequence[float]) -> NDArray[np.intp]:
    """Blocks that are, or are beside, the latest one or one a target falls into."""
    filled = np.flatnonzero(sizes)[::-1]
    ends = np.cumsum(sizes[filled])
    places = np.append(np.searchsorted(ends, targets), 0)
    beside = np.add.outer(places, [-1, 0, 1]).ravel()
    return np.asarray(filled[beside[(beside >= 0) & (beside < len(filled))]])
