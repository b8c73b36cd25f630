"""How often each pair of values was seen in the rows of a dataset."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import check_positive
from fieldwise.data.dataset import Dataset
from fieldwise.errors import SchemaError

__all__ = ["CrossCounts", "count_crosses"]

BLOCK_ROWS = 2**17
"""Rows counted at a time."""


@final
@dataclass(frozen=True, slots=True)
class CrossCounts:
    """The frequent pairs of values of some pairs of fields.

    Args:
        pairs: names of the two fields of each pair.
        keys: of the frequent pairs of values, in order, for each pair of fields: the
            index of the first value, times the size of the second field, plus the index
            of the second value; both indices count from 0 in their own field.
        counts: rows that have each of them.
        rare_rows: of each pair of fields, rows whose pair of values is not frequent.
    """

    pairs: tuple[tuple[str, str], ...]
    keys: tuple[NDArray[np.int64], ...]
    counts: tuple[NDArray[np.int64], ...]
    rare_rows: tuple[int, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Rows a table needs for each pair of fields, with one for rare values."""
        return tuple(len(keys) + 1 for keys in self.keys)

    def of(self, pairs: Sequence[tuple[str, str]]) -> "CrossCounts":
        """Keep what was counted of some pairs of fields.

        Args:
            pairs: names of the two fields of each.

        Returns:
            Their counts, in the order of ``pairs``.
        """
        places = [self.pairs.index(pair) for pair in pairs]
        return CrossCounts(
            pairs=tuple(pairs),
            keys=tuple(self.keys[place] for place in places),
            counts=tuple(self.counts[place] for place in places),
            rare_rows=tuple(self.rare_rows[place] for place in places),
        )


def count_crosses(
    dataset: Dataset, pairs: Sequence[tuple[str, str]], *, min_count: int = 1
) -> CrossCounts:
    """Count pairs of values, block by block.

    Memory holds the different pairs of values of all pairs of fields, about three times
    at most, and one block of rows.

    Examples:
        >>> from fieldwise.schema import CategoricalField, Schema
        >>> schema = Schema(
        ...     tuple(
        ...         CategoricalField(name, num_features=3, value_type="string")
        ...         for name in ("site", "device")
        ...     )
        ... )
        >>> rows = np.array([[1, 4], [1, 4], [2, 3]], dtype=np.int32)
        >>> found = count_crosses(
        ...     Dataset(schema, rows, labelled=False), [("site", "device")], min_count=2
        ... )
        >>> found.keys[0].tolist(), found.counts[0].tolist(), found.rare_rows
        ([4], [2], (1,))

    Args:
        dataset: encoded rows.
        pairs: names of two index fields each.
        min_count: pairs of values with fewer rows are rare.

    Returns:
        The counts; the same for the same rows in any order.

    Raises:
        ValueError: if ``min_count`` is not positive.
        SchemaError: if a pair is none of two index fields.
    """
    check_positive("min_count", min_count)
    schema = dataset.schema
    names = [field.name for field in schema.index_fields]
    unknown = [pair for pair in pairs if not set(pair) <= set(names)]
    if unknown:
        message = f"pairs must be of index fields {names}, got {unknown}."
        raise SchemaError(message)
    places = [(names.index(left), names.index(right)) for left, right in pairs]
    offsets = np.array(schema.table_offsets[: len(names)], dtype=np.int64)
    tallies = [_Tally() for _ in pairs]
    for start in range(0, len(dataset), BLOCK_ROWS):
        block = dataset.rows[start : start + BLOCK_ROWS, : len(names)]
        # Each column by itself, in 64 bits: a pair of values may need them.
        columns = np.ascontiguousarray((block - offsets).T)
        for tally, (left, right) in zip(tallies, places, strict=True):
            tally.add(columns[left] * schema.table_sizes[right] + columns[right])
    found = [tally.frequent(min_count) for tally in tallies]
    return CrossCounts(
        pairs=tuple(pairs),
        keys=tuple(keys for keys, _ in found),
        counts=tuple(counts for _, counts in found),
        rare_rows=tuple(len(dataset) - int(counts.sum()) for _, counts in found),
    )


@final
class _Tally:
    """Counts of keys that come in parts."""

    def __init__(self) -> None:
        self._keys = np.empty(0, dtype=np.int64)
        self._counts = np.empty(0, dtype=np.int64)
        self._waiting: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
        self._num_waiting = 0

    def add(self, keys: NDArray[np.int64]) -> None:
        different, counts = np.unique(keys, return_counts=True)
        self._waiting.append((different, counts))
        self._num_waiting += len(different)
        # Merging waits until it is worth it: a key is then merged a few times only.
        if self._num_waiting > len(self._keys):
            self._merge()

    def frequent(self, min_count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        self._merge()
        is_frequent = self._counts >= min_count
        return self._keys[is_frequent], self._counts[is_frequent]

    def _merge(self) -> None:
        parts = [(self._keys, self._counts), *self._waiting]
        self._waiting, self._num_waiting = [], 0
        keys, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
        if not len(keys):
            return
        order = np.argsort(keys, kind="stable")
        keys, counts = keys[order], counts[order]
        starts = np.flatnonzero(np.diff(keys, prepend=keys[0] - 1))
        self._keys, self._counts = keys[starts], np.add.reduceat(counts, starts)
