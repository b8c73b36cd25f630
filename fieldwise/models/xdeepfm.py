"""A compressed interaction network, a tower and a linear part, added.

Source: Lian et al., "xDeepFM: Combining Explicit and Implicit Feature Interactions for
Recommender Systems", KDD 2018, https://arxiv.org/abs/1803.05170, section 3.
Differences from the paper: 64 maps a layer as in public benchmarks, not 100 or 200; the
maps have biases, and so has each of the two heads; no half of the maps is set aside.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.interactions.compressed_interaction import CompressedInteraction
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["XDeepFM"]


@final
class XDeepFM(nn.Module):
    r"""Extreme deep factorization machine.

    $$z = \sum_f x_f w_f + u^\top [p^1 \,\|\, \dots \,\|\, p^L] + w^\top \mathrm{MLP}(e)
    + b$$

    Parameters: those of ``DeepFM``, ``F * H' * H + H`` of each layer of ``H`` maps that
    reads ``H'``, and one more than there are maps.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"num_feature_maps": (2,), "hidden_dims": (4,)}
        >>> model = XDeepFM(Schema((field,)), embedding_dim=2, **sizes)
        >>> sum(weight.numel() for weight in model.parameters())
        33

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_feature_maps: maps of each layer of the interaction network; the highest
            order is one more than the number of layers.
        hidden_dims: width of each layer of the tower.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of the tower.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_feature_maps: Sequence[int] = (64, 64, 64),
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        width = self.embedding.out_features
        self.linear = FirstOrder(schema)
        self.crosses = CompressedInteraction(
            self.embedding.num_fields, num_feature_maps=num_feature_maps
        )
        self.cross_head = LinearHead(
            self.crosses.out_features, num_tasks=schema.num_tasks
        )
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch)
        crosses = self.cross_head(self.crosses(x))
        deep = self.tower(x.flatten(start_dim=1))
        logits: Tensor = self.linear(batch) + crosses + deep
        return logits
