"""DCN-Mix: crosses in a few small spaces, mixed by gates, and a deep tower.

Source: Wang et al., "DCN V2: Improved Deep & Cross Network", WWW 2021,
https://arxiv.org/abs/2008.13535, section 3.5 (mixture of low-rank experts).
Differences from the paper: gates are always a softmax.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.crossed_tower import CrossedTower
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.low_rank_cross_network import LowRankCrossNetwork
from fieldwise.schema import Schema

__all__ = ["DCNMix"]


@final
class DCNMix(nn.Module):
    r"""Deep & Cross Network, version 2, with a mixture of low-rank experts.

    $$z = w^\top [x_L \,\|\, \mathrm{MLP}(x_0)] + b$$
    $$x_{l+1} = x_0 \odot \Big(\sum_k g_k(x_l) \, U_k \tanh(C_k \tanh(V_k^\top x_l))
    + b_l\Big) + x_l$$

    Parameters: ``V * embedding_dim``; each cross layer of width ``N = F *
    embedding_dim`` has ``num_experts * (2 * N * rank + rank ** 2 + N) + N``; the
    tower's as in ``DNN``, and ``N + out + 1``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"embedding_dim": 2, "hidden_dims": (4,), "num_cross_layers": 1}
        >>> model = DCNMix(Schema((field,)), **sizes, num_experts=2, rank=1)
        >>> sum(weight.numel() for weight in model.parameters())
        41

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_cross_layers: depth of the cross network.
        num_experts: experts of a cross layer.
        rank: width of the space an expert works in.
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
        num_experts: int = 4,
        rank: int = 32,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        check_positive("num_cross_layers", num_cross_layers)
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.cross = LowRankCrossNetwork(
            self.embedding.out_features,
            num_layers=num_cross_layers,
            num_experts=num_experts,
            rank=rank,
        )
        width = self.cross.out_features
        self.tower = CrossedTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch).flatten(start_dim=1)
        logits: Tensor = self.tower(x, self.cross(x))
        return logits
