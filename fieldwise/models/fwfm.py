"""Factorization machine with a learned strength for each pair of fields.

Source: Pan et al., "Field-weighted Factorization Machines for Click-Through Rate
Prediction in Display Advertising", WWW 2018, https://arxiv.org/abs/1806.03514,
section 3.
Differences from the paper: of its linear parts only the one with a vector per feature
(FeLV), which published benchmarks use; several labels share the embeddings and have
strengths and linear parts of their own.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.field_weighted_pairs import FieldWeightedPairs
from fieldwise.schema import Schema

__all__ = ["FwFM"]


@final
class FwFM(nn.Module):
    r"""Field-weighted factorization machine.

    $$z = b + \sum_f \langle v_f, u_f \rangle x_f
    + \sum_{i<j} r_{ij} \langle v_i, v_j \rangle x_i x_j$$

    Parameters: ``2 * V * embedding_dim + F * (F - 1) / 2 + 1`` for ``V`` features of
    ``F`` fields and one label.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sum(weight.numel() for weight in FwFM(Schema((field,))).parameters())
        97

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
    """

    def __init__(self, schema: Schema, *, embedding_dim: int = 16) -> None:
        check_positive("embedding_dim", embedding_dim)
        super().__init__()
        self.num_tasks = schema.num_tasks
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.linear = FieldEmbedding(
            schema, embedding_dim=schema.num_tasks * embedding_dim
        )
        self.pairs = FieldWeightedPairs(len(schema), num_tasks=schema.num_tasks)
        self.bias = nn.Parameter(torch.zeros(schema.num_tasks))

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch)
        by_task = self.linear(batch).unflatten(-1, (self.num_tasks, -1))
        linear = (x.unsqueeze(2) * by_task).sum(dim=(1, 3))
        logits: Tensor = linear + self.pairs(x) + self.bias
        return logits.squeeze(-1) if self.num_tasks == 1 else logits
