"""Field-aware factorization machine: one vector per feature and other field.

Source: Juan et al., "Field-aware Factorization Machines for CTR Prediction", RecSys
2016, https://doi.org/10.1145/2959100.2959134, section 3.
Differences from the paper: a linear part and a bias, as in public benchmarks; a field
has no vector for itself; rows are not scaled to length one; several labels have one
machine each, in one table.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.nn.interactions.field_aware_machine import FieldAwareMachine
from fieldwise.schema import Schema

__all__ = ["FFM"]


@final
class FFM(nn.Module):
    r"""Field-aware factorization machine.

    $$z = b + \sum_f x_f w_f + \sum_{i<j} \langle v_{i,j}, v_{j,i} \rangle x_i x_j$$

    Parameters: ``V * (1 + (F - 1) * embedding_dim) + 1`` for ``V`` features of ``F``
    fields and one label. The vectors of a feature are one row of one table.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> fields = [
        ...     CategoricalField(name, num_features=3, value_type="string")
        ...     for name in ("site", "device", "hour")
        ... ]
        >>> sum(weight.numel() for weight in FFM(Schema(tuple(fields))).parameters())
        82

    Args:
        schema: a fitted schema.
        embedding_dim: length of one vector; a feature has one for each other field.
    """

    def __init__(self, schema: Schema, *, embedding_dim: int = 4) -> None:
        check_positive("embedding_dim", embedding_dim)
        super().__init__()
        self.shape = schema.num_tasks, len(schema) - 1, embedding_dim
        # A single field has no other one, and so no vectors.
        self.embedding = (
            FieldEmbedding(
                schema,
                embedding_dim=schema.num_tasks * (len(schema) - 1) * embedding_dim,
            )
            if len(schema) > 1
            else None
        )
        self.linear = FirstOrder(schema)
        self.pairs = FieldAwareMachine(len(schema))
        self.bias = nn.Parameter(torch.zeros(schema.num_tasks))

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        logits: Tensor = self.linear(batch) + self.bias
        if self.embedding is None:
            return logits
        by_task = self.embedding(batch).unflatten(-1, self.shape).movedim(2, 1)
        pairs: Tensor = self.pairs(by_task)
        return logits + (pairs.squeeze(-1) if logits.ndim == 1 else pairs)
