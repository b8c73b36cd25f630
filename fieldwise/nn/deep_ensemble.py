"""A tower on crosses, and one on a table of its own, weighed into one logit.

Source: Cheng, Shen, Huang, "Adaptive Factorization Network: Learning Adaptive-Order
Feature Interactions", AAAI 2020, https://arxiv.org/abs/1909.03276, "AFN+".
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.mlp import MLP
from fieldwise.nn.tower_mixture import TowerMixture
from fieldwise.schema import Schema

__all__ = ["DeepEnsemble"]


@final
class DeepEnsemble(nn.Module):
    r"""Crosses that a model made of a row, and the row itself, each through a tower.

    $$z = u_1 z_{\mathrm{crossed}} + u_2 z_{\mathrm{deep}} + c$$

    The weights start at one half and are learned (see ``TowerMixture``). The tower
    beside the crosses reads a table of its own, so that both learn what suits them.
    Parameters: that table's, both towers' and heads', and 3 per task.

    Shape:
        - crosses: ``(batch, in_features)``; and the ``Batch`` they came from.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> widths = {"hidden_dims": (4,), "deep_hidden_dims": (4,)}
        >>> ensemble = DeepEnsemble(Schema((field,)), 10, embedding_dim=2, **widths)
        >>> sum(weight.numel() for weight in ensemble.parameters())
        75

    Args:
        schema: a fitted schema.
        in_features: width of the crosses.
        embedding_dim: length of one embedding of the table.
        hidden_dims: width of each layer on top of the crosses; empty for none.
        dropout: share of their activations dropped in training, in [0, 1).
        batch_norm: normalise before each of their activations.
        deep_hidden_dims: width of each layer of the tower beside them.
        deep_dropout: share of its activations dropped in training, in [0, 1).
        deep_batch_norm: normalise before each of its activations.

    Raises:
        ValueError: if a size is not positive, or one of the shares is none.
    """

    def __init__(
        self,
        schema: Schema,
        in_features: int,
        *,
        embedding_dim: int,
        hidden_dims: Sequence[int],
        dropout: float = 0.0,
        batch_norm: bool = False,
        deep_hidden_dims: Sequence[int],
        deep_dropout: float = 0.0,
        deep_batch_norm: bool = False,
    ) -> None:
        super().__init__()
        crossed = MLP(
            in_features, hidden_dims=hidden_dims, dropout=dropout, batch_norm=batch_norm
        )
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        deep = MLP(
            self.embedding.out_features,
            hidden_dims=deep_hidden_dims,
            dropout=deep_dropout,
            batch_norm=deep_batch_norm,
        )
        self.head = TowerMixture([crossed, deep], num_tasks=schema.num_tasks)

    def forward(
        self, crosses: Float[Tensor, "batch width"], batch: Batch
    ) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            crosses: of the rows.
            batch: the rows.

        Returns:
            Logits.
        """
        logits: Tensor = self.head(crosses, self.embedding(batch).flatten(start_dim=1))
        return logits
