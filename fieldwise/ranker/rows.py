"""Raw rows in any form people hold them, as a frame or as a few plain rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from fieldwise.data.columns import role_columns
from fieldwise.data.readers import read_table
from fieldwise.schema import CategoricalField, NumericField, Schema

__all__ = ["MAX_PLAIN_ROWS", "plain_rows", "read_rows"]

MAX_PLAIN_ROWS = 256
"""More rows than this are encoded faster as a frame."""


def plain_rows(data: Any) -> Sequence[Mapping[str, Any]] | None:  # noqa: ANN401
    """Recognise a few rows that need no frame.

    Examples:
        >>> plain_rows({"site": "a"})
        [{'site': 'a'}]
        >>> plain_rows("rows.parquet") is None
        True

    Args:
        data: what ``read_rows`` reads. A dictionary counts as a row here: a column of
            several values is no value that a ``RowEncoder`` accepts.

    Returns:
        The rows; None if they are many or no dictionaries.
    """
    rows = [data] if type(data) is dict else data
    if type(rows) not in (list, tuple) or not 0 < len(rows) <= MAX_PLAIN_ROWS:
        return None
    return rows if all(type(row) is dict for row in rows) else None


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
        data = [data]
    if isinstance(data, list | tuple) and all(isinstance(r, Mapping) for r in data):
        data = [_clean(row, schema) for row in data]
    return read_table(data)


def _clean(row: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Drop what nobody reads, which may be of any type, but keep its name for hints."""
    wanted = {*schema.names, *role_columns(schema)}
    kept = {name: item if name in wanted else None for name, item in row.items()}
    for field in schema.vector_fields:
        if field.name in kept:
            kept[field.name] = _as_floats(kept[field.name])
    return kept


def _as_floats(vector: Any) -> Any:  # noqa: ANN401  not trusted yet
    """JSON writes 1.0 as 1, and Polars takes the first entry's type for all others."""
    if not isinstance(vector, list | tuple) or {int, float} - set(map(type, vector)):
        return vector
    try:
        return [float(item) if type(item) is int else item for item in vector]
    except OverflowError:
        return vector


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
