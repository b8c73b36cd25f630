"""DCN: crosses of rank one and a deep tower in parallel.

Source: Wang et al., "Deep & Cross Network for Ad Click Predictions", ADKDD 2017,
https://arxiv.org/abs/1708.05123, equations 3 to 5 and figure 1.
Differences from the paper: one embedding length for all fields.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.crossed_tower import CrossedTower
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.vector_cross_network import VectorCrossNetwork
from fieldwise.schema import Schema

__all__ = ["DCN"]


@final
class DCN(nn.Module):
    r"""Deep & Cross Network.

    $$z = w^\top [x_L \,\|\, \mathrm{MLP}(x_0)] + b, \quad
    x_{l+1} = x_0 \, (w_l^\top x_l) + b_l + x_l$$

    Parameters: ``V * embedding_dim``, ``2 * L * N`` of ``L`` cross layers of width
    ``N = F * embedding_dim``, the tower's as in ``DNN``, and ``N + out + 1``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> schema = Schema((field,))
        >>> model = DCN(schema, embedding_dim=2, num_cross_layers=1, hidden_dims=(4,))
        >>> sum(weight.numel() for weight in model.parameters())
        29

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_cross_layers: depth of the cross network.
        hidden_dims: width of each layer of the tower.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of the tower.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_cross_layers: int = 3,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        check_positive("num_cross_layers", num_cross_layers)
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        width = self.embedding.out_features
        self.cross = VectorCrossNetwork(width, num_layers=num_cross_layers)
        self.tower = CrossedTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch).flatten(start_dim=1)
        logits: Tensor = self.tower(x, self.cross(x))
        return logits
