"""Counts of values on disk, for fields with more values than memory should hold.

Every run of counts is sorted by a prefix of the values' hashes and written to a
Parquet file. All counts of one value then stand in the same narrow range of each run,
so that the runs are added up range by range, and no more than a range is in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["SpilledCounts"]

PREFIX_BITS = 12
"""A range is one prefix at least: four thousandths of what a table can hold."""

RANGE_ROWS = 2**19
"""Counts to read at a time, of all runs together."""

ROW_GROUP = 2**15
"""Counts that are read from disk together at least."""


@final
@dataclass(frozen=True, slots=True)
class _Run:
    """One file of counts.

    Args:
        path: where it is.
        starts: first row of every prefix, and the number of rows.
    """

    path: Path
    starts: NDArray[np.int64]

    def read(self, first: int, last: int) -> pl.DataFrame:
        """The counts of some prefixes, the last one excluded."""
        start, stop = int(self.starts[first]), int(self.starts[last])
        return (
            pl.scan_parquet(self.path, glob=False)
            .slice(start, stop - start)
            .collect(engine="streaming")
        )


@final
class SpilledCounts:
    """Takes counts, and gives them back with those of one value together.

    Examples:
        >>> with SpilledCounts() as spilled:
        ...     spilled.add(pl.DataFrame({"value": ["a", "b"], "count": [1, 2]}))
        ...     spilled.add(pl.DataFrame({"value": ["a"], "count": [3]}))
        ...     sum(part["count"].sum() for part in spilled.ranges())
        6
    """

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="fieldwise-counts-")
        self._runs: list[_Run] = []

    def add(self, counts: pl.DataFrame) -> None:
        """Write counts to disk.

        Args:
            counts: columns ``value`` and ``count``; NaN and null are one value.
        """
        if counts.is_empty():
            return
        value = pl.col("value")
        known = value.fill_nan(None) if counts["value"].dtype.is_float() else value
        hashes = counts.select(known.hash()).to_series().to_numpy()
        prefixes = (hashes >> np.uint64(64 - PREFIX_BITS)).astype(np.uint16)
        ordered = counts[pl.Series(np.argsort(prefixes, kind="stable"))]
        sizes = np.bincount(prefixes, minlength=1 << PREFIX_BITS)
        run = _Run(
            Path(self._folder.name, f"{len(self._runs)}.parquet"),
            np.concatenate([[0], np.cumsum(sizes)]),
        )
        ordered.write_parquet(
            run.path, compression="lz4", statistics=False, row_group_size=ROW_GROUP
        )
        self._runs.append(run)

    def ranges(self) -> Iterator[pl.DataFrame]:
        """Read all counts back.

        Yields:
            Counts; those of one value stand in one part, if perhaps not in one row.
        """
        if not self._runs:
            return
        starts = np.sum([run.starts for run in self._runs], axis=0)
        first = 0
        while first < len(starts) - 1:
            # As many prefixes as fit, but one at least.
            limit = starts[first] + RANGE_ROWS
            last = int(np.searchsorted(starts, limit, side="right")) - 1
            last = max(last, first + 1)
            yield pl.concat(run.read(first, last) for run in self._runs)
            first = last

    def close(self) -> None:
        """Delete the files."""
        self._folder.cleanup()

    def __enter__(self) -> "SpilledCounts":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
