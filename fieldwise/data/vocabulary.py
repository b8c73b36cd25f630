"""Value -> index of one field.

Index 0 is the unknown row: values seen fewer than ``min_count`` times share it, so it
is trained, and values never seen fall back on it. A null is a value like any other.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._hash_index import HashIndex
from fieldwise.data._polars_types import DataType
from fieldwise.data.values import POLARS_TYPES, canonical, is_missing
from fieldwise.errors import DataError
from fieldwise.schema.field import ValueType

__all__ = ["UNKNOWN", "Vocabulary", "encode_columns", "most_frequent"]

UNKNOWN = 0
"""Index of the unknown row of every field."""

_STAND_INS: Mapping[ValueType, str | int | float | bool] = {
    "string": "",
    "int": 0,
    "uint": 0,
    "float": 0.0,
    "bool": False,
}


@final
class Vocabulary:
    """The kept values of one field, most frequent first; ties in order of value.

    Examples:
        >>> counts = pl.DataFrame({"value": ["b", "a", None], "count": [3, 3, 2]})
        >>> vocabulary = Vocabulary.from_counts(counts, "string", min_count=2)
        >>> vocabulary.encode(pl.Series(["a", None, "new"])).tolist()
        [1, 3, 0]

    Args:
        values: kept values in canonical form; null may be one of them.
        counts: how often each stood in the training rows.
        value_type: type the values are compared by.
        unknown_count: training occurrences that share the unknown row.

    Raises:
        DataError: if values repeat or do not have the type, or a count is negative.
    """

    def __init__(
        self,
        values: pl.Series,
        counts: pl.Series,
        value_type: ValueType,
        *,
        unknown_count: int = 0,
    ) -> None:
        if values.dtype != POLARS_TYPES[value_type]:
            message = f"values must be {value_type}, got {values.dtype}."
            raise DataError(message)
        if values.n_unique() != len(values) or len(values) != len(counts):
            message = "values must differ and have one count each."
            raise DataError(message)
        if unknown_count < 0 or (counts < 0).any():
            message = "counts must be zero or positive."
            raise DataError(message)
        self.value_type = value_type
        self.unknown_count = unknown_count
        self._table = pl.DataFrame(
            {
                "value": values,
                "count": counts.cast(pl.Int64),
                "index": np.arange(1, len(values) + 1, dtype=np.int32),
            }
        )

    @classmethod
    def from_counts(
        cls,
        counts: pl.DataFrame,
        value_type: ValueType,
        *,
        min_count: int,
        max_size: int | None = None,
        dropped: int = 0,
    ) -> "Vocabulary":
        """Keep the frequent values.

        Args:
            counts: columns ``value`` (canonical) and ``count``.
            value_type: type the values are compared by.
            min_count: rarer values share the unknown row.
            max_size: most values to keep.
            dropped: occurrences of rarer values that are left out of ``counts``.

        Returns:
            The vocabulary; the same for any order of ``counts``.
        """
        # 64 bits: a sum of Polars' own 32-bit counts wraps around.
        counts = counts.with_columns(pl.col("count").cast(pl.Int64))
        kept = most_frequent(counts.filter(pl.col("count") >= min_count))
        if max_size is not None:
            kept = kept.head(max_size)
        rest = int(counts["count"].sum()) - int(kept["count"].sum())
        return cls(
            kept["value"], kept["count"], value_type, unknown_count=rest + dropped
        )

    @property
    def num_features(self) -> int:
        """Rows of the table, unknown row included."""
        return len(self._table) + 1

    @property
    def values(self) -> pl.Series:
        """Kept values; the value at position ``i`` has index ``i + 1``."""
        return self._table["value"]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Training occurrences by index, unknown row first, ``(num_features,)``."""
        kept = self._table["count"].to_numpy()
        return np.concatenate([[self.unknown_count], kept]).astype(np.int64)

    def lookup(self, values: pl.Expr, dtype: DataType) -> pl.Expr:
        """Look values up, as an expression: for queries that run once.

        Each run of the query hashes the whole vocabulary; ``encode`` does so once.

        Args:
            values: raw values of any type.
            dtype: their type.

        Returns:
            Indices, 32-bit; 0 for values that are not in the vocabulary.
        """
        cast = canonical(values, dtype, self.value_type)
        index = cast.replace_strict(
            self._table["value"],
            self._table["index"],
            default=UNKNOWN,
            return_dtype=pl.Int32,
        )
        if dtype == POLARS_TYPES[self.value_type] and not dtype.is_float():
            return index
        # A value that cannot be cast is unknown; without this it would meet null.
        is_castable = cast.is_not_null() | is_missing(values, dtype)
        return pl.when(is_castable).then(index).otherwise(pl.lit(UNKNOWN, pl.Int32))

    def encode(self, values: pl.Series) -> NDArray[np.int32]:
        """Look values up.

        Args:
            values: raw values of any type.

        Returns:
            Indices, ``(row,)``; 0 for values that are not in the vocabulary.
        """
        return encode_columns({"raw": self}, values.alias("raw").to_frame())["raw"]

    def tells_apart(self, values: pl.Series) -> bool:
        """Whether no hash of a value is that of another value which is kept.

        Args:
            values: distinct values in canonical form, all that are kept among them.

        Returns:
            Whether ``encode_hashes`` gives for these values what ``encode`` gives.
        """
        if self._index.seed:  # the hashes of others are made with none
            return False
        if len(values) == len(self._table):  # the index has seen that they differ
            return True
        found = self._index.find_by_hashes(values.hash().to_numpy())
        return int(np.count_nonzero(found)) == len(self._table)

    def encode_hashes(self, hashes: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Look values up by their hashes.

        Args:
            hashes: of values that ``tells_apart`` has seen, ``(row,)``.

        Returns:
            Indices, ``(row,)``; 0 for values that are not in the vocabulary.
        """
        return self._index.find_by_hashes(hashes)

    @cached_property
    def _index(self) -> HashIndex:
        return HashIndex(self._table["value"])

    @cached_property
    def _null_index(self) -> int:
        is_null = self._table["value"].is_null()
        return int(self._table["index"].filter(is_null).sum()) or UNKNOWN

    def __getstate__(self) -> dict[str, Any]:
        # Hashes may differ from process to process: a copy makes its own index.
        return {k: v for k, v in self.__dict__.items() if k != "_index"}

    def to_frame(self) -> pl.DataFrame:
        """The vocabulary as a table that Parquet can hold."""
        unknown = pl.DataFrame(
            {"value": [None], "count": [self.unknown_count], "index": [UNKNOWN]},
            schema=self._table.schema,
        )
        return pl.concat([unknown, self._table])

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, value_type: ValueType) -> "Vocabulary":
        """Read what ``to_frame`` wrote.

        Args:
            frame: columns ``value``, ``count`` and ``index``.
            value_type: type the values are compared by.

        Returns:
            The vocabulary.

        Raises:
            DataError: if columns, indices, counts or the unknown row are damaged.
        """
        if frame.columns != ["value", "count", "index"] or frame.is_empty():
            message = (
                "a vocabulary must have the columns value, count and index, got "
                f"{frame.columns} and {len(frame)} rows."
            )
            raise DataError(message)
        expected = pl.Series("index", np.arange(len(frame), dtype=np.int32))
        if not frame["index"].equals(expected, check_dtypes=True):
            message = "the indices of a vocabulary must run from 0 without gaps."
            raise DataError(message)
        if not frame["count"].dtype.is_integer() or frame["count"].null_count():
            message = "the counts of a vocabulary must be whole numbers."
            raise DataError(message)
        if frame["value"][0] is not None:
            message = "the first row of a vocabulary must be the unknown row, a null."
            raise DataError(message)
        kept = frame.slice(1)
        return cls(
            kept["value"],
            kept["count"],
            value_type,
            unknown_count=int(frame["count"][0]),
        )


def encode_columns(
    vocabularies: Mapping[str, Vocabulary], frame: pl.DataFrame
) -> dict[str, NDArray[np.int32]]:
    """Look the values of several columns up.

    One query casts and hashes all of them: one per column of a block of rows would
    take longer to start than to run.

    Args:
        vocabularies: by name of the column.
        frame: raw values of any type.

    Returns:
        Indices by column, ``(row,)``; 0 for values that are not in the vocabulary.
    """
    if not vocabularies:  # even a query for nothing takes its time
        return {}
    columns: list[pl.Expr] = []
    types = frame.schema
    for place, (name, vocabulary) in enumerate(vocabularies.items()):
        raw, dtype = pl.col(name), types[name]
        cast = canonical(raw, dtype, vocabulary.value_type)
        # Some value stands in for null: what is null is set right below.
        filled = cast.fill_null(_STAND_INS[vocabulary.value_type])
        columns += [
            filled.alias(f"value{place}"),
            filled.hash(vocabulary._index.seed).alias(f"hash{place}"),
            cast.is_null().alias(f"null{place}"),
            is_missing(raw, dtype).alias(f"missing{place}"),
        ]
    found = frame.lazy().select(columns).collect()
    indices = {}
    for place, (name, vocabulary) in enumerate(vocabularies.items()):
        hashes = found[f"hash{place}"].to_numpy()
        rows = vocabulary._index.find_hashed(found[f"value{place}"], hashes)
        is_null = found[f"null{place}"].to_numpy()
        if is_null.any():
            # A value that cannot be cast is unknown, and not missing.
            rows[is_null] = UNKNOWN
            rows[found[f"missing{place}"].to_numpy()] = vocabulary._null_index
        indices[name] = rows
    return indices


def most_frequent(counts: pl.DataFrame) -> pl.DataFrame:
    """Order counts as a vocabulary does: by count, then by value, null last.

    Args:
        counts: columns ``value`` and ``count``.

    Returns:
        The same rows.
    """
    return counts.sort(["count", "value"], descending=[True, False], nulls_last=True)
