"""Logarithmic neurons learn the order of every cross.

Source: Cheng, Shen, Huang, "Adaptive Factorization Network: Learning Adaptive-Order
Feature Interactions", AAAI 2020, https://arxiv.org/abs/1909.03276, figure 2.
Differences from the paper: magnitudes of embeddings are taken inside, where the table
of the paper is kept positive; they are at least 1e-5, and the neurons have no bias, as
in the public benchmark BARS.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.logarithmic_neurons import LogarithmicNeurons
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["AFN"]


@final
class AFN(nn.Module):
    r"""Adaptive factorization network: learned products into a tower into a logit.

    $$z = w^\top \mathrm{MLP}(\mathrm{BN}(y)) + b, \quad
    y_o = \exp\Big(\sum_f w_{of} \mathrm{BN}(\ln |e_f|)\Big)$$

    ``neurons.powers`` tells the power of each field in each neuron. Parameters: ``V *
    d``, ``O * (F + 2) + 2 * F`` of ``O`` neurons, and the tower's on ``O * d`` inputs
    as in ``DNN``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = AFN(
        ...     Schema((field,)), embedding_dim=2, num_neurons=5, hidden_dims=(4,)
        ... )
        >>> sum(weight.numel() for weight in model.parameters())
        72

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_neurons: products to form.
        hidden_dims: width of each layer on top of the products; empty for none.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of these layers.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 10,
        num_neurons: int = 600,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.neurons = LogarithmicNeurons(len(schema), num_neurons=num_neurons)
        width = num_neurons * embedding_dim
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        products = self.neurons(self.embedding(batch)).flatten(start_dim=1)
        logits: Tensor = self.tower(products)
        return logits
