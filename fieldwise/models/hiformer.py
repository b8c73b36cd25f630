"""A transformer over fields in which every field has weights of its own.

Source: Gui et al., "Hiformer: Heterogeneous Feature Interactions Learning with
Transformers for Recommender Systems", arXiv 2023, https://arxiv.org/abs/2311.05884,
composite projection with low-rank factors and a pruned last layer.
Differences from the paper: numbers have a token each instead of a few mixed ones; the
factors are shared by the heads; normalisation stands before each part, and a linear
head reads each task token, neither of which could be checked against its text; dropout.
"""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_choice, check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.interactions.heterogeneous_layer import HeterogeneousLayer
from fieldwise.nn.token_linear import TokenLinear
from fieldwise.schema import Schema

__all__ = ["Hiformer"]

EMBEDDING_STD, TASK_STD = 0.05, 0.02
# A smaller start would drown in the first steps, which all values of a field share.


@final
class Hiformer(nn.Module):
    r"""Heterogeneous interaction transformer.

    $$X = [e_1 P_1, \dots, e_F P_F, t_1, \dots, t_T], \quad
    X \leftarrow \mathrm{Layer}(X), \quad z_k = w_k^\top x_{F + k} + b_k$$

    Of its layers see ``HeterogeneousLayer``. Parameters, with ``L = F + T`` tokens of
    length ``d`` and one pruned layer: ``V * embedding_dim``, ``F * (embedding_dim + 1)
    * d``, ``4 * r * L * d + 4 * d`` of the layer for all tokens, and ``T * (2 * d ** 2
    + 2 * c * d ** 2 + c * d + 3 * d + 1)`` for those of tasks.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = Hiformer(Schema((field,)), embedding_dim=2, token_dim=4)
        >>> sum(weight.numel() for weight in model.parameters())
        351

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        token_dim: length of a token, into which an embedding is projected.
        num_layers: layers, one after the other; only the last one is pruned.
        num_heads: attentions side by side; divides ``token_dim``.
        expansion: width of the tower of a token, in lengths of a token.
        attention: keys and values from all tokens (``composite``), or each from its
            own token (``heterogeneous``).
        rank: of the composite projection, at most half of its width; None for full
            matrices, whose size grows with the square of the number of fields.
        pruned: compute in the last layer what the task tokens need only; the logits
            are the same, the weights and the work are fewer.
        dropout: share of what a layer adds that is dropped in training, in [0, 1).
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        token_dim: int = 64,
        num_layers: int = 1,
        num_heads: int = 4,
        expansion: int = 4,
        attention: Literal["heterogeneous", "composite"] = "composite",
        rank: int | None = 256,
        pruned: bool = True,
        dropout: float = 0.0,
    ) -> None:
        check_positive("token_dim", token_dim)
        check_positive("num_layers", num_layers)
        check_choice("attention", attention, ("heterogeneous", "composite"))
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        nn.init.normal_(self.embedding.table, std=EMBEDDING_STD)
        self.projection = TokenLinear(len(schema), embedding_dim, token_dim)
        self.task_tokens = nn.Parameter(torch.empty(schema.num_tasks, token_dim))
        nn.init.normal_(self.task_tokens, std=TASK_STD)
        num_tokens = len(schema) + schema.num_tasks
        if rank is not None:
            # From there on two factors would cost more than the full matrix.
            rank = min(rank, num_tokens * token_dim // 2)
        self.layers = nn.ModuleList(
            HeterogeneousLayer(
                num_tokens,
                token_dim,
                num_heads=num_heads,
                expansion=expansion,
                num_queries=schema.num_tasks if pruned and place == 1 else None,
                composite=attention == "composite",
                rank=rank,
                dropout=dropout,
            )
            for place in range(num_layers, 0, -1)
        )
        self.heads = nn.ModuleList(
            LinearHead(token_dim) for _ in range(schema.num_tasks)
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self._tokens(batch)
        for layer in self.layers:
            x = layer(x)
        tasks = x[:, -len(self.heads) :].unbind(dim=1)
        logits = [head(task) for head, task in zip(self.heads, tasks, strict=True)]
        return logits[0] if len(logits) == 1 else torch.stack(logits, dim=1)

    def attend(self, batch: Batch) -> Float[Tensor, "batch task head field"]:
        """How much of each field the last layer gives to each task.

        Args:
            batch: encoded rows.

        Returns:
            Weights; what is missing to a sum of one goes to the task tokens.
        """
        x = self._tokens(batch)
        for layer in self.layers[:-1]:
            x = layer(x)
        tasks = slice(-len(self.heads), None)
        weights: Tensor = self.layers[-1].attend(x)  # type: ignore[operator]
        return weights[:, :, tasks, : tasks.start].transpose(1, 2)

    def _tokens(self, batch: Batch) -> Float[Tensor, "batch token dim"]:
        fields = self.projection(self.embedding(batch))
        tasks = self.task_tokens.expand(fields.shape[0], -1, -1)
        return torch.cat([fields, tasks], dim=1)
