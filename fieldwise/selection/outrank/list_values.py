"""Single values of lists: does the list of a row hold the value?

A list as a whole is one value, and long lists hardly repeat: what they say about a
label is in the values they hold.

Source: the exploded multi-value features of OutRank, https://github.com/outbrain/outrank.
Differences: which values are followed is found in the first rows of the table, so that
a ranking stays one pass in bounded memory; there, all values of a block are columns.
"""

from typing import final

import polars as pl

from fieldwise.schema import Schema, SequenceField

__all__ = ["MAX_VALUES", "SAMPLE_ROWS", "ListValues"]

MAX_VALUES = 32
"""Values of a list that are followed: those that most rows hold."""

SAMPLE_ROWS = 2**16
"""Rows, from the first on, in which they are found."""

Held = tuple[str, str | int | float | bool]


@final
class ListValues:
    """The most frequent values of the lists of a table.

    Examples:
        >>> table = pl.DataFrame({"tags": [["a"], ["b", "a"], None], "x": [0, 1, 1]})
        >>> values = ListValues(table.lazy(), Schema.infer(table, label="x"))
        >>> values.names
        (('tags', "'a'"), ('tags', "'b'"))
        >>> values.look(table).to_dict(as_series=False)
        {'held 0': [True, True, False], 'held 1': [False, True, False]}

    Args:
        frame: the table.
        schema: its fields.

    Attributes:
        names: field and value of each, the value as Python writes it.
    """

    def __init__(self, frame: pl.LazyFrame, schema: Schema) -> None:
        self._types = frame.collect_schema()
        fields = [f.name for f in schema if isinstance(f, SequenceField)]
        lists = [name for name in fields if self._types[name] != pl.Null]
        head = frame.select(map(self._list, lists)).head(SAMPLE_ROWS).collect()
        self._held = [
            (name, value) for name in lists for value in _most_frequent(head[name])
        ]
        self.names = tuple((name, repr(value)) for name, value in self._held)

    def columns(self) -> list[str]:
        """Names of the columns ``look`` gives."""
        return [f"held {place}" for place in range(len(self._held))]

    def look(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Tell which rows hold each value.

        Args:
            rows: of the table.

        Returns:
            One boolean column per value.
        """
        held = zip(self.columns(), self._held, strict=True)
        return rows.select(
            self._list(name).list.contains(value).fill_null(value=False).alias(column)
            for column, (name, value) in held
        )

    def _list(self, name: str) -> pl.Expr:
        dtype, values = self._types[name], pl.col(name)
        if isinstance(dtype, pl.Array):
            values, dtype = values.arr.to_list(), pl.List(dtype.inner)
        # Categories are compared as text.
        inner = dtype.inner if isinstance(dtype, pl.List) else None
        if isinstance(inner, pl.Categorical | pl.Enum):
            values = values.cast(pl.List(pl.String))
        return values


def _most_frequent(lists: pl.Series) -> list[str | int | float | bool]:
    """The values that most lists hold, ties in the order of the values."""
    items = lists.list.unique().list.explode().drop_nulls().alias("item")
    counts = items.to_frame().group_by("item").len("rows")
    ordered = counts.sort("rows", "item", descending=[True, False])
    return ordered["item"].head(MAX_VALUES).to_list()
