"""The search network of OptInter: every pair treated in all three ways at once.

Source: Lyu et al., "Memorize, Factorize, or be Naive: Learning Optimal Feature
Interaction Methods for CTR Prediction", ICDE 2022, https://arxiv.org/abs/2108.01265,
section 3 (search stage: weights and architecture learn from the same batches).
Differences from the paper: one learning rate for the weights and the architecture, as
in its code for Avazu.
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.pair_embeddings import (
    PairEmbeddings,
    draw_rows,
    index_pairs,
)
from fieldwise.nn.interactions.pair_treatments import PairTreatments
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["OptInterSearch"]


@final
class OptInterSearch(nn.Module):
    """A tower on field embeddings and a mixture of treatments of every pair.

    Parameters: those of ``OptInter`` with every pair both memorized and factorized, a
    tower of input ``F * embedding_dim + num_pairs * cross_dim``, and ``3 * num_pairs``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> names = ("site", "device")
        >>> schema = Schema(
        ...     tuple(CategoricalField(n, 2, None, 3, "string") for n in names)
        ... )
        >>> model = OptInterSearch(schema, cross_sizes=[5], hidden_dims=(4,))
        >>> model.treatments.choices()
        ('naive',)

    Args:
        schema: a fitted schema with two index fields at least.
        cross_sizes: rows of each pair of index fields, with one for rare values.
        embedding_dim: length of one embedding of a field.
        cross_dim: length of one embedding of a pair.
        hidden_dims: width of each layer of the tower.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise the tower over the batch, not over its width.
        gumbel: draw noise for the treatments in training.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        cross_sizes: Sequence[int],
        embedding_dim: int = 16,
        cross_dim: int = 4,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
        gumbel: bool = True,
    ) -> None:
        super().__init__()
        pairs = index_pairs(schema)
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        draw_rows(self.embedding, num_fields=len(schema))
        self.pairs = PairEmbeddings(
            schema,
            embedding_dim=cross_dim,
            memorized=pairs,
            factorized=pairs,
            cross_sizes=cross_sizes,
        )
        self.treatments = PairTreatments(len(pairs), gumbel=gumbel)
        width = self.embedding.out_features + len(pairs) * cross_dim
        self.tower = ScoringTower(
            width,
            hidden_dims,
            schema.num_tasks,
            dropout=dropout,
            batch_norm=batch_norm,
            layer_norm=not batch_norm,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        parts = (self.embedding(batch), self.treatments(*self.pairs(batch)))
        x = torch.cat([part.flatten(start_dim=1) for part in parts], dim=1)
        logits: Tensor = self.tower(x)
        return logits
