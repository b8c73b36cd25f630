"""Model and calibrators as one module: encoded tensors in, probabilities out."""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.ranker.ranker import Ranker
from fieldwise.schema import Schema
from fieldwise.serving.export.calibration import calibration_layer

__all__ = ["ScoringModule", "example_inputs"]

EXAMPLE_ROWS = 3
EXAMPLE_ITEMS = 2


@final
class ScoringModule(nn.Module):
    """What happens to encoded rows in a ranker, as one graph that can be exported.

    Shape:
        - Input: the tensors of a ``Batch``.
        - Output: two tuples of ``(batch,)``, float64: what is predicted of each label,
          a probability or a value, and the logit of each.

    Args:
        ranker: fitted.
    """

    def __init__(self, ranker: Ranker) -> None:
        super().__init__()
        self.model = ranker.model
        self.calibrators = nn.ModuleList(
            calibration_layer(label, calibrator, ranker.negative_rate)
            for label, calibrator in zip(
                ranker.schema.labels, ranker.calibrators, strict=True
            )
        )

    def forward(
        self,
        indices: Int[Tensor, "batch field"],
        numbers: Float[Tensor, "batch number"],
        sequence_indices: Int[Tensor, " item"],
        sequence_offsets: Int[Tensor, " bag"],
        vectors: Sequence[Float[Tensor, "batch _"]],
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Score rows.

        Args:
            indices: rows of the shared table.
            numbers: standardised numbers; NaN is missing.
            sequence_indices: rows of the shared table of all bags.
            sequence_offsets: starts of the bags, and the end of the last.
            vectors: one matrix per vector field.

        Returns:
            Values and logits, by label.
        """
        batch = Batch(
            indices=indices,
            numbers=numbers,
            sequence_indices=sequence_indices,
            sequence_offsets=sequence_offsets,
            vectors=tuple(vectors),
        )
        scored: Tensor = self.model(batch)
        logits = scored.double().view(-1, len(self.calibrators)).unbind(dim=1)
        values = tuple(
            layer(column)
            for layer, column in zip(self.calibrators, logits, strict=True)
        )
        return values, logits


def example_inputs(schema: Schema, kind: torch.dtype) -> tuple[object, ...]:
    """Arguments of ``ScoringModule`` to trace it with.

    Args:
        schema: of the ranker.
        kind: integer type of indices and offsets.

    Returns:
        A few rows of unknown values.
    """
    rows = EXAMPLE_ROWS
    offsets = schema.table_offsets
    num_indices = len(schema.index_fields)
    starts = torch.tensor(offsets[:num_indices], dtype=kind)
    items = torch.tensor(offsets[num_indices:], dtype=kind)
    return (
        starts.repeat(rows, 1),
        torch.zeros(rows, len(schema.number_fields)),
        items.repeat_interleave(rows * EXAMPLE_ITEMS),
        torch.arange(1 + rows * len(items), dtype=kind) * EXAMPLE_ITEMS,
        [torch.zeros(rows, field.vector_dim or 0) for field in schema.vector_fields],
    )
