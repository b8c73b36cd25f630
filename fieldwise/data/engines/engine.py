"""What an engine must offer, beside the lazy frames that Narwhals speaks to.

Counting, sampling, joining and reading in order are written once, in Narwhals. What
Narwhals has no word for is here: the number of a row, sending a small table to the
engine, keeping a result for several queries, and the end of a list.
"""

from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

import narwhals as nw
import polars as pl

from fieldwise.data._polars_types import Schema as ColumnTypes

__all__ = ["ROW", "Engine", "collect"]

ROW = "__fieldwise_row__"
"""The column that numbers the rows from 0, in the order of the files and their rows."""


@runtime_checkable
class Engine(Protocol):
    """A table on an engine, and what can be done there."""

    @property
    def table(self) -> nw.LazyFrame[Any]:
        """All rows: the raw columns and ``ROW``, in no order."""

    @property
    def types(self) -> ColumnTypes:
        """Types of the raw columns, as Polars reads them."""

    @property
    def num_rows(self) -> int:
        """Rows of the table."""

    def upload(self, frame: pl.DataFrame) -> nw.LazyFrame[Any]:
        """Send a table to the engine.

        Args:
            frame: as large as one machine may hold.

        Returns:
            The same table.
        """

    def kept(
        self, frame: nw.LazyFrame[Any], *, ordered: bool
    ) -> AbstractContextManager[nw.LazyFrame[Any]]:
        """Compute a table once for all queries of a ``with`` block.

        Args:
            frame: the query.
            ordered: whether to sort by ``ROW``, so that ranges of it are found quickly.

        Returns:
            A context that gives the computed table.
        """

    def last_items(
        self, frame: nw.LazyFrame[Any], column: str, max_length: int
    ) -> nw.LazyFrame[Any]:
        """Keep the end of every list.

        Args:
            frame: has the column.
            column: lists.
            max_length: items to keep.

        Returns:
            The frame with shorter lists; null and empty lists stay.
        """


def collect(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    """Run a query and bring its result here.

    Examples:
        >>> collect(nw.from_native(pl.LazyFrame({"x": [1]}))).rows()
        [(1,)]

    Args:
        frame: the query; its result must fit into memory.

    Returns:
        The result.
    """
    result: pl.DataFrame = frame.collect(backend="polars").to_native()
    return result
