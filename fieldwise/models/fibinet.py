"""Bilinear products of all pairs of fields, plain and scaled by learned importances.

Source: Huang et al., "FiBiNET: Combining Feature Importance and Bilinear Feature
Interaction for Click-Through Rate Prediction", RecSys 2019,
https://arxiv.org/abs/1905.09433, sections 3.3 to 3.6.
Differences from the paper: plain and scaled embeddings share one bilinear layer, as in
the published runs; the second matrix of the scales starts without negative numbers,
which could switch a field off for ever; the last field, never first, has no matrix.
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.nn.interactions.bilinear_interaction import (
    BilinearInteraction,
    BilinearKind,
)
from fieldwise.nn.interactions.squeeze_excitation import SqueezeExcitation
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["FiBiNET"]


@final
class FiBiNET(nn.Module):
    r"""Feature importance and bilinear interaction network.

    $$z = \sum_f x_f w_f + w^\top \mathrm{MLP}([p_{ij} \,\|\, a_i a_j p_{ij}]_{i<j})
    + b, \quad p_{ij} = (e_i W) \odot e_j$$

    The scales ``a`` are those of ``SqueezeExcitation``. With ``P = F * (F - 1) / 2``
    pairs the tower reads ``2 * P * embedding_dim`` numbers. Parameters:
    ``V * (embedding_dim + 1)``, the tower's and the head's as in ``DNN``,
    ``embedding_dim ** 2`` times 1, ``F - 1`` or ``P``, and
    ``2 * F * (F // reduction_ratio)``.

    Shape:
        - Input: a ``Batch`` of two fields or more.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> names = ("site", "device")
        >>> fields = (
        ...     CategoricalField(name, num_features=3, value_type="string")
        ...     for name in names
        ... )
        >>> model = FiBiNET(Schema(tuple(fields)), embedding_dim=2, hidden_dims=(4,))
        >>> sum(weight.numel() for weight in model.parameters())
        51

    Args:
        schema: a fitted schema of two fields or more.
        embedding_dim: length of one embedding.
        bilinear_kind: one matrix for ``all`` pairs, one for ``each`` first field, or
            one for each ``pair``.
        reduction_ratio: how many fields share one hidden unit of the scales.
        hidden_dims: width of each layer of the tower.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of the tower.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        bilinear_kind: BilinearKind = "all",
        reduction_ratio: int = 3,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        num_fields = self.embedding.num_fields
        self.linear = FirstOrder(schema)
        self.scales = SqueezeExcitation(num_fields, reduction_ratio=reduction_ratio)
        self.bilinear = BilinearInteraction(
            num_fields, embedding_dim, kind=bilinear_kind
        )
        width = 2 * self.bilinear.num_pairs * embedding_dim
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch)
        products = self.bilinear(x)
        # Products are linear in both fields, so scaled fields have scaled products.
        scales = self.bilinear.pairs.hadamard(self.scales(x).unsqueeze(-1))
        both = torch.cat([products, scales * products], dim=1).flatten(start_dim=1)
        logits: Tensor = self.linear(batch) + self.tower(both)
        return logits
