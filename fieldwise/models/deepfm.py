"""A factorization machine and a tower on the same embeddings.

Source: Guo et al., "DeepFM: A Factorization-Machine based Neural Network for CTR
Prediction", IJCAI 2017, https://arxiv.org/abs/1703.04247, equations 1 to 4.
Differences from the paper: no separate global bias (the head has one); several labels
have a machine each, and the tower reads the embeddings of all of them.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.nn.interactions.task_machines import TaskMachines
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["DeepFM"]


@final
class DeepFM(nn.Module):
    r"""Linear part, factorization machine and tower, added.

    $$z = \sum_f x_f w_f + \sum_{i<j} \langle e_i, e_j \rangle
    + w^\top \mathrm{MLP}(e) + b$$

    Parameters: those of ``DNN`` and ``V`` first-order weights.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = DeepFM(Schema((field,)), embedding_dim=2, hidden_dims=(4,))
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
        check_positive("embedding_dim", embedding_dim)
        super().__init__()
        self.embedding = FieldEmbedding(
            schema, embedding_dim=schema.num_tasks * embedding_dim
        )
        width = self.embedding.out_features
        self.linear = FirstOrder(schema)
        self.pairs = TaskMachines(schema.num_tasks)
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch)
        deep = self.tower(x.flatten(start_dim=1))
        logits: Tensor = self.pairs(x) + self.linear(batch) + deep
        return logits
