"""Some fields of a schema, and their part of a batch.

A layer that looks at a few fields only (the context of a gate, the fields of crosses)
has a table of its own for them, without the rows of the other fields.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import final

import torch
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.errors import SchemaError
from fieldwise.schema import Schema

__all__ = ["FieldSubset"]


@final
class FieldSubset(nn.Module):
    """Turns a batch of a schema into a batch of some of its fields.

    The fields keep the order of the schema, whatever the order of ``names``. Indices
    are moved to a table that holds the rows of these fields only. Without parameters.

    Shape:
        - Input: a ``Batch`` of ``schema``.
        - Output: a ``Batch`` of ``self.schema``, without labels and roles.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> fields = [
        ...     CategoricalField(name, num_features=3, value_type="string")
        ...     for name in ("site", "device")
        ... ]
        >>> subset = FieldSubset(Schema(tuple(fields)), ["device"])
        >>> subset.schema.names, subset.schema.num_features
        (('device',), 3)

    Args:
        schema: a fitted schema.
        names: the fields to keep; no sequences, whose length differs by row.

    Attributes:
        schema: the fields that are kept.

    Raises:
        SchemaError: if names are unknown, repeated or none, or one is a sequence.
    """

    _index_places: Tensor
    _index_shifts: Tensor
    _number_places: Tensor

    def __init__(self, schema: Schema, names: Sequence[str]) -> None:
        super().__init__()
        _check_names(schema, names)
        self.schema = schema.select(names)
        offsets = dict(
            zip(
                (field.name for field in schema.index_fields),
                enumerate(schema.table_offsets),
                strict=False,  # sequences come after the index fields
            )
        )
        kept = [offsets[field.name] for field in self.schema.index_fields]
        shifts = [
            own - offset
            for own, (_, offset) in zip(self.schema.table_offsets, kept, strict=True)
        ]
        numbers = [field.name for field in schema.number_fields]
        vectors = [field.name for field in schema.vector_fields]
        self._vector_places = [vectors.index(f.name) for f in self.schema.vector_fields]
        for name, values, dtype in (
            ("_index_places", [place for place, _ in kept], torch.int64),
            ("_index_shifts", shifts, torch.int32),
            (
                "_number_places",
                [numbers.index(field.name) for field in self.schema.number_fields],
                torch.int64,
            ),
        ):
            self.register_buffer(
                name, torch.tensor(values, dtype=dtype), persistent=False
            )

    def forward(self, batch: Batch) -> Batch:
        """Keep the fields.

        Args:
            batch: encoded rows of the whole schema.

        Returns:
            The same rows, with some of their fields.
        """
        indices = batch.indices.index_select(1, self._index_places)
        return replace(
            batch,
            indices=indices + self._index_shifts,
            numbers=batch.numbers.index_select(1, self._number_places),
            sequence_indices=batch.sequence_indices[:0],
            sequence_offsets=batch.sequence_offsets[:1],
            vectors=tuple(batch.vectors[place] for place in self._vector_places),
            labels=None,
            weights=None,
            groups=None,
        )


def _check_names(schema: Schema, names: Sequence[str]) -> None:
    problems = []
    unknown = [name for name in names if name not in schema]
    if unknown:
        problems.append(f"names must be fields {list(schema.names)}, got {unknown}.")
    if not names or len(set(names)) < len(names):
        problems.append(f"names must be different fields, got {list(names)}.")
    ragged = [field.name for field in schema.sequence_fields if field.name in names]
    if ragged:
        problems.append(f"names must not be sequence fields, got {ragged}.")
    if problems:
        raise SchemaError(" ".join(problems))
