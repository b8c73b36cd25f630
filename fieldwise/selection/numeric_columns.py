"""The numbers of encoded rows, for methods that read nothing else."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset
from fieldwise.errors import SchemaError

__all__ = ["Standard", "numbers_of", "numeric_columns"]

LEAST_DEVIATION = 1e-9
"""A column with a smaller standard deviation is constant."""


def numeric_columns(dataset: Dataset) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The numeric fields that are not cut into buckets.

    Args:
        dataset: encoded rows.

    Returns:
        Their names, in the order of the schema, and their numbers, ``(row, number)``;
        NaN means missing.

    Raises:
        SchemaError: if there is none.
    """
    fields = dataset.schema.number_fields
    if not fields:
        message = (
            "schema must have numeric fields that are not cut into buckets to be "
            "ranked so, got none. Choose a method for categories."
        )
        raise SchemaError(message)
    return tuple(field.name for field in fields), numbers_of(dataset)


def numbers_of(dataset: Dataset) -> NDArray[np.float64]:
    """The numbers of all rows.

    Args:
        dataset: encoded rows.

    Returns:
        A copy, ``(row, number)``; NaN means missing.
    """
    bits = np.ascontiguousarray(dataset.rows[:, dataset.layout.numbers])
    return bits.view(np.float32).astype(np.float64)


@final
@dataclass(frozen=True)
class Standard:
    """Centre and scale of some columns.

    Examples:
        >>> columns = np.array([[1.0, 5.0], [3.0, 5.0], [np.nan, 5.0]])
        >>> Standard.of(columns).apply(columns).tolist()
        [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0]]

    Args:
        means: of the numbers that are there, ``(column,)``.
        deviations: their standard deviations; infinite for a constant column.
    """

    means: NDArray[np.float64]
    deviations: NDArray[np.float64]

    @classmethod
    def of(cls, columns: NDArray[np.float64]) -> "Standard":
        """Measure columns.

        Args:
            columns: ``(row, column)``; NaN means missing.

        Returns:
            Centre and scale.
        """
        seen = ~np.isnan(columns)
        num_seen = np.maximum(seen.sum(axis=0), 1)
        means = np.where(seen, columns, 0.0).sum(axis=0) / num_seen
        squares = np.where(seen, columns - means, 0.0) ** 2
        deviations = np.sqrt(squares.sum(axis=0) / num_seen)
        return cls(means, np.where(deviations > LEAST_DEVIATION, deviations, np.inf))

    def apply(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standardise columns.

        Args:
            columns: ``(row, column)``; NaN means missing.

        Returns:
            Zero mean and unit variance; 0 where missing or constant.
        """
        return np.nan_to_num((columns - self.means) / self.deviations)
