"""Value -> row of the shared table, for single values, in 12 bytes per value.

A Polars look-up hashes a whole vocabulary for each call, and a Python dictionary would
cost a hundred bytes per value. Here the 64-bit hashes of all fields' values stand in
one sorted array, so that one binary search finds all values of a row; what it finds is
compared with the value itself, which the vocabulary holds anyway.
"""

from collections.abc import Hashable, Sequence
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.vocabulary import UNKNOWN, Vocabulary

__all__ = ["ValueIndex"]

SLICE_ROWS = 2**18
"""Values that become Python objects at a time, while the index is built."""

_SPREAD = 0x9E3779B97F4A7C15  # 2 ** 64 over the golden ratio


@final
class ValueIndex:
    """Finds values of several vocabularies at once. Read-only, so threads share it.

    Examples:
        >>> counts = pl.DataFrame({"value": ["a", "b", None], "count": [3, 2, 1]})
        >>> site = Vocabulary.from_counts(counts, "string", min_count=1)
        >>> index = ValueIndex([site, site], [0, 4])
        >>> index.find([0, 1, 1], ["a", "a", "new"]), index.missing_rows
        ([1, 5, 4], [3, 7])

    Args:
        vocabularies: what to look up.
        offsets: first row of each in the shared table: its unknown row.

    Attributes:
        unknown_rows: row of unknown values, by place of the vocabulary.
        missing_rows: row of missing values, by place of the vocabulary.
    """

    def __init__(
        self, vocabularies: Sequence[Vocabulary], offsets: Sequence[int]
    ) -> None:
        self._made_of = list(vocabularies), list(offsets)
        self._values = [vocabulary.values for vocabulary in vocabularies]
        self._sizes = [len(values) for values in self._values]
        self._firsts = [offset + UNKNOWN + 1 for offset in offsets]
        self._salts = [_salt(place) for place in range(len(offsets))]
        self.unknown_rows = [offset + UNKNOWN for offset in offsets]
        self.missing_rows = [
            first + place if (place := _null_place(values)) is not None else unknown
            for values, first, unknown in zip(
                self._values, self._firsts, self.unknown_rows, strict=True
            )
        ]
        hashes = np.empty(sum(self._sizes), dtype=np.int64)
        rows = np.empty(len(hashes), dtype=np.int32)
        start = 0
        for values, first, salt in zip(
            self._values, self._firsts, self._salts, strict=True
        ):
            end = start + len(values)
            _fill_hashes(hashes[start:end], values, salt)
            rows[start:end] = np.arange(first, first + len(values), dtype=np.int32)
            start = end
        order = np.argsort(hashes)
        self._hashes, self._rows = hashes[order], rows[order]

    def __reduce__(self) -> tuple[Any, ...]:
        # Hashes of text differ from process to process: a copy must make its own.
        return ValueIndex, self._made_of

    @property
    def nbytes(self) -> int:
        """Memory of the index itself, without the vocabularies."""
        return self._hashes.nbytes + self._rows.nbytes

    def find(self, places: Sequence[int], keys: Sequence[Hashable]) -> list[int]:
        """Look values up.

        Args:
            places: which vocabulary each value is looked up in.
            keys: the values in canonical form, none missing.

        Returns:
            The row of each; the unknown row where the vocabulary does not have it.
        """
        if not len(self._hashes):
            return [self.unknown_rows[place] for place in places]
        salts = self._salts
        hashed = [
            hash(key) ^ salts[place] for place, key in zip(places, keys, strict=True)
        ]
        hashes = np.array(hashed, dtype=np.int64)
        starts = self._hashes.searchsorted(hashes)
        is_hit = self._hashes.take(starts, mode="clip") == hashes
        rows: list[int] = self._rows.take(starts, mode="clip").tolist()
        for number, is_found in enumerate(is_hit.tolist()):
            place = places[number]
            if not is_found:
                rows[number] = self.unknown_rows[place]
            elif not self._holds(place, rows[number], keys[number]):
                rows[number] = self._walk(int(starts[number]) + 1, place, keys[number])
        return rows

    def _holds(self, place: int, row: int, key: Hashable) -> bool:
        position = row - self._firsts[place]
        if not 0 <= position < self._sizes[place]:
            return False
        return bool(self._values[place][position] == key)

    def _walk(self, position: int, place: int, key: Hashable) -> int:
        """Go through the other values of the same hash: rare, but -1 and -2 are."""
        wanted = self._hashes[position - 1]
        while position < len(self._hashes) and self._hashes[position] == wanted:
            row = int(self._rows[position])
            if self._holds(place, row, key):
                return row
            position += 1
        return self.unknown_rows[place]


def _salt(place: int) -> int:
    """Sets the fields apart: the same value in two fields has two hashes."""
    salt = (place * _SPREAD) % 2**64
    return salt - 2**64 if salt >= 2**63 else salt


def _fill_hashes(hashes: NDArray[np.int64], values: pl.Series, salt: int) -> None:
    for start in range(0, len(values), SLICE_ROWS):
        part = values.slice(start, SLICE_ROWS).to_list()
        found = np.fromiter(map(hash, part), dtype=np.int64, count=len(part))
        hashes[start : start + len(part)] = found ^ np.int64(salt)


def _null_place(values: pl.Series) -> int | None:
    return values.is_null().arg_max() if values.null_count() else None
