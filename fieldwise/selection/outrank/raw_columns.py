"""Raw rows as a ranking looks at them: hashes of values, and numbers."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import final

import polars as pl

from fieldwise.data.columns import read_numbers
from fieldwise.data.values import is_missing
from fieldwise.schema import NumericField, Schema
from fieldwise.schema.field import VectorField

__all__ = ["RawColumns", "in_blocks", "number_name", "value_name"]

_DICTIONARIES = (pl.Categorical, pl.Enum)
_NOT_HASHED = (pl.Struct, pl.Object)
_EMPTY_TEXTS = ["", "{}"]


def value_name(column: str) -> str:
    """Name the column of hashes of a raw column.

    Args:
        column: the raw column.

    Returns:
        The name.
    """
    return f"value {column}"


def number_name(column: str) -> str:
    """Name the column of numbers of a raw column.

    Args:
        column: the raw column.

    Returns:
        The name.
    """
    return f"number {column}"


@final
class RawColumns:
    """What a ranking reads of the columns of a table.

    Examples:
        >>> table = pl.DataFrame({"site": ["a", "", None], "click": [0, 1, 1]})
        >>> columns = RawColumns(table.lazy(), Schema.infer(table, label="click"))
        >>> columns.names, columns.missing(table)
        (['site', 'click'], [2, 0])

    Args:
        frame: the table.
        schema: its fields and labels.
        hidden: other columns that nothing is told about.

    Attributes:
        names: columns whose values can be told apart.
        numbers: fields and labels that are quantities.
        left_out: fields that cannot be ranked, vectors.
    """

    def __init__(
        self, frame: pl.LazyFrame, schema: Schema, *, hidden: Collection[str] = ()
    ) -> None:
        self._types = frame.collect_schema()
        self.names = [
            name
            for name, dtype in self._types.items()
            if dtype not in _NOT_HASHED and name not in hidden
        ]
        quantities = [f.name for f in schema if isinstance(f, NumericField)]
        self.numbers = quantities + [x.name for x in schema.labels if x.kind == "real"]
        self.left_out = [f.name for f in schema if isinstance(f, VectorField)]

    def look(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Hash values and read numbers.

        Args:
            rows: of the table.

        Returns:
            Hashes of 64 bits by ``value_name``, null where there is no value, and
            numbers by ``number_name``, NaN where there is none.
        """
        numbers = [
            pl.Series(number_name(name), read_numbers(rows[name]))
            for name in self.numbers
        ]
        return rows.select(map(self._hash, self.names)).with_columns(numbers)

    def missing(self, rows: pl.DataFrame) -> list[int]:
        """Count missing values: null, NaN, empty text and ``{}``.

        Args:
            rows: of the table.

        Returns:
            One count per name.
        """
        return list(rows.select(map(self._num_missing, self.names)).row(0))

    def _hash(self, name: str) -> pl.Expr:
        values, dtype = pl.col(name), self._types[name]
        plain = values.cast(pl.String) if dtype in _DICTIONARIES else values
        known = pl.when(~is_missing(values, dtype)).then(plain.hash())
        return known.alias(value_name(name))

    def _num_missing(self, name: str) -> pl.Expr:
        values, dtype = pl.col(name), self._types[name]
        nothing = is_missing(values, dtype)
        if dtype == pl.String:
            nothing |= values.is_in(_EMPTY_TEXTS).fill_null(value=True)
        return nothing.sum()


def in_blocks(tables: Iterable[pl.DataFrame], num_rows: int) -> Iterator[pl.DataFrame]:
    """Cut tables of any lengths into tables of one length.

    Examples:
        >>> parts = [pl.DataFrame({"x": [1, 2, 3]}), pl.DataFrame({"x": [4, 5]})]
        >>> [block["x"].to_list() for block in in_blocks(parts, 2)]
        [[1, 2], [3, 4], [5]]

    Args:
        tables: rows in order.
        num_rows: of each block.

    Yields:
        The rows, in order; the last block may be shorter.
    """
    waiting: Sequence[pl.DataFrame] = []
    for table in tables:
        rows = pl.concat([*waiting, table])
        whole = len(rows) - len(rows) % num_rows
        for start in range(0, whole, num_rows):
            yield rows.slice(start, num_rows)
        waiting = [rows.slice(whole)]
    for rows in waiting:
        if len(rows):
            yield rows
