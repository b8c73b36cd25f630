"""Raw rows in any form people hold them, as a frame."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from fieldwise.data.columns import role_columns
from fieldwise.data.readers import read_table
from fieldwise.schema import CategoricalField, NumericField, Schema

__all__ = ["read_rows"]


def read_rows(data: Any, schema: Schema) -> pl.LazyFrame:  # noqa: ANN401
    """Read rows to score.

    Examples:
        >>> schema = Schema((CategoricalField("site"), NumericField("price")))
        >>> read_rows({"site": "a", "price": 2}, schema).collect().rows()
        [('a', 2)]
        >>> read_rows({"site": ["a", "b"], "price": [2, 3]}, schema).collect().rows()
        [('a', 2), ('b', 3)]

    Args:
        data: anything ``read_table`` reads, one row as a dict, or a list of dicts,
            which may be empty. A key that some of the dicts lack is null there.
        schema: tells one row with lists in it from a dict of columns.

    Returns:
        The rows.
    """
    if isinstance(data, list | tuple) and not data:
        return pl.LazyFrame(
            schema=dict.fromkeys([*schema.names, *role_columns(schema)])
        )
    if isinstance(data, Mapping) and _is_one_row(data, schema):
        data = [dict(data)]
    return read_table(data)


def _is_one_row(data: Mapping[str, Any], schema: Schema) -> bool:
    flat = [
        data[field.name]
        for field in schema
        if isinstance(field, CategoricalField | NumericField) and field.name in data
    ]
    if flat:
        return any(_is_single(value) for value in flat)
    lists = [data[name] for name in schema.names if name in data]
    return not any(_holds_lists(value) for value in lists)


def _holds_lists(value: object) -> bool:
    if _is_single(value) or not isinstance(value, Iterable):
        return False
    return not all(_is_single(item) for item in value)


def _is_single(value: object) -> bool:
    return isinstance(value, str | bytes) or not hasattr(value, "__len__")
