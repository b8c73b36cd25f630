"""LCN: masked crosses whose degree grows by one with every layer, and no tower.

Source: Li et al., "FCN: Fusing Exponential and Linear Cross Network for Click-Through
Rate Prediction", KDD 2026, https://arxiv.org/abs/2407.13349, version 7 (self-mask).
Differences from the paper: none to the authors' code.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.self_mask_cross import TwoViews
from fieldwise.nn.self_mask_branch import SelfMaskBranch
from fieldwise.schema import Schema

__all__ = ["LCN"]


@final
class LCN(nn.Module):
    r"""Linear Cross Network.

    $$z = w^\top x_L + w_0, \quad x_{l+1} = x_0 \odot ([c \,\|\, c \odot m] + b) + x_l,
    \quad c = W x_l, \quad m = \mathrm{ReLU}(\mathrm{LN}(c))$$

    In $x_0$ the first halves of all embeddings stand before the second halves. Several
    heads have an $x_0$ each, the same weights, and their mean $z$.

    Parameters: ``V * num_heads * embedding_dim``; each of the layers of width
    ``D = F * embedding_dim`` has ``D ** 2 / 2 + D`` (and ``D`` where the mask, ``2 *
    num_heads`` where heads are normalised); ``D + 1`` of the head.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = LCN(Schema((field,)), embedding_dim=2, num_cross_layers=1)
        >>> sum(weight.numel() for weight in model.parameters())
        15

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding in one head, an even number.
        num_cross_layers: depth; the highest degree is ``num_cross_layers + 1``.
        num_heads: slices of an embedding that are crossed apart, by the same weights.
        dropout: share of crosses dropped in training, in [0, 1).
        layer_norm: normalise what decides on the mask.
        batch_norm: normalise each head of a cross before it is masked.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_cross_layers: int = 4,
        num_heads: int = 1,
        dropout: float = 0.0,
        layer_norm: bool = True,
        batch_norm: bool = False,
    ) -> None:
        check_positive("num_cross_layers", num_cross_layers)
        super().__init__()
        self.views = TwoViews(embedding_dim, num_heads=num_heads)
        self.embedding = FieldEmbedding(schema, embedding_dim=num_heads * embedding_dim)
        self.branch = SelfMaskBranch(
            "linear",
            len(schema) * embedding_dim,
            num_layers=num_cross_layers,
            num_heads=num_heads,
            num_tasks=schema.num_tasks,
            dropout=dropout,
            layer_norm=layer_norm,
            batch_norm=batch_norm,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        logits: Tensor = self.branch(self.views(self.embedding(batch)))
        return logits
