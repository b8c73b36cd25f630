"""One vector per field, whatever the kind of the field.

The one layer where a schema's kinds meet tensors. All features, those of sequences
included, stand in one table, so a batch needs one gather and a step touches one tensor.
"""

from collections.abc import Sequence
from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.batch import Batch
from fieldwise.errors import SchemaError, ShapeError
from fieldwise.nn.embeddings.field_subset import FieldSubset
from fieldwise.nn.embeddings.numeric_embedding import (
    LinearNumericEmbedding,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
)
from fieldwise.nn.embeddings.vector_projection import VectorProjection
from fieldwise.schema import NumericField, Schema

__all__ = ["FieldEmbedding"]

INIT_STD = 1e-4


@final
class FieldEmbedding(nn.Module):
    """Embeds every field of a batch, in the order of the schema.

    Index fields are rows of the shared table, sequences the mean of their rows, numbers
    go through the embedding their encoding names, vectors through a linear map. A
    schema of index fields alone costs one gather and nothing else. Parameters:
    ``schema.num_features * embedding_dim`` of the table, and those of the numeric
    embeddings and projections inside.

    Shape:
        - Input: a ``Batch``.
        - Output: ``(batch, field, dim)``.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> embedding = FieldEmbedding(Schema((field,)), embedding_dim=4)
        >>> embedding.table.shape, embedding.out_features
        (torch.Size([3, 4]), 4)

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        fields: embed these fields only, in the order of the schema, from a table that
            has their rows only; None for all.

    Attributes:
        schema: the fields that are embedded.
        fields: their names.
        table: one row per feature, ``(schema.num_features, embedding_dim)``.
        sparse_gradients: whether the gradient of the table holds the rows of the batch
            only; the trainer sets it to suit its optimizer.

    Raises:
        ValueError: if the length is not positive.
        SchemaError: if the schema is not fitted, or ``fields`` are unknown, repeated,
            none, or sequences.
    """

    field_order: Tensor | None

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int,
        fields: Sequence[str] | None = None,
    ) -> None:
        check_positive("embedding_dim", embedding_dim)
        unfitted = [field.name for field in schema if not field.is_fitted]
        if unfitted:
            message = (
                f"schema must be fitted, got fields {unfitted} that are not. "
                "Fit an Encoder and use its schema."
            )
            raise SchemaError(message)
        super().__init__()
        self.subset = None if fields is None else FieldSubset(schema, fields)
        if self.subset is not None:
            schema = self.subset.schema
        self.schema = schema
        self.fields = schema.names
        self.embedding_dim = embedding_dim
        self.num_fields = len(schema)
        self.out_features = self.num_fields * embedding_dim
        self.num_index_fields = len(schema.index_fields)
        self.num_sequences = len(schema.sequence_fields)
        self.num_numbers = len(schema.number_fields)
        self.sparse_gradients = False
        self.table = nn.Parameter(
            torch.empty(schema.num_features, embedding_dim),
            # Nothing looks up an empty table, so no gradient will ever arrive.
            requires_grad=schema.num_features > 0,
        )
        self.numbers = _number_embeddings(schema.number_fields, embedding_dim)
        self.vectors = nn.ModuleList(
            VectorProjection(field.vector_dim or 0, embedding_dim=embedding_dim)
            for field in schema.vector_fields
        )
        place_of = {f.name: place for place, f in enumerate(schema.number_fields)}
        for name, group in _by_encoding(schema.number_fields).items():
            places = torch.tensor([place_of[field.name] for field in group])
            self.register_buffer(f"{name}_positions", places, persistent=False)
        order = _field_order(schema)
        in_order = order == sorted(order)
        self.register_buffer(
            "field_order", None if in_order else torch.tensor(order), persistent=False
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the table small and normal."""
        nn.init.normal_(self.table, std=INIT_STD)

    def forward(self, batch: Batch) -> Float[Tensor, "batch field dim"]:
        """Embed a batch.

        Args:
            batch: encoded rows.

        Returns:
            One vector per row and field.
        """
        if self.subset is not None:
            batch = self.subset(batch)
        self._check_shapes(batch)
        if self.num_index_fields == self.num_fields:
            return self._look_up(batch)
        parts: list[Tensor] = []
        if self.num_index_fields:
            parts.append(self._look_up(batch))
        if self.num_sequences:
            parts.append(self._pool(batch))
        for name, embedding in self.numbers.items():
            positions = getattr(self, f"{name}_positions")
            parts.append(embedding(batch.numbers.index_select(1, positions)))
        if self.vectors:
            parts.append(
                torch.stack(
                    [
                        projection(vector)
                        for projection, vector in zip(
                            self.vectors, batch.vectors, strict=True
                        )
                    ],
                    dim=1,
                )
            )
        embedded = parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)
        if self.field_order is None:
            return embedded
        return embedded.index_select(1, self.field_order)

    def rows_of(self, batch: Batch) -> Int[Tensor, " row"]:
        """Every row of the table that ``forward`` may look up for a batch.

        Args:
            batch: encoded rows.

        Returns:
            Row numbers, which may repeat.
        """
        if self.subset is not None:
            batch = self.subset(batch)
        rows = batch.indices.flatten()
        if not len(batch.sequence_indices):
            return rows
        return torch.cat([rows, batch.sequence_indices])

    def _check_shapes(self, batch: Batch) -> None:
        check_last_dim("batch.indices", batch.indices.shape, self.num_index_fields)
        check_last_dim("batch.numbers", batch.numbers.shape, self.num_numbers)
        if len(batch.vectors) != len(self.vectors):
            message = (
                f"batch.vectors must hold {len(self.vectors)} tensors, "
                f"got {len(batch.vectors)}."
            )
            raise ShapeError(message)
        # With other numbers of bags, those of one field would pass for another's rows.
        # (``len(batch)`` would pin the number of rows when a model is exported.)
        num_offsets = self.num_sequences * batch.indices.shape[0] + 1
        if self.num_sequences and batch.sequence_offsets.shape[0] != num_offsets:
            message = (
                f"batch.sequence_offsets must have {num_offsets} entries, "
                f"got {batch.sequence_offsets.shape[0]}."
            )
            raise ShapeError(message)

    def _look_up(self, batch: Batch) -> Float[Tensor, "batch field dim"]:
        return F.embedding(batch.indices, self.table, sparse=self.sparse_gradients)

    def _pool(self, batch: Batch) -> Float[Tensor, "batch field dim"]:
        pooled = F.embedding_bag(
            batch.sequence_indices,
            self.table,
            batch.sequence_offsets,
            mode="mean",
            include_last_offset=True,
            sparse=self.sparse_gradients,
        )
        by_field = pooled.view(self.num_sequences, -1, self.embedding_dim)
        return by_field.transpose(0, 1)


def _by_encoding(
    fields: tuple[NumericField, ...],
) -> dict[str, tuple[NumericField, ...]]:
    groups = {
        name: tuple(field for field in fields if field.encoding == name)
        for name in ("standard", "ple", "periodic")
    }
    return {name: group for name, group in groups.items() if group}


def _number_embeddings(
    fields: tuple[NumericField, ...], embedding_dim: int
) -> nn.ModuleDict:
    embeddings = nn.ModuleDict()
    for name, group in _by_encoding(fields).items():
        if name == "ple":
            edges = [field.edges for field in group]
            embeddings[name] = PiecewiseLinearEmbedding(
                edges, embedding_dim=embedding_dim
            )
        else:
            kind = LinearNumericEmbedding if name == "standard" else PeriodicEmbedding
            embeddings[name] = kind(len(group), embedding_dim=embedding_dim)
    return embeddings


def _field_order(schema: Schema) -> list[int]:
    """Where each field of the schema stands in the concatenated parts."""
    numbers = [
        field
        for group in _by_encoding(schema.number_fields).values()
        for field in group
    ]
    parts = [
        *schema.index_fields,
        *schema.sequence_fields,
        *numbers,
        *schema.vector_fields,
    ]
    places = {field.name: place for place, field in enumerate(parts)}
    return [places[name] for name in schema.names]
