"""A tower that also reads the inner products of all pairs of fields.

Source: Qu et al., "Product-based Neural Networks for User Response Prediction", ICDM
2016, https://arxiv.org/abs/1611.00144, section III.B.
Differences from the paper: the products enter the tower as they are, as in public
benchmarks, instead of through a factorised weight with a sum for each neuron.
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.field_pairs import FieldPairs
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["IPNN"]


@final
class IPNN(nn.Module):
    r"""Inner-product neural network.

    $$z = w^\top \mathrm{MLP}([e_1 \,\|\, \dots \,\|\, e_F \,\|\,
    \langle e_i, e_j \rangle_{i<j}]) + b$$

    Parameters: those of ``DNN``, and ``F * (F - 1) / 2`` inputs more to the tower.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> names = ("site", "device")
        >>> fields = (
        ...     CategoricalField(name, num_features=3, value_type="string")
        ...     for name in names
        ... )
        >>> model = IPNN(Schema(tuple(fields)), embedding_dim=2, hidden_dims=(4,))
        >>> sum(weight.numel() for weight in model.parameters())
        41

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        hidden_dims: width of each layer of the tower.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of the tower.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.pairs = FieldPairs(self.embedding.num_fields)
        width = self.embedding.out_features + self.pairs.num_pairs
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch)
        signals = [x.flatten(start_dim=1), self.pairs.inner(x)]
        logits: Tensor = self.tower(torch.cat(signals, dim=-1))
        return logits
