"""Counts of values by an engine, and the vocabulary they give."""

from typing import Any

import narwhals as nw
import polars as pl

from fieldwise.data._polars_types import DataType
from fieldwise.data.columns import item_type
from fieldwise.data.engines.engine import Engine, collect
from fieldwise.data.values import canonical, is_missing, value_type_of
from fieldwise.data.vocabulary import Vocabulary
from fieldwise.schema import CategoricalField, SequenceField
from fieldwise.schema.field import ValueType

__all__ = ["count_values", "learn_vocabulary"]


def count_values(values: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Count how often each value stands in a column.

    Examples:
        >>> values = nw.from_native(pl.LazyFrame({"value": ["a", None, "a"]}))
        >>> collect(count_values(values)).sort("value").rows()
        [(None, 1), ('a', 2)]

    Args:
        values: one column ``value``.

    Returns:
        Columns ``value`` and ``count``, in no order.
    """
    return values.group_by("value").agg(nw.len().cast(nw.Int64).alias("count"))


def learn_vocabulary(
    engine: Engine,
    train: nw.LazyFrame[Any],
    field: CategoricalField | SequenceField,
    *,
    num_rows: int,
) -> Vocabulary:
    """Count the values of a field and keep the frequent ones.

    Args:
        engine: where the rows are.
        train: training rows.
        field: the field and its settings.
        num_rows: training rows.

    Returns:
        The vocabulary that ``Encoder.fit`` learns of the same rows.
    """
    dtype = engine.types[field.name]
    values = train.select(nw.col(field.name).alias("value"))
    num_values = num_rows
    if isinstance(field, SequenceField):
        dtype = item_type(dtype)
        # A null or empty list gives one null.
        values = engine.last_items(values, "value", field.max_length).explode("value")
        num_values = int(collect(values.select(nw.len().alias("count"))).item())
    counts = count_values(values)
    if _is_exact(dtype):
        # Rare values are most of the values: only frequent ones come here.
        counts = counts.filter(nw.col("count") >= field.min_count)
    raw = collect(counts)
    rest = num_values - int(raw["count"].sum())
    found, value_type = _in_canonical_form(raw, dtype)
    vocabulary = Vocabulary.from_counts(
        found, value_type, min_count=field.min_count, max_size=field.max_size
    )
    return Vocabulary(
        vocabulary.values,
        pl.Series(vocabulary.counts[1:]),
        value_type,
        unknown_count=vocabulary.unknown_count + rest,
    )


def _is_exact(dtype: DataType) -> bool:
    """Whether different raw values are different values, of a type known beforehand."""
    kinds = {value_type_of(dtype, all_integral=flag) for flag in (True, False)}
    return len(kinds) == 1 and not dtype.is_float()


def _in_canonical_form(
    raw: pl.DataFrame, dtype: DataType
) -> tuple[pl.DataFrame, ValueType]:
    """Counts by canonical value, and the type to compare the values by."""
    raw = raw.with_columns(pl.col("value").cast(dtype))
    value = pl.col("value")
    whole = canonical(value, dtype, "int")
    is_whole = (whole.is_not_null() | is_missing(value, dtype)).all()
    all_integral = not _is_exact(dtype) and bool(raw.select(is_whole).item())
    value_type = value_type_of(dtype, all_integral=all_integral)
    counts = raw.group_by(value=canonical(value, dtype, value_type)).agg(
        pl.col("count").sum()
    )
    return counts, value_type
