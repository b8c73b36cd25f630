"""Exponential neurons build crosses whose fields are chosen row by row.

Source: Cai et al., "ARM-Net: Adaptive Relation Modeling Network for Structured Data",
SIGMOD 2021, https://arxiv.org/abs/2107.01830, figure 3.
Differences from the paper: numbers are embedded as their encoding says, not as a value
in (0, 1] times one row; the trainer bounds the length of the gradient, not each of its
entries; keys are as long as embeddings, and logits of gates are divided by the root of
that length, as in the authors' code.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.exponential_neurons import ExponentialNeurons
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["ARMNet"]


@final
class ARMNet(nn.Module):
    r"""Crosses of arbitrary order into a tower into a logit.

    $$z = w^\top \mathrm{MLP}(\mathrm{BN}(y)) + b, \quad
    y_i = \prod_j \exp(e_j)^{w_{ij}}, \quad w_i = z_i \odot v_i$$

    The gates ``z`` are sparse: ``neurons.gates(embedding(batch))`` tells which fields
    each neuron multiplies in each row, ``neurons.powers`` the powers ``w`` as well.
    Parameters: ``V * d``, ``num_heads * d ** 2 + n * (d + F + 2)`` of ``n = num_heads *
    num_neurons`` neurons, and the tower's on ``n * d`` inputs as in ``DNN``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"num_heads": 1, "num_neurons": 5, "hidden_dims": (4,)}
        >>> model = ARMNet(Schema((field,)), embedding_dim=2, **sizes)
        >>> sum(weight.numel() for weight in model.parameters())
        92

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_heads: groups of neurons, each with its own map of keys.
        num_neurons: crosses of each head.
        alpha: sparsity of the gates, 1 or more; 1 is softmax, 2 sparsemax.
        max_exponent: bound of exponents in both directions; None for no bound.
        hidden_dims: width of each layer on top of the crosses; empty for none.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise before each activation of these layers.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 10,
        num_heads: int = 8,
        num_neurons: int = 32,
        alpha: float = 2.0,
        max_exponent: float | None = None,
        hidden_dims: Sequence[int] = (256, 256),
        dropout: float = 0.0,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.neurons = ExponentialNeurons(
            len(schema),
            embedding_dim=embedding_dim,
            num_neurons=num_neurons,
            num_heads=num_heads,
            alpha=alpha,
            max_exponent=max_exponent,
        )
        width = self.neurons.out_features
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        crosses = self.neurons(self.embedding(batch)).flatten(start_dim=1)
        logits: Tensor = self.tower(crosses)
        return logits
