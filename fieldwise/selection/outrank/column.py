"""A column of some rows as integers, and several columns as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_CELLS_PER_ROW", "Column", "combine", "renumber"]

MAX_CELLS_PER_ROW = 8
"""Tables of counts with more cells than that are sorted instead."""

Codes = NDArray[np.intp]


@final
@dataclass(frozen=True, slots=True)
class Column:
    """A column as integers: equal values have equal codes.

    Args:
        codes: one per row, from 0 on, ``(row,)``.
        size: more than every code.
    """

    codes: Codes
    size: int

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: Codes) -> "Column":
        """Choose rows.

        Args:
            rows: their numbers, in any order.

        Returns:
            The column of these rows.
        """
        return Column(self.codes[rows], self.size)


def renumber(codes: Codes, size: int) -> Column:
    """Close the gaps between codes.

    Examples:
        >>> renumber(np.array([7, 2, 7]), 8)
        Column(codes=array([1, 0, 1]), size=2)

    Args:
        codes: one per row, from 0 on.
        size: more than every code.

    Returns:
        A column whose size is the number of its different codes.
    """
    if size > MAX_CELLS_PER_ROW * len(codes):
        distinct, numbers = np.unique(codes, return_inverse=True)
        return Column(numbers, len(distinct))
    is_seen = np.zeros(size, dtype=np.intp)
    is_seen[codes] = 1
    ends = np.cumsum(is_seen)
    return Column(ends[codes] - 1, int(ends[-1]) if size else 0)


def combine(columns: Sequence[Column]) -> Column:
    """Make one column whose values are the tuples of the values of several.

    Codes are combined, not texts: ("1", "23") and ("12", "3") stay apart.

    Examples:
        >>> site = Column(np.array([0, 0, 1, 0]), 2)
        >>> hour = Column(np.array([0, 2, 2, 0]), 3)
        >>> combine([site, hour])
        Column(codes=array([0, 1, 2, 0]), size=3)

    Args:
        columns: at least one.

    Returns:
        The column of tuples.
    """
    joint, *others = columns
    for other in others:
        codes = joint.codes * other.size + other.codes
        joint = renumber(codes, joint.size * other.size)
    return joint
