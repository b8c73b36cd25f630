"""Raw rows as the arrays an exported file takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.columns import item_type, list_sizes, read_numbers, read_vectors
from fieldwise.data.values import POLARS_TYPES, canonical, is_missing
from fieldwise.serving.export.inputs import FieldInput

__all__ = ["feeds_of"]

_ARRAYS = {"string": np.object_, "int64": np.int64, "uint64": np.uint64}


def feeds_of(
    inputs: Sequence[FieldInput], rows: pl.DataFrame
) -> dict[str, NDArray[Any]]:
    """Turn rows into what the file wants to be fed.

    Args:
        inputs: of the file.
        rows: raw rows with the columns of all fields.

    Returns:
        Arrays by name of the input.
    """
    feeds: dict[str, NDArray[Any]] = {}
    for field in inputs:
        column = rows[field.field]
        match field.kind:
            case "numeric":
                feeds[field.input] = read_numbers(column)
            case "vector":
                feeds[field.input] = read_vectors(column, field.width or 0)
            case "sequence":
                items, lengths = _flat(column)
                feeds |= _named(field, items)
                feeds[field.lengths or ""] = lengths
            case _:
                feeds |= _named(field, column)
    return feeds


def _flat(column: pl.Series) -> tuple[pl.Series, NDArray[np.int64]]:
    """All items one after the other, and how many each list has."""
    sizes = list_sizes(pl.col(column.name), column.dtype).fill_null(0)
    if column.dtype == pl.Null:
        sizes = sizes * 0
    lengths = column.to_frame().select(sizes).to_series()
    if not lengths.sum():
        items = pl.Series(column.name, [], dtype=item_type(column.dtype))
    else:
        items = column.filter(lengths > 0).explode()
    return items, lengths.to_numpy().astype(np.int64)


def _named(field: FieldInput, values: pl.Series) -> dict[str, NDArray[Any]]:
    """Values of a vocabulary, and where they are null."""
    value_type = field.value_type or "string"
    raw = pl.col(values.name)
    found = values.to_frame().select(
        value=canonical(raw, values.dtype, value_type).cast(POLARS_TYPES[value_type]),
        is_null=is_missing(raw, values.dtype),
    )
    is_null = found["is_null"].to_numpy()
    if value_type == "float":
        numbers = found["value"].fill_null(field.unseen).to_numpy().copy()
        numbers[is_null] = np.nan
        return {field.input: numbers}
    value = found["value"].cast(pl.Int64) if value_type == "bool" else found["value"]
    filled = value.fill_null(pl.lit(field.unseen, value.dtype))
    feeds: dict[str, NDArray[Any]] = {
        field.input: filled.to_numpy().astype(_ARRAYS[field.type])
    }
    return feeds | ({field.is_null: is_null} if field.is_null else {})
