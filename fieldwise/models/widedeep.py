"""A linear part that memorises beside a tower that generalises.

Source: Cheng et al., "Wide & Deep Learning for Recommender Systems", DLRS 2016,
https://arxiv.org/abs/1606.07792, equation 3.
Differences from the paper: no crosses made by hand in the wide part; all fields enter
both parts; one optimizer for both.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["WideDeep"]


@final
class WideDeep(nn.Module):
    r"""Linear part and tower, added.

    $$z = \sum_f x_f w_f + w^\top \mathrm{MLP}([e_1 \,\|\, \dots \,\|\, e_F]) + b$$

    Parameters: those of ``DNN`` and ``V`` first-order weights.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = WideDeep(Schema((field,)), embedding_dim=2, hidden_dims=(4,))
        >>> sum(weight.numel() for weight in model.parameters())
        26

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
        self.wide = FirstOrder(schema)
        width = self.embedding.out_features
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch).flatten(start_dim=1)
        logits: Tensor = self.wide(batch) + self.tower(x)
        return logits
