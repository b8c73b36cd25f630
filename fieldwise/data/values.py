"""Raw values in one canonical form, so that they compare equal however they arrive.

The same value may reach us as ``12``, ``12.0`` (pandas turns integers with gaps into
floats), ``"12"`` or a category. Each vocabulary remembers the type it was fitted with
and everything else is cast to it. What cannot be cast is *unknown*, not *missing*.
"""

from typing import assert_never

import polars as pl

from fieldwise.data._polars_types import DataType
from fieldwise.schema.field import ValueType

__all__ = ["POLARS_TYPES", "canonical", "is_missing", "value_type_of"]

POLARS_TYPES: dict[ValueType, DataType] = {
    "string": pl.String(),
    "int": pl.Int64(),
    "uint": pl.UInt64(),
    "float": pl.Float64(),
    "bool": pl.Boolean(),
}

_UNSIGNED = (pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)
_SIGNED = (pl.Int8, pl.Int16, pl.Int32, pl.Int64)
_TRUE = ["true", "True", "TRUE", "1"]
_FALSE = ["false", "False", "FALSE", "0"]


def value_type_of(dtype: DataType, *, all_integral: bool) -> ValueType:
    """The type to compare the values of a column by.

    Args:
        dtype: type of the training column, or of the items of a list column.
        all_integral: for floats, decimals and 128-bit integers, whether every value
            is a whole number of at most 64 bits.

    Returns:
        The value type.
    """
    if dtype == pl.Boolean:
        return "bool"
    if dtype in _UNSIGNED:
        return "uint"
    if dtype in _SIGNED or (dtype.is_numeric() and all_integral):
        return "int"
    # Whole numbers beyond 64 bits stay apart as text; as floats they would merge.
    has_fraction = isinstance(dtype, pl.Decimal) and dtype.scale > 0
    return "float" if dtype.is_float() or has_fraction else "string"


def is_missing(values: pl.Expr, dtype: DataType) -> pl.Expr:
    """Whether there is no value: null, or NaN in a column of floats.

    Args:
        values: the raw values.
        dtype: their type.

    Returns:
        A boolean expression without nulls.
    """
    if not dtype.is_float():
        return values.is_null()
    return values.is_null() | values.is_nan().fill_null(value=False)


def canonical(values: pl.Expr, dtype: DataType, value_type: ValueType) -> pl.Expr:
    """Cast values to the type of a vocabulary; null where that is impossible.

    Args:
        values: the raw values.
        dtype: their type.
        value_type: the type of the vocabulary.

    Returns:
        The values as ``POLARS_TYPES[value_type]``.
    """
    match value_type:
        case "string":
            return _as_text(values, dtype)
        case "int" | "uint":
            return _as_whole(values, dtype, POLARS_TYPES[value_type])
        case "float":
            return _as_float(values, dtype)
        case "bool":
            text = _as_text(values, dtype)
            return (
                pl.when(text.is_in(_TRUE))
                .then(pl.lit(value=True))
                .when(text.is_in(_FALSE))
                .then(pl.lit(value=False))
            )
        case _:
            assert_never(value_type)


def _as_text(values: pl.Expr, dtype: DataType) -> pl.Expr:
    if dtype == pl.String:
        return values
    text = values.cast(pl.String)
    if dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        is_whole = whole.cast(pl.Float64) == values.cast(pl.Float64)
        text = pl.when(is_whole).then(whole.cast(pl.String)).otherwise(text)
        return pl.when(values.is_not_nan()).then(text)
    if isinstance(dtype, pl.Decimal) and dtype.scale > 0:
        return text.str.strip_chars_end("0").str.strip_chars_end(".")
    if isinstance(dtype, pl.Datetime):
        return _as_iso(values, has_zone=dtype.time_zone is not None)
    return text


def _as_iso(values: pl.Expr, *, has_zone: bool) -> pl.Expr:
    """Text that is the same in any time unit; a midnight is the text of its date."""
    if has_zone:
        values = values.dt.convert_time_zone("UTC")
    return (
        pl.when(values == values.dt.truncate("1d"))
        .then(values.dt.strftime("%Y-%m-%d"))
        .otherwise(values.dt.strftime("%Y-%m-%d %H:%M:%S%.f"))
    )


def _as_whole(values: pl.Expr, dtype: DataType, target: DataType) -> pl.Expr:
    if dtype.is_integer() or dtype == pl.Boolean:
        return values.cast(target, strict=False)
    if dtype.is_float():
        # Without this test 12.7 would be cut to 12 and meet its embedding.
        is_whole = values == values.floor()
        return pl.when(is_whole).then(values.cast(target, strict=False))
    text = _as_text(values, dtype)
    return text.str.replace(r"\.0+$", "").cast(target, strict=False)


def _as_float(values: pl.Expr, dtype: DataType) -> pl.Expr:
    if dtype.is_integer() or dtype == pl.Boolean:
        return values.cast(pl.Float64)
    # Narrow floats go through their text: 0.1 of 32 bits must meet 0.1 of 64 bits.
    number = values if dtype == pl.Float64 else _as_text(values, dtype)
    return number.cast(pl.Float64, strict=False).fill_nan(None)
