"""Hashes of whole rows, in a file, to find copies among any number of rows."""

from collections.abc import Iterator, Sequence
from tempfile import TemporaryFile
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.chunks import CHUNK_ROWS, read_chunks

__all__ = ["RowHashes"]

BLOCK_ROWS = 2**20
"""Hashes read back at a time."""


@final
class RowHashes:
    """The hash of every row of a table.

    Examples:
        >>> table = pl.LazyFrame({"site": ["a", "b", "a"]})
        >>> in_train = np.array([True, True, False])
        >>> with RowHashes(table, ["site"]) as hashes:
        ...     hashes.stand_in(in_train, among=~in_train).tolist()
        [True]

    Args:
        frame: all rows.
        columns: what makes two rows the same.
    """

    def __init__(self, frame: pl.LazyFrame, columns: Sequence[str]) -> None:
        self.num_rows = 0
        self._file = TemporaryFile(prefix="fieldwise-")  # noqa: SIM115  closed at exit
        row = pl.struct(columns).hash().alias("hash")
        for chunk in read_chunks(frame, [row], max_rows=CHUNK_ROWS, width=len(columns)):
            chunk.to_series().to_numpy().tofile(self._file)
            self.num_rows += len(chunk)

    def stand_in(
        self, known: NDArray[np.bool_], *, among: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        """Tell which rows stand among others, too.

        Args:
            known: the rows to look among, ``(row,)``.
            among: the rows to look for, ``(row,)``.

        Returns:
            One answer per row of ``among``, in order.
        """
        empty = np.empty(0, dtype=np.uint64)
        wanted = np.concatenate([empty, *self._of(among)])
        distinct, places = np.unique(wanted, return_inverse=True)
        is_there = np.zeros(len(distinct), dtype=bool)
        if not len(distinct):
            return is_there
        for hashes in self._of(known):
            found = np.searchsorted(distinct, hashes)
            found[found == len(distinct)] = 0
            is_there[found[distinct[found] == hashes]] = True
        return is_there[places]

    def _of(self, rows: NDArray[np.bool_]) -> Iterator[NDArray[np.uint64]]:
        self._file.seek(0)
        for start in range(0, self.num_rows, BLOCK_ROWS):
            hashes = np.fromfile(self._file, dtype=np.uint64, count=BLOCK_ROWS)
            yield hashes[rows[start : start + BLOCK_ROWS]]

    def __enter__(self) -> "RowHashes":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
