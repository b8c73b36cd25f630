r"""A gate for each value of each field: one for every row of the embedding table.

Source: Lyu et al., "Optimizing Feature Set for Click-Through Rate Prediction", WWW
2023, https://arxiv.org/abs/2301.10909 (learning by continuation); the division by the
first gate is that of its code.
"""

from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.errors import SchemaError
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.schema import Schema

__all__ = ["FIRST_GATE", "ValueGate", "continued"]

START = 0.5
FIRST_GATE = torch.tensor(START, dtype=torch.float64).sigmoid().item()
"""What gates are divided by, so that each of them is one at the start."""


def continued(epoch: int, *, num_epochs: int, last: float) -> float:
    """The temperature of an epoch: from 1 to the last one by equal factors.

    Examples:
        >>> [continued(epoch, num_epochs=3, last=100.0) for epoch in range(3)]
        [1.0, 10.0, 100.0]

    Args:
        epoch: number of the epoch, from 0.
        num_epochs: of them.
        last: temperature of the last epoch.

    Returns:
        What gate logits are multiplied by.

    Raises:
        ValueError: if there is only one epoch, or ``last`` is not positive.
    """
    check_positive("last", last)
    if num_epochs < 2:
        message = f"num_epochs must be 2 at least, got {num_epochs}."
        raise ValueError(message)
    return float(last ** (epoch / (num_epochs - 1)))


@final
class ValueGate(nn.Module):
    r"""Multiplies each row of the table by a gate that is one at the start.

    $$g_v = \frac{\sigma(t\, c_v)}{\sigma(0.5)}, \qquad c_v = 0.5 \text{ at the start}$$

    With a growing temperature $t$ the sigmoid becomes a step: what counts in the end is
    whether $c_v > 0$. Of a sequence, each item is gated before the mean is taken.
    Fields without rows in the table pass as they are. Parameters:
    ``schema.num_features``.

    Shape:
        - Input: ``(batch, field, dim)``, their ``Batch`` and ``FieldEmbedding``.
        - Output: ``(batch, field, dim)``.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> ValueGate(Schema((field,))).gates().tolist()
        [1.0, 1.0, 1.0]

    Args:
        schema: a fitted schema with rows in the shared table.

    Attributes:
        logits: one per row of the shared table, ``(feature,)``.
        temperature: what logits are multiplied by.

    Raises:
        SchemaError: if no field has rows in the table.
    """

    temperature: Tensor
    _index_places: Tensor
    _sequence_places: Tensor

    def __init__(self, schema: Schema) -> None:
        if not schema.num_features:
            message = (
                "schema must have categorical, bucketed or sequence fields, got "
                f"{list(schema.names)}."
            )
            raise SchemaError(message)
        super().__init__()
        self.logits = nn.Parameter(torch.full((schema.num_features,), START))
        self.register_buffer("temperature", torch.ones(()))
        for name, fields in (
            ("_index_places", schema.index_fields),
            ("_sequence_places", schema.sequence_fields),
        ):
            places = [schema.names.index(field.name) for field in fields]
            self.register_buffer(
                name, torch.tensor(places, dtype=torch.int64), persistent=False
            )

    def gates(self) -> Float[Tensor, " feature"]:
        """The gate of each row of the table."""
        return (self.temperature * self.logits).sigmoid() / FIRST_GATE

    @torch.no_grad()
    def penalty_gradient(self) -> Float[Tensor, " feature"]:
        """The gradient of the mean of all sigmoids: a smooth share of values kept."""
        open_ = (self.temperature * self.logits).sigmoid()
        return self.temperature * open_ * (1 - open_) / len(open_)

    def forward(
        self,
        embedded: Float[Tensor, "batch field dim"],
        batch: Batch,
        layer: FieldEmbedding,
    ) -> Float[Tensor, "batch field dim"]:
        """Gate the value of each field.

        Args:
            embedded: embeddings of the batch.
            batch: the same rows.
            layer: what embedded them.

        Returns:
            Gated embeddings.
        """
        gates = self.gates().unsqueeze(1)
        factors = embedded.new_ones(embedded.shape[:2])
        looked_up = F.embedding(batch.indices, gates).squeeze(2)
        factors = factors.index_copy(1, self._index_places, looked_up.to(factors.dtype))
        gated = embedded * factors.unsqueeze(2)
        if not len(self._sequence_places):
            return gated
        pooled = self._pool(batch, gates, layer).to(gated.dtype)
        return gated.index_copy(1, self._sequence_places, pooled)

    def _pool(
        self, batch: Batch, gates: Float[Tensor, "feature 1"], layer: FieldEmbedding
    ) -> Float[Tensor, "batch sequence dim"]:
        """The mean of the gated items of each sequence."""
        totals = F.embedding_bag(
            batch.sequence_indices,
            layer.table,
            batch.sequence_offsets,
            mode="sum",
            include_last_offset=True,
            per_sample_weights=F.embedding(batch.sequence_indices, gates).squeeze(1),
            sparse=layer.sparse_gradients,
        )
        lengths = batch.sequence_offsets.diff().clamp(min=1).unsqueeze(1)
        shape = len(self._sequence_places), len(batch), -1
        return (totals / lengths).reshape(shape).transpose(0, 1)
