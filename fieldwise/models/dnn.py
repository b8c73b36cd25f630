"""A feed-forward tower on concatenated field embeddings.

Source: Covington, Adams, Sargin, "Deep Neural Networks for YouTube Recommendations",
RecSys 2016, section 4.
Differences from the paper: one embedding length for all fields; no candidate sampling;
layer widths are those of public CTR benchmarks.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["DNN"]


@final
class DNN(nn.Module):
    r"""Embeddings into a tower into a logit.

    $$z = w^\top \mathrm{MLP}([e_1 \,\|\, \dots \,\|\, e_F]) + b$$

    Parameters: ``V * embedding_dim``, plus ``in * out + out`` of each layer and of the
    head (and ``2 * out`` where layers are normalised).

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = DNN(Schema((field,)), embedding_dim=2, hidden_dims=(4,))
        >>> sum(weight.numel() for weight in model.parameters())
        23

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
        width = self.embedding.out_features
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        logits: Tensor = self.tower(self.embedding(batch).flatten(start_dim=1))
        return logits
