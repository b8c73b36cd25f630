"""What one pass over the training rows collects: counts of values, some numbers."""

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._polars_types import DataType
from fieldwise.data.columns import item_type, list_items, read_numbers
from fieldwise.data.values import canonical, is_missing, value_type_of
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.schema import CategoricalField, SequenceField
from fieldwise.schema.field import ValueType

__all__ = ["NumberSample", "ValueCounter", "make_vocabularies"]

MAX_SAMPLE = 2**18
"""Rows whose numbers decide quantiles, centre and scale."""

SAMPLE_CELLS = 2**26
"""Numbers the sample of all fields may hold; half a gibibyte."""

MERGE_ROWS = 2**20
"""Counts of chunks that wait before they are added up."""


@final
class ValueCounter:
    """Counts the values of a categorical or sequence field.

    Args:
        field: its settings.
        dtype: type of its column.
    """

    def __init__(
        self, field: CategoricalField | SequenceField, dtype: DataType
    ) -> None:
        self._field = field
        self._dtype = item_type(dtype) if isinstance(field, SequenceField) else dtype
        self._parts = [
            pl.DataFrame(schema={"value": self._dtype, "count": pl.Int64}),
        ]

    def plan(self, chunk: pl.LazyFrame) -> pl.LazyFrame:
        """The query that counts one chunk; those of many fields run side by side.

        Args:
            chunk: raw rows.

        Returns:
            Columns ``value`` (raw) and ``count``.
        """
        values = chunk.select(raw=pl.col(self._field.name))
        if isinstance(self._field, SequenceField):
            values = list_items(values, self._field)
        return values.group_by(value="raw").agg(count=pl.len().cast(pl.Int64))

    def add(self, counts: pl.DataFrame) -> None:
        """Add the counts of one chunk.

        Args:
            counts: what ``plan`` found.
        """
        self._parts.append(counts)
        known, *waiting = map(len, self._parts)
        # Waiting for as many rows as are known keeps the work linear.
        if sum(waiting) > max(MERGE_ROWS, known):
            self._parts = [_add_up(pl.concat(self._parts).lazy()).collect()]

    def total(self) -> tuple[pl.LazyFrame, ValueType]:
        """The query that adds all counts up, in canonical form.

        Returns:
            Columns ``value`` and ``count``, and the type to compare the values by.
        """
        counts, dtype = pl.concat(self._parts), self._dtype
        raw = pl.col("value")
        value_type = value_type_of(dtype, all_integral=True)
        if value_type_of(dtype, all_integral=False) != value_type:
            whole = canonical(raw, dtype, "int")
            is_whole = (whole.is_not_null() | is_missing(raw, dtype)).all()
            all_integral = bool(counts.select(is_whole).item())
            value_type = value_type_of(dtype, all_integral=all_integral)
        values = canonical(raw, dtype, value_type)
        return _add_up(counts.lazy().with_columns(value=values)), value_type

    def vocabulary(self, counts: pl.DataFrame, value_type: ValueType) -> Vocabulary:
        """Keep the frequent values.

        Args:
            counts: what the query of ``total`` found.
            value_type: the type it chose.

        Returns:
            The vocabulary; the same for any order and size of chunks.
        """
        return Vocabulary.from_counts(
            counts,
            value_type,
            min_count=self._field.min_count,
            max_size=self._field.max_size,
        )


def make_vocabularies(counters: Mapping[str, ValueCounter]) -> dict[str, Vocabulary]:
    """Add up the counts of many fields, side by side.

    Args:
        counters: one per field, by name.

    Returns:
        The vocabularies, by name.
    """
    totals = [counter.total() for counter in counters.values()]
    counts = pl.collect_all([plan for plan, _ in totals])
    return {
        name: counter.vocabulary(found, value_type)
        for (name, counter), found, (_, value_type) in zip(
            counters.items(), counts, totals, strict=True
        )
    }


def _add_up(counts: pl.LazyFrame) -> pl.LazyFrame:
    return counts.group_by("value").agg(pl.col("count").sum())


@final
class NumberSample:
    """Every so-many-th row of some columns, chosen without knowing how many come.

    Args:
        names: the columns.
        max_rows: rows to keep at most.
    """

    def __init__(self, names: Sequence[str], *, max_rows: int = MAX_SAMPLE) -> None:
        self._kept: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
        self._max_rows = min(max_rows, max(1000, SAMPLE_CELLS // max(1, len(names))))
        self._step = 1
        self._num_seen = 0
        self.has_nulls = dict.fromkeys(names, False)

    def add(self, chunk: pl.DataFrame) -> None:
        """Read every number of a chunk, and keep some.

        Args:
            chunk: raw rows.

        Raises:
            SchemaError: if a text is not a number.
        """
        first = -self._num_seen % self._step
        for name, kept in self._kept.items():
            numbers = read_numbers(chunk[name])
            self.has_nulls[name] |= bool(np.isnan(numbers).any())
            kept.append(np.ascontiguousarray(numbers[first :: self._step]))
        self._num_seen += len(chunk)
        while -(-self._num_seen // self._step) > self._max_rows:
            self._step *= 2
            for name in self._kept:
                self._kept[name] = [self.numbers(name)[::2].copy()]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """The kept numbers of a column, in the order of the rows.

        Args:
            name: the column.

        Returns:
            The numbers, NaN for missing.
        """
        return np.concatenate([np.empty(0), *self._kept[name]])
