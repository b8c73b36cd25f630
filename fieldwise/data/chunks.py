"""A table of any size, a bounded number of rows at a time."""

from collections.abc import Iterator, Sequence

import polars as pl

__all__ = ["CHUNK_ROWS", "read_chunks"]

CHUNK_ROWS = 200_000
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

    Args:
        frame: the table.
        columns: what to read of it.
        max_rows: most rows at a time.
        width: numbers one row holds.

    Returns:
        The chunks.
    """
    num_rows = max(1, min(max_rows, CHUNK_CELLS // max(1, width)))
    chosen = frame.select(*columns)
    return iter(chosen.collect_batches(chunk_size=num_rows, maintain_order=True))
