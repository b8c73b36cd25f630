"""Exact shares of hashed rows, without holding a hash for every row."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from fieldwise.data._splitmix import splitmix64

__all__ = ["hash_borders", "row_hashes"]

BLOCK_ROWS = 2**18
"""Rows hashed at a time."""

_PREFIX_BITS = 16


def row_hashes(num_rows: int, seed: int) -> Iterator[tuple[slice, NDArray[np.uint64]]]:
    """Hash the numbers of rows.

    Args:
        num_rows: how many rows there are.
        seed: another seed gives other hashes.

    Yields:
        Some rows, and their hashes; those of different rows differ.
    """
    for start in range(0, num_rows, BLOCK_ROWS):
        rows = slice(start, min(start + BLOCK_ROWS, num_rows))
        yield rows, splitmix64(np.arange(rows.start, rows.stop, dtype=np.uint64), seed)


def hash_borders(num_rows: int, seed: int, ranks: Sequence[int]) -> NDArray[np.uint64]:
    """Find the hashes that cut off exact numbers of rows.

    Examples:
        >>> border, = hash_borders(10, seed=0, ranks=[3])
        >>> sum(int((hashes < border).sum()) for _, hashes in row_hashes(10, seed=0))
        3

    Args:
        num_rows: how many rows there are.
        seed: of the hashes.
        ranks: how many hashes must be below each border, fewer than ``num_rows``.

    Returns:
        The borders, in the order of ``ranks``.
    """
    shift = np.uint64(64 - _PREFIX_BITS)
    counts = np.zeros(1 << _PREFIX_BITS, dtype=np.int64)
    for _, hashes in row_hashes(num_rows, seed):
        prefixes = (hashes >> shift).astype(np.intp)
        counts += np.bincount(prefixes, minlength=len(counts))
    ends = np.cumsum(counts)
    places = np.searchsorted(ends, ranks, side="right")
    near = np.isin(np.arange(len(counts)), places)
    kept = [
        hashes[near[(hashes >> shift).astype(np.intp)]]
        for _, hashes in row_hashes(num_rows, seed)
    ]
    ordered = np.sort(np.concatenate(kept))
    # How many hashes below each border are left out because their prefix is smaller.
    skipped = np.where(near, 0, counts).cumsum()[places]
    return np.asarray(ordered[np.asarray(ranks) - skipped])
