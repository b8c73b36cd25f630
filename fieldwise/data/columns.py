"""Raw columns as arrays, and what is said when a column cannot be read."""

import difflib
from collections.abc import Sequence
from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data._polars_types import DataType
from fieldwise.data._polars_types import Schema as ColumnTypes
from fieldwise.errors import SchemaError
from fieldwise.schema import (
    CategoricalField,
    Field,
    NumericField,
    Schema,
    SequenceField,
    VectorField,
)

__all__ = [
    "check_columns",
    "item_type",
    "list_items",
    "list_lengths",
    "list_sizes",
    "read_numbers",
    "read_vectors",
    "role_columns",
]

_NESTED = (pl.List, pl.Array, pl.Struct, pl.Object)
_NOT_NAMES = (*_NESTED, pl.Binary, pl.Duration)
_DICTIONARIES = (pl.Categorical, pl.Enum)
_NUMBER_LIKE = (pl.String, pl.Boolean, *_DICTIONARIES)
_MAX_HINTS = 20


def role_columns(schema: Schema) -> list[str]:
    """Columns of labels, row weight and group, each once.

    Args:
        schema: the fields and roles.

    Returns:
        Their names.
    """
    roles = (*schema.label_names, schema.weight, schema.group)
    return list(dict.fromkeys(name for name in roles if name is not None))


def check_columns(schema: Schema, types: ColumnTypes, *, labelled: bool) -> None:
    """Raise unless the table has every column the schema needs, in a usable type.

    Args:
        schema: the fields and roles.
        types: the table's columns.
        labelled: whether labels, weight and group are needed, too.

    Raises:
        SchemaError: listing every problem at once.
    """
    roles = role_columns(schema) if labelled else []
    problems = _missing(list(dict.fromkeys([*schema.names, *roles])), list(types))
    for field in schema:
        if field.name in types and not _is_readable(field, types[field.name]):
            problems.append(
                f"column {field.name!r} must be readable as a {field.kind} field, "
                f"got {types[field.name]}."
            )
    for name in roles:
        if name in types and not _is_role(schema, name, types[name]):
            problems.append(
                f"column {name!r} must be readable as a label, weight or group, got "
                f"{types[name]}."
            )
    if problems:
        raise SchemaError(" ".join(problems))


def _missing(needed: Sequence[str], found: Sequence[str]) -> list[str]:
    known = set(found)
    missing = [name for name in needed if name not in known]
    problems = []
    for name in missing[:_MAX_HINTS]:
        close = difflib.get_close_matches(name, found, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        problems.append(f"column {name!r} is missing{hint}.")
    if len(missing) > _MAX_HINTS:
        problems.append(f"columns {missing[_MAX_HINTS:]} are missing.")
    if missing:
        problems.append(f"The table has the columns {found[:50]}.")
    return problems


def _is_readable(field: Field, dtype: DataType) -> bool:
    if dtype == pl.Null:
        return True
    inner = dtype.inner if isinstance(dtype, pl.List | pl.Array) else None
    match field:
        case CategoricalField():
            return dtype not in _NOT_NAMES
        case NumericField():
            return _is_number(dtype)
        case SequenceField():
            return inner is not None and inner not in _NOT_NAMES
        case VectorField():
            return inner is not None and (inner == pl.Null or inner.is_numeric())


def _is_role(schema: Schema, name: str, dtype: DataType) -> bool:
    real = {label.name for label in schema.labels if label.kind == "real"}
    if name == schema.weight or name in real:
        return _is_number(dtype) or dtype == pl.Null
    return dtype not in (_NESTED if name == schema.group else _NOT_NAMES)


def _is_number(dtype: DataType) -> bool:
    return dtype.is_numeric() or dtype in _NUMBER_LIKE


def read_numbers(column: pl.Series) -> NDArray[np.float64]:
    """Numbers as float64, NaN for missing.

    Args:
        column: numbers, booleans, or text that parses as numbers.

    Returns:
        The numbers, ``(row,)``.

    Raises:
        SchemaError: if a text is not a number.
    """
    if column.dtype in _DICTIONARIES:
        column = column.cast(pl.String)
    numbers = column.cast(pl.Float64, strict=False)
    if numbers.null_count() > column.null_count():
        wrong = column.filter(numbers.is_null() & column.is_not_null())
        message = (
            f"column {column.name!r} must hold numbers, got {wrong[0]!r} and "
            f"{len(wrong) - 1} more that are none. Clean it, or make it categorical."
        )
        raise SchemaError(message)
    # Polars makes nulls of floats NaN by itself; a query for it would take longer.
    return np.array(numbers.to_numpy(), dtype=np.float64)


def item_type(dtype: DataType) -> DataType:
    """The type of the items of a list column.

    Args:
        dtype: type of the column.

    Returns:
        The type; null for a column that is null throughout.
    """
    if isinstance(dtype, pl.List | pl.Array):
        return cast("DataType", dtype.inner)
    return pl.Null()


def list_sizes(values: pl.Expr, dtype: DataType) -> pl.Expr:
    """How many items each list of a column has.

    Args:
        values: the lists.
        dtype: their type.

    Returns:
        Sizes; null for a null list.
    """
    if dtype == pl.Null:
        return values.cast(pl.UInt32)
    return (
        values.arr.to_list().list.len()
        if isinstance(dtype, pl.Array)
        else values.list.len()
    )


def list_items(frame: pl.LazyFrame, field: SequenceField) -> pl.LazyFrame:
    """The items of a list column, one row each, in order.

    Args:
        frame: one list column named ``raw``.
        field: says how many of the last items count.

    Returns:
        The items; a null or empty list gives one null.
    """
    dtype = frame.collect_schema()["raw"]
    if dtype == pl.Null:
        return frame
    lists = (
        pl.col("raw").arr.to_list() if isinstance(dtype, pl.Array) else pl.col("raw")
    )
    # Whether exploding an empty list gives a null depends on the version of Polars.
    filled = pl.when(lists.list.len() > 0).then(lists.list.tail(field.max_length))
    return frame.select(raw=filled).explode("raw")


def list_lengths(column: pl.Series, field: SequenceField) -> NDArray[np.int64]:
    """How many rows ``list_items`` gives for each list.

    Args:
        column: the list column.
        field: says how many of the last items count.

    Returns:
        Lengths, ``(row,)``, at least 1 and at most ``max_length``.
    """
    sizes = list_sizes(pl.col(column.name), column.dtype).fill_null(0)
    lengths = column.to_frame().select(sizes).to_series().to_numpy().astype(np.int64)
    return np.asarray(np.clip(lengths, 1, field.max_length))


def read_vectors(column: pl.Series, vector_dim: int) -> NDArray[np.float32]:
    """Fixed-length lists as one matrix.

    Args:
        column: the list column.
        vector_dim: length every list must have.

    Returns:
        The vectors, ``(row, vector_dim)``; a null list is a row of NaN, and so is an
        entry that is null or no finite number of 32 bits.

    Raises:
        SchemaError: if a list has another length.
    """
    sizes = list_sizes(pl.col(column.name), column.dtype)
    wrong = column.to_frame().select(sizes.filter(sizes != vector_dim)).to_series()
    if len(wrong):
        message = (
            f"column {column.name!r} must hold lists of length {vector_dim}, got "
            f"{len(wrong)} of another length, for example {wrong[0]}."
        )
        raise SchemaError(message)
    matrix = np.full((len(column), vector_dim), np.nan, dtype=np.float32)
    present = column.is_not_null()
    if present.any():
        flat = column.filter(present).explode().cast(pl.Float32).to_numpy()
        finite = np.where(np.isfinite(flat), flat, np.float32("nan"))
        matrix[present.to_numpy()] = finite.reshape(-1, vector_dim)
    return matrix
