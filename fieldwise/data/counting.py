"""What one pass over the training rows collects: counts of values, some numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._compact import compact
from fieldwise.data._in_order import in_order
from fieldwise.data._polars_types import DataType
from fieldwise.data._spilled_counts import SpilledCounts
from fieldwise.data.columns import item_type, list_items, read_numbers
from fieldwise.data.kept_hashes import KeptHashes
from fieldwise.data.values import canonical, is_missing, value_type_of
from fieldwise.data.vocabulary import Vocabulary, most_frequent
from fieldwise.schema import CategoricalField, SequenceField
from fieldwise.schema.field import ValueType

__all__ = [
    "MAX_COUNT_BYTES",
    "NumberSample",
    "ValueCounter",
    "make_vocabularies",
    "spill_largest",
]

MAX_COUNT_BYTES = 2**26
"""Memory the counts of all fields may take before some go to disk."""

MAX_SAMPLE = 2**18
"""Rows whose numbers decide quantiles, centre and scale."""

SAMPLE_CELLS = 2**26
"""Numbers the sample of all fields may hold; half a gibibyte."""

MERGE_ROWS = 2**20
"""Counts of chunks that wait before they are added up."""

SPILL_ROWS = 2**19
"""Counts that wait before they go to disk, where others of the field are."""


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
        self._parts = [self._no_counts()]
        self._spilled: SpilledCounts | None = None
        self._all_integral = True

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
        counts = compact(counts)
        self._parts.append(counts)
        self._all_integral = self._all_integral and self._is_integral(counts)
        known, *waiting = map(len, self._parts)
        if self.is_spilled:
            # A field with so many values repeats few of them within a spill.
            if sum(waiting) > SPILL_ROWS:
                self.spill()
        # Waiting for as many rows as are known keeps the work linear.
        elif sum(waiting) > max(MERGE_ROWS, known):
            self._parts = [_add_up(pl.concat(self._parts).lazy()).collect()]

    def hashable(self) -> pl.Expr | None:
        """The values in canonical form, where that form is known beforehand."""
        kinds = {
            value_type_of(self._dtype, all_integral=all_) for all_ in (True, False)
        }
        if isinstance(self._field, SequenceField) or len(kinds) > 1:
            return None
        return canonical(pl.col(self._field.name), self._dtype, kinds.pop())

    @property
    def nbytes(self) -> int:
        """Memory the counts take."""
        return int(sum(part.estimated_size() for part in self._parts))

    def spill(self) -> None:
        """Move the counts to disk."""
        counts = pl.concat(self._parts)
        if isinstance(counts["value"].dtype, pl.Categorical | pl.Enum):
            counts = counts.with_columns(pl.col("value").cast(pl.String))
        self._spilled = self._spilled or SpilledCounts()
        self._spilled.add(counts)
        self._parts = [self._no_counts()]

    @property
    def is_spilled(self) -> bool:
        """Whether counts are on disk."""
        return self._spilled is not None

    def total(self) -> pl.LazyFrame:
        """The query that adds up all counts in memory.

        Returns:
            Columns ``value``, in canonical form, and ``count``.
        """
        return self._canonical(pl.concat(self._parts))

    def vocabulary(self, counts: pl.DataFrame, *, dropped: int = 0) -> Vocabulary:
        """Keep the frequent values.

        Args:
            counts: what the query of ``total`` found.
            dropped: occurrences of values left out of ``counts``.

        Returns:
            The vocabulary; the same for any order and size of chunks.
        """
        return Vocabulary.from_counts(
            counts,
            self._value_type,
            min_count=self._field.min_count,
            max_size=self._field.max_size,
            dropped=dropped,
        )

    def spilled_vocabulary(self) -> Vocabulary:
        """Keep the frequent values where counts are on disk.

        Memory holds what is kept, and one range of values at a time.

        Returns:
            The vocabulary that ``vocabulary`` would have made of all counts.
        """
        self.spill()
        kept = self._canonical(self._no_counts()).collect()
        num_seen = 0
        for part in self._spilled.ranges() if self._spilled else ():
            counts = self._canonical(part).collect()
            num_seen += int(counts["count"].sum())
            frequent = counts.filter(pl.col("count") >= self._field.min_count)
            kept = pl.concat([kept, compact(frequent)])
            if self._field.max_size is not None:
                kept = most_frequent(kept).head(self._field.max_size)
        return self.vocabulary(kept, dropped=num_seen - int(kept["count"].sum()))

    def close(self) -> None:
        """Delete what is on disk."""
        if self._spilled is not None:
            self._spilled.close()

    def _no_counts(self) -> pl.DataFrame:
        return pl.DataFrame(schema={"value": self._dtype, "count": pl.Int64})

    def _is_integral(self, counts: pl.DataFrame) -> bool:
        """Whether all values are whole, where that decides how to compare them."""
        dtype, raw = self._dtype, pl.col("value")
        if value_type_of(dtype, all_integral=False) == value_type_of(
            dtype, all_integral=True
        ):
            return True
        whole = canonical(raw, dtype, "int")
        is_whole = (whole.is_not_null() | is_missing(raw, dtype)).all()
        return bool(counts.select(is_whole).item())

    @property
    def _value_type(self) -> ValueType:
        return value_type_of(self._dtype, all_integral=self._all_integral)

    def _canonical(self, counts: pl.DataFrame) -> pl.LazyFrame:
        dtype = counts["value"].dtype
        values = canonical(pl.col("value"), dtype, self._value_type)
        return _add_up(counts.lazy().with_columns(value=values))


def spill_largest(counters: Iterable[ValueCounter], *, max_bytes: int) -> None:
    """Move counts to disk until the rest fits into a bound, the largest first.

    Args:
        counters: of all fields.
        max_bytes: memory their counts may take together.
    """
    sizes = [(counter.nbytes, counter) for counter in counters]
    total = sum(size for size, _ in sizes)
    for size, counter in sorted(sizes, key=lambda pair: pair[0], reverse=True):
        if total <= max_bytes:
            return
        counter.spill()
        total -= size


def make_vocabularies(
    counters: Mapping[str, ValueCounter], hashes: KeptHashes | None = None
) -> dict[str, Vocabulary]:
    """Add up the counts of many fields, side by side.

    Args:
        counters: one per field, by name.
        hashes: of values of these fields; keeps those that tell all values apart.

    Returns:
        The vocabularies, by name.
    """
    held = [name for name, counter in counters.items() if not counter.is_spilled]
    totals = pl.collect_all([counters[name].total() for name in held])
    counts = dict(zip(held, totals, strict=True))
    hashed = hashes.names if hashes is not None else ()

    def make(name: str) -> tuple[Vocabulary, bool]:
        if name not in counts:
            return counters[name].spilled_vocabulary(), False
        vocabulary = counters[name].vocabulary(counts[name])
        is_exact = name in hashed and vocabulary.tells_apart(counts[name]["value"])
        return vocabulary, is_exact

    made = dict(zip(counters, in_order(make, counters, workers=2), strict=True))
    if hashes is not None:
        hashes.keep(name for name, (_, is_exact) in made.items() if is_exact)
    return {name: vocabulary for name, (vocabulary, _) in made.items()}


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
