"""Learns each pair of fields by heart, multiplies it, or leaves it out.

Source: Lyu et al., "Memorize, Factorize, or be Naive: Learning Optimal Feature
Interaction Methods for CTR Prediction", ICDE 2022, https://arxiv.org/abs/2108.01265,
section 3 (re-train stage; ``fit`` searches first, see ``training/pair_search.py``).
Differences from the paper: a pair that is left out has no place in the input of the
tower, and only what is used has a table (its code multiplies by zero); bucketed numbers
are in pairs, too; batch normalisation is offered; several labels share the tower.
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.pair_embeddings import (
    PairEmbeddings,
    draw_rows,
    index_pairs,
)
from fieldwise.nn.interactions.pair_treatments import read_treatments
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["OptInter"]


@final
class OptInter(nn.Module):
    r"""A tower on field embeddings, crosses and products.

    $$z = w^\top \mathrm{MLP}([e_1 \,\|\, \dots \,\|\, e_F \,\|\, e_p \dots]) + b, \quad
    e_p = E_m[(x_i, x_j)] \;\text{or}\; a_i \odot a_j \;\text{or nothing}$$

    Parameters: ``V * embedding_dim``; ``cross_dim`` for each feature of a field in a
    product and for each row in ``cross_sizes``; a tower of input
    ``F * embedding_dim + (num_memorized + num_factorized) * cross_dim`` with
    ``in * out + 3 * out`` a layer; the head's ``out + 1``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> schema = Schema(
        ...     tuple(
        ...         CategoricalField(name, num_features=3, value_type="string")
        ...         for name in ("site", "device")
        ...     )
        ... )
        >>> sizes = {"embedding_dim": 2, "cross_dim": 3, "hidden_dims": (4,)}
        >>> model = OptInter(schema, choices=["memorize"], cross_sizes=[5], **sizes)
        >>> sum(weight.numel() for weight in model.parameters())
        72

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding of a field.
        cross_dim: length of one embedding of a pair.
        hidden_dims: width of each layer of the tower.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise the tower over the batch, not over its width.
        choices: ``memorize``, ``factorize`` or ``naive`` for each pair of index fields
            in row-major order, or one of them for all; None factorizes all here, and
            lets ``fit`` search.
        cross_sizes: rows of each memorized pair, with one for rare pairs of values;
            ``fit`` counts them.
        min_count: training rows a pair of values must have for a row of its own; only
            ``fit`` reads it, when it counts.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        cross_dim: int = 4,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
        choices: str | Sequence[str] | None = None,
        cross_sizes: Sequence[int] | None = None,
        min_count: int = 5,
    ) -> None:
        check_positive("cross_dim", cross_dim)
        check_positive("min_count", min_count)
        pairs = index_pairs(schema)
        treatments = read_treatments(choices, num_pairs=len(pairs))
        treated = list(zip(pairs, treatments, strict=True))
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        draw_rows(self.embedding, num_fields=len(schema))
        self.pairs = PairEmbeddings(
            schema,
            embedding_dim=cross_dim,
            memorized=[pair for pair, choice in treated if choice == "memorize"],
            factorized=[pair for pair, choice in treated if choice == "factorize"],
            cross_sizes=cross_sizes or (),
        )
        width = self.embedding.out_features + self.pairs.out_features
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
        parts = (self.embedding(batch), *self.pairs(batch))
        x = torch.cat([part.flatten(start_dim=1) for part in parts], dim=1)
        logits: Tensor = self.tower(x)
        return logits
