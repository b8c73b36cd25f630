"""Factorization machine of order two.

Source: Rendle, "Factorization Machines", ICDM 2010, equation 1.
Differences from the paper: several labels have one machine each, in one table.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.nn.interactions.task_machines import TaskMachines
from fieldwise.schema import Schema

__all__ = ["FM"]


@final
class FM(nn.Module):
    r"""Factorization machine.

    $$z = b + \sum_f x_f w_f + \sum_{i<j} \langle v_i, v_j \rangle x_i x_j$$

    Parameters: ``V * (1 + embedding_dim) + 1`` for ``V`` features and one label.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sum(weight.numel() for weight in FM(Schema((field,))).parameters())
        52

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
    """

    def __init__(self, schema: Schema, *, embedding_dim: int = 16) -> None:
        check_positive("embedding_dim", embedding_dim)
        super().__init__()
        self.embedding = FieldEmbedding(
            schema, embedding_dim=schema.num_tasks * embedding_dim
        )
        self.linear = FirstOrder(schema)
        self.pairs = TaskMachines(schema.num_tasks)
        self.bias = nn.Parameter(torch.zeros(schema.num_tasks))

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        pairs = self.pairs(self.embedding(batch))
        logits: Tensor = pairs + self.linear(batch) + self.bias
        return logits
