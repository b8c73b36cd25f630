"""Small pieces of large tables, freed from the memory of the tables."""

from typing import cast

import polars as pl

__all__ = ["compact"]

_SHARED = (pl.String, pl.Binary, pl.List)
_INLINE_BYTES = 12


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Copy text and lists.

    Polars cuts rows out of a table without copying text: a thousand rows of a gigabyte
    keep the gigabyte alive. A copy by way of Arrow's oldest form keeps its own only.

    Args:
        frame: rows cut out of a larger table.

    Returns:
        The same rows.
    """
    oldest = pl.CompatLevel.oldest()
    return frame.with_columns(
        cast("pl.Series", pl.from_arrow(column.to_arrow(compat_level=oldest))).alias(
            column.name
        )
        for column in frame
        if column.dtype in _SHARED and not _is_inline(column)
    )


def _is_inline(column: pl.Series) -> bool:
    """Whether all text is so short that it stands in the rows themselves."""
    if column.dtype != pl.String:
        return False
    longest = column.str.len_bytes().max()
    return not isinstance(longest, int) or longest <= _INLINE_BYTES
