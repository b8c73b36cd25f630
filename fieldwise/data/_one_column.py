"""One column of a table: checked, and read in chunks."""

from collections.abc import Iterator

import polars as pl

from fieldwise.data.chunks import read_chunks
from fieldwise.errors import DataError

__all__ = ["check_single_values", "check_sortable", "column_chunks", "single_values"]

CHUNK_ROWS = 2**19
"""Rows of one column read at a time."""

_SHOWN = 10


def check_single_values(frame: pl.LazyFrame, column: str) -> None:
    """Raise unless a table has a column, and no lists in it.

    Args:
        frame: the table.
        column: the name.

    Raises:
        DataError: if it is missing or nested.
    """
    types = frame.collect_schema()
    if column not in types:
        message = (
            f"column must be a column of the frame, got {column!r}. The frame has "
            f"{types.names()[:_SHOWN]}."
        )
        raise DataError(message)
    if types[column].is_nested() or types[column] == pl.Object:
        message = (
            f"column must hold single values, got {column!r} with {types[column]}. "
            "Name another column."
        )
        raise DataError(message)


def check_sortable(frame: pl.LazyFrame, column: str) -> None:
    """Refuse text whose alphabetical order is not the order of time.

    Args:
        frame: the table.
        column: the column of times.

    Raises:
        DataError: if days come before years, or numbers have different lengths.
    """
    times = frame.select(x=single_values(frame, column)).drop_nulls()
    if times.collect_schema()["x"] != pl.String:
        return
    text = pl.col("x")
    facts = times.select(
        day_first=text.str.contains(r"^[0-9]{1,2}[./-]").any(),
        digits=text.str.contains(r"^[0-9]+$").all(),
        shortest=text.str.len_bytes().min(),
        longest=text.str.len_bytes().max(),
        first=text.first(),
    )
    row = facts.collect(engine="streaming").row(0, named=True)
    uneven = row["digits"] and row["shortest"] != row["longest"]
    if row["day_first"] or uneven:
        message = (
            f"column must sort by time, got {column!r} with text such as "
            f"{row['first']!r}. Write times as 2024-01-31, or parse them to dates."
        )
        raise DataError(message)


def single_values(frame: pl.LazyFrame, column: str) -> pl.Expr:
    """The values of a column, in a type that compares the same in every chunk.

    Args:
        frame: the table.
        column: the column.

    Returns:
        The values; categories as text.
    """
    dtype = frame.collect_schema()[column]
    values = pl.col(column)
    # Categories may be numbered by first appearance, which the chunks decide; a column
    # of nulls has no order to speak of.
    is_odd = isinstance(dtype, pl.Categorical | pl.Enum | pl.Null)
    return values.cast(pl.String) if is_odd else values


def column_chunks(frame: pl.LazyFrame, values: pl.Expr) -> Iterator[pl.Series]:
    """Read one column in order.

    Args:
        frame: the table.
        values: what to read of it.

    Yields:
        Its values, a bounded number at a time.
    """
    column = [values.alias("x")]
    for chunk in read_chunks(frame, column, max_rows=CHUNK_ROWS, width=1):
        yield chunk.to_series()
