"""A table of any size, a bounded number of rows at a time."""

from collections.abc import Iterator, Sequence

import polars as pl

from fieldwise.data._windows import one_ahead, windows

__all__ = ["CHUNK_ROWS", "read_chunks"]

CHUNK_ROWS = 2**17
"""Rows read at a time: enough for vectorised work, few enough for memory."""

CHUNK_CELLS = 2**25
"""Numbers read at a time: wide tables are read in fewer rows."""


def read_chunks(
    frame: pl.LazyFrame,
    columns: Sequence[pl.Expr],
    *,
    max_rows: int,
    width: int,
) -> Iterator[pl.DataFrame]:
    """Read some columns in order, without ever holding the whole table.

    At most three chunks are alive: the one in use, the next one, and what the reader
    decodes it from. Where a Parquet file has row groups larger than a chunk, memory
    is bounded by those.

    Args:
        frame: the table.
        columns: what to read of it.
        max_rows: most rows at a time.
        width: numbers one row holds.

    Returns:
        The chunks.
    """
    num_rows = max(1, min(max_rows, CHUNK_CELLS // max(1, width)))
    return one_ahead(_joined(windows(frame, columns, num_rows), num_rows))


def _joined(parts: Iterator[pl.DataFrame], num_rows: int) -> Iterator[pl.DataFrame]:
    """Small parts together: where few rows were chosen, a chunk would hold few."""
    waiting: list[pl.DataFrame] = []
    size = 0
    for part in parts:
        if size + len(part) > num_rows:
            yield pl.concat(waiting)
            waiting, size = [], 0
        waiting.append(part)
        size += len(part)
    if waiting:
        yield pl.concat(waiting)
