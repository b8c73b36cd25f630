"""Columns of a few rows of Python values, where their type is certain.

What Polars makes of a column depends on the types of all its values. Here a column
has one exact type beside null, or nobody here is sure what it is.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.plain_values import is_wide

__all__ = [
    "PlainRows",
    "UnsureError",
    "check_one_type",
    "plain_column",
    "plain_lists",
    "plain_numbers",
    "plain_vectors",
]

PlainRows: TypeAlias = Sequence[Mapping[str, Any]]

_NOTHING = type(None)
_NUMBERS = {int, float}
_NUMBERS_AND_FLAGS = {int, float, bool}
_EXACT = 2**53
"""Larger integers are rounded on their way through a float of 64 bits."""


class UnsureError(Exception):
    """A value whose column is not certain: a frame must decide."""


def plain_column(rows: PlainRows, name: str) -> list[Any]:
    """The values of one column.

    Args:
        rows: at least one.
        name: of the column.

    Returns:
        One value per row; None where some rows lack the key.

    Raises:
        UnsureError: if no row has the key.
    """
    present = [row for row in rows if name in row]
    if not present:
        raise UnsureError
    return [row.get(name) for row in rows]


def check_one_type(values: Iterable[Any]) -> None:
    """Decline values of several types.

    Args:
        values: any values; nulls have every type.

    Raises:
        UnsureError: if there are several exact types.
    """
    if len(_types(values)) > 1:
        raise UnsureError


def _types(values: Iterable[Any]) -> set[type]:
    kinds = set(map(type, values))
    kinds.discard(_NOTHING)
    return kinds


def _any_wide(values: Iterable[Any]) -> bool:
    return any(type(value) is int and is_wide(value) for value in values)


def plain_numbers(rows: PlainRows, names: Sequence[str]) -> NDArray[np.float64]:
    """Columns of numbers, NaN for null.

    Args:
        rows: at least one.
        names: of numeric fields.

    Returns:
        The numbers, ``(field, row)``.

    Raises:
        UnsureError: if a column is missing, or holds neither integers and floats nor
            booleans.
    """
    if len(rows) > 1:
        columns = [_plain_floats(plain_column(rows, name)) for name in names]
        return np.array(columns).reshape(len(names), len(rows))
    # The columns of a single row have one type each, so they are read together.
    try:
        values = [rows[0][name] for name in names]
    except KeyError:
        raise UnsureError from None
    kinds = _types(values)
    if not kinds <= _NUMBERS_AND_FLAGS or (int in kinds and _any_wide(values)):
        raise UnsureError
    return np.array(values, dtype=np.float64).reshape(len(names), 1)


def _plain_floats(values: Sequence[Any]) -> list[float]:
    kinds = _types(values)
    if not (kinds <= _NUMBERS or kinds == {bool}):
        raise UnsureError
    if int in kinds and _any_wide(values):
        raise UnsureError
    return [math.nan if value is None else float(value) for value in values]


def plain_lists(values: Sequence[Any], max_length: int) -> list[Sequence[Any]]:
    """The items that count of each list.

    Args:
        values: lists of one type of items; null and empty lists hold one null.
        max_length: how many of the last items count.

    Returns:
        The lists, none of them empty.

    Raises:
        UnsureError: if a value is no list, or types differ.
    """
    if any(type(value) not in (list, tuple, _NOTHING) for value in values):
        raise UnsureError
    # The type of a column depends on all items, also on those that do not count.
    items = list(chain.from_iterable(value or () for value in values))
    check_one_type(items)
    if _any_wide(items):
        raise UnsureError
    return [value[-max_length:] if value else (None,) for value in values]


def plain_vectors(values: Sequence[Any], vector_dim: int) -> NDArray[np.float32]:
    """Lists of numbers as one matrix.

    Args:
        values: lists of floats, integers and nulls; a null list is a row of NaN.
        vector_dim: length of every list.

    Returns:
        The vectors, ``(row, vector_dim)``; NaN for what is no finite number of 32
        bits.

    Raises:
        UnsureError: if a value is no such list.
    """
    matrix = np.full((len(values), vector_dim), np.nan)
    for row, value in zip(matrix, values, strict=True):
        if value is not None:
            row[:] = _plain_vector(value, vector_dim)
    with np.errstate(over="ignore"):
        narrow = matrix.astype(np.float32)
    narrow[~np.isfinite(narrow)] = np.nan
    return narrow


def _plain_vector(value: Any, vector_dim: int) -> Any:  # noqa: ANN401  not trusted yet
    if type(value) is np.ndarray:
        if value.dtype not in (np.float32, np.float64) or value.shape != (vector_dim,):
            raise UnsureError
        return value
    if type(value) not in (list, tuple) or len(value) != vector_dim:
        raise UnsureError
    kinds = _types(value)
    if not kinds <= _NUMBERS:
        raise UnsureError
    if int in kinds and any(type(x) is int and abs(x) > _EXACT for x in value):
        raise UnsureError
    return value
