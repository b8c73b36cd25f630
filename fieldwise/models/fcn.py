"""FCN: crosses whose degree doubles a layer, crosses whose degree grows by one.

Source: Li et al., "FCN: Fusing Exponential and Linear Cross Network for Click-Through
Rate Prediction", KDD 2026, https://arxiv.org/abs/2407.13349, version 7 (self-mask).
Differences from the paper: none to the authors' code; version 8 of the paper replaces
the self-mask by an aggregation that was not published as code.
"""

from functools import partial
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.branches import BranchLogits
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.self_mask_cross import TwoViews
from fieldwise.nn.self_mask_branch import SelfMaskBranch
from fieldwise.schema import Schema

__all__ = ["FCN"]


@final
class FCN(nn.Module):
    r"""Fusing Cross Network: an exponential and a linear one, without a tower.

    $$z = \tfrac12 (z_D + z_S), \quad z_D = w_D^\top x_L + b_D, \quad
    z_S = w_S^\top x'_M + b_S$$

    with the layers of ``ECN`` in $x$ and those of ``LCN`` in $x'$. Both branches are
    trained on the label, too, the more the further one is behind the whole (Tri-BCE).

    Parameters: ``V * num_heads * embedding_dim``; each of the layers of width
    ``D = F * embedding_dim`` has ``D ** 2 / 2 + D`` (and ``D`` where the mask, ``2 *
    num_heads`` where heads are normalised); ``2 * (D + 1)`` of the heads.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> depths = {"num_exponential_layers": 1, "num_linear_layers": 2}
        >>> model = FCN(Schema((field,)), embedding_dim=2, **depths)
        >>> sum(weight.numel() for weight in model.parameters())
        30

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding in one head, an even number.
        num_exponential_layers: depth of the branch whose degree doubles.
        num_linear_layers: depth of the branch whose degree grows by one.
        num_heads: slices of an embedding that are crossed apart, by the same weights.
        dropout: share of crosses dropped in training, in [0, 1).
        linear_dropout: the same of the linear branch; None for as much.
        layer_norm: normalise what decides on the mask.
        batch_norm: normalise each head of a cross before it is masked.
        detach_weights: learn nothing from how far a branch is behind; the authors' code
            does.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_exponential_layers: int = 3,
        num_linear_layers: int = 4,
        num_heads: int = 1,
        dropout: float = 0.0,
        linear_dropout: float | None = None,
        layer_norm: bool = True,
        batch_norm: bool = False,
        detach_weights: bool = False,
    ) -> None:
        check_positive("num_exponential_layers", num_exponential_layers)
        check_positive("num_linear_layers", num_linear_layers)
        super().__init__()
        self.branch_loss = "detached" if detach_weights else "adaptive"
        self.views = TwoViews(embedding_dim, num_heads=num_heads)
        self.embedding = FieldEmbedding(schema, embedding_dim=num_heads * embedding_dim)
        branch = partial(
            SelfMaskBranch,
            in_features=len(schema) * embedding_dim,
            num_heads=num_heads,
            num_tasks=schema.num_tasks,
            layer_norm=layer_norm,
            batch_norm=batch_norm,
        )
        self.exponential = branch(
            "exponential", num_layers=num_exponential_layers, dropout=dropout
        )
        self.linear = branch(
            "linear",
            num_layers=num_linear_layers,
            dropout=dropout if linear_dropout is None else linear_dropout,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        return self.forward_branches(batch).logits

    def forward_branches(self, batch: Batch) -> BranchLogits:
        """Score each row by both branches.

        Args:
            batch: encoded rows.

        Returns:
            Their mean; those of the exponential and those of the linear branch.
        """
        x = self.views(self.embedding(batch))
        exponential, linear = self.exponential(x), self.linear(x)
        return BranchLogits((exponential + linear) / 2, (exponential, linear))
