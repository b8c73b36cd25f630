"""Numeric fields of a few rows: what ``numbers.py`` does field by field, all at once.

An array of thirteen numbers takes numpy no longer than one, so the fields of a row go
through each step together.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.numbers import log_square_code, squash
from fieldwise.data.plain_columns import PlainRows, plain_numbers
from fieldwise.data.vocabulary import UNKNOWN
from fieldwise.schema import NumericField

__all__ = ["PlainBuckets", "PlainNumbers"]


@final
class PlainNumbers:
    """Standardises the number fields of rows.

    Examples:
        >>> price = NumericField("price", center=0.0, scale=1.0, low=0.0, high=9.0)
        >>> PlainNumbers([price]).encode([{"price": 0}, {"price": None}]).tolist()
        [[0.0], [0.0]]

    Args:
        fields: fitted fields that are not bucketed.
    """

    def __init__(self, fields: Sequence[NumericField]) -> None:
        self._names = [field.name for field in fields]
        self._lows = _column(-np.inf if f.low is None else f.low for f in fields)
        self._highs = _column(np.inf if f.high is None else f.high for f in fields)
        self._centers = _column(field.center or 0.0 for field in fields)
        self._scales = _column(field.scale or 1.0 for field in fields)
        self._is_filled = np.array([[not field.has_nulls] for field in fields], bool)

    def encode(self, rows: PlainRows) -> NDArray[np.float32]:
        """Standardise.

        Args:
            rows: at least one.

        Returns:
            Numbers, ``(row, field)``; missing ones are NaN, or the mean where nothing
            was learned about them.

        Raises:
            UnsureError: if a column is missing or may be none of numbers.
        """
        if not self._names:
            return np.empty((len(rows), 0), dtype=np.float32)
        raw = plain_numbers(rows, self._names)
        numbers = squash(np.clip(raw, self._lows, self._highs))
        numbers -= self._centers
        numbers /= self._scales
        numbers[np.isnan(numbers) & self._is_filled] = 0.0
        return np.ascontiguousarray(numbers.T, dtype=np.float32)


@final
class PlainBuckets:
    """Finds the buckets of the bucketed fields of rows.

    Examples:
        >>> hour = NumericField("hour", "quantile", edges=(6.0, 18.0), num_features=4)
        >>> PlainBuckets([hour]).encode([{"hour": 5}, {"hour": 6}, {"hour": None}])
        [[1, 2, 0]]

    Args:
        fields: fitted, bucketed fields.
    """

    def __init__(self, fields: Sequence[NumericField]) -> None:
        self._names = [field.name for field in fields]
        self._edges = [
            field.edges if field.encoding == "quantile" else None for field in fields
        ]
        self._codes = [
            {code: number for number, code in enumerate(field.edges, 1)}
            for field in fields
        ]
        self._missing = [
            (field.num_features or 0) - 1 if field.has_nulls else UNKNOWN
            for field in fields
        ]

    def encode(self, rows: PlainRows) -> list[list[int]]:
        """Find buckets.

        Args:
            rows: at least one.

        Returns:
            Indices by field and row, as ``bucket`` gives them.

        Raises:
            UnsureError: if a column is missing or may be none of numbers.
        """
        if not self._names:
            return []
        raw = plain_numbers(rows, self._names)
        columns: list[list[float]] = raw.tolist()
        coded: list[list[float]] = (
            log_square_code(raw).tolist() if None in self._edges else columns
        )
        return [
            self._of_codes(field, coded[field])
            if edges is None
            else self._of_edges(field, edges, columns[field])
            for field, edges in enumerate(self._edges)
        ]

    def _of_edges(
        self, field: int, edges: Sequence[float], column: Sequence[float]
    ) -> list[int]:
        missing = self._missing[field]
        return [
            missing if math.isnan(number) else 1 + bisect_right(edges, number)
            for number in column
        ]

    def _of_codes(self, field: int, column: Sequence[float]) -> list[int]:
        codes, missing = self._codes[field], self._missing[field]
        return [
            missing if math.isnan(code) else codes.get(code, UNKNOWN) for code in column
        ]


def _column(numbers: Iterable[float]) -> NDArray[np.float64]:
    return np.array(list(numbers), dtype=np.float64).reshape(-1, 1)
