"""Medians of numbers that come block by block, not all of them in each."""

from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Medians"]


@final
class Medians:
    """Collects numbers of some items, and tells the median of each.

    Examples:
        >>> medians = Medians(3)
        >>> medians.add(np.array([0, 1]), np.array([0.5, 0.2]))
        >>> medians.add(np.array([1]), np.array([0.4]))
        >>> medians.values().round(2), medians.counts
        (array([0.5, 0.3, nan]), array([1, 2, 0]))

    Args:
        num_items: how many there are.
    """

    def __init__(self, num_items: int) -> None:
        self._num_items = num_items
        self._places = [np.empty(0, dtype=np.intp)]
        self._numbers = [np.empty(0, dtype=np.float64)]

    def add(self, places: NDArray[np.intp], numbers: NDArray[np.float64]) -> None:
        """Take the numbers of one block.

        Args:
            places: of the items, each once.
            numbers: one per place.
        """
        self._places.append(places)
        self._numbers.append(numbers)

    @property
    def counts(self) -> NDArray[np.intp]:
        """Numbers there are of each item."""
        return np.bincount(np.concatenate(self._places), minlength=self._num_items)

    def values(self) -> NDArray[np.float64]:
        """The medians, the same for any order of blocks.

        Returns:
            One per item; NaN for an item that never came.
        """
        places, numbers = np.concatenate(self._places), np.concatenate(self._numbers)
        ordered = numbers[np.lexsort((numbers, places))]
        counts = self.counts
        starts = np.cumsum(counts) - counts
        medians = np.full(self._num_items, np.nan)
        seen = counts > 0
        low = (starts + (counts - 1) // 2)[seen]
        high = (starts + counts // 2)[seen]
        medians[seen] = (ordered[low] + ordered[high]) / 2
        return medians
