"""Where each part of an encoded row stands in the 32-bit matrix.

A row is ``[indices | numbers | vectors | labels | weight | group]``. Floats are stored
as their own 32 bits in the integer matrix, so that one gather fetches a whole batch.
"""

from dataclasses import dataclass
from typing import final

from fieldwise.schema import Schema

__all__ = ["RowLayout"]


@final
@dataclass(frozen=True, slots=True)
class RowLayout:
    """Columns of the encoded matrix.

    Args:
        num_indices: index fields.
        num_numbers: numbers.
        vector_dims: length of each vector field.
        num_labels: labels; 0 where rows have none (prediction).
        has_weight: whether rows carry a weight.
        has_group: whether rows carry a group number.
    """

    num_indices: int
    num_numbers: int
    vector_dims: tuple[int, ...]
    num_labels: int
    has_weight: bool
    has_group: bool

    @classmethod
    def of(cls, schema: Schema, *, labelled: bool) -> "RowLayout":
        """The layout of a fitted schema.

        Args:
            schema: a fitted schema.
            labelled: whether rows carry labels, weights and groups.

        Returns:
            The layout.
        """
        return cls(
            num_indices=len(schema.index_fields),
            num_numbers=len(schema.number_fields),
            vector_dims=tuple(field.vector_dim or 0 for field in schema.vector_fields),
            num_labels=len(schema.labels) if labelled else 0,
            has_weight=labelled and schema.weight is not None,
            has_group=labelled and schema.group is not None,
        )

    @property
    def numbers(self) -> slice:
        """Columns of the numbers."""
        return slice(self.num_indices, self.num_indices + self.num_numbers)

    @property
    def vectors(self) -> tuple[slice, ...]:
        """Columns of each vector field."""
        slices = []
        start = self.numbers.stop
        for dim in self.vector_dims:
            slices.append(slice(start, start + dim))
            start += dim
        return tuple(slices)

    @property
    def labels(self) -> slice:
        """Columns of the labels."""
        start = self.numbers.stop + sum(self.vector_dims)
        return slice(start, start + self.num_labels)

    @property
    def weight(self) -> int:
        """Column of the weight, meaningful where ``has_weight``."""
        return int(self.labels.stop)

    @property
    def group(self) -> int:
        """Column of the group, meaningful where ``has_group``."""
        return self.weight + int(self.has_weight)

    @property
    def width(self) -> int:
        """Columns in all."""
        return self.group + int(self.has_group)
