"""Exponential neurons and a tower, weighed into one logit.

Source: Cai et al., "ARM-Net: Adaptive Relation Modeling Network for Structured Data",
SIGMOD 2021, https://arxiv.org/abs/2107.01830, "ARM-Net+".
Differences from the paper: those of ``ARMNet``; several labels have weights each.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.deep_ensemble import DeepEnsemble
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.exponential_neurons import ExponentialNeurons
from fieldwise.schema import Schema

__all__ = ["ARMNetPlus"]


@final
class ARMNetPlus(nn.Module):
    r"""``ARMNet`` and ``DNN``, each with a table of its own.

    $$z = u_1 z_{\mathrm{ARM}} + u_2 z_{\mathrm{DNN}} + c$$

    The weights start at one half and are learned. Parameters: those of ``ARMNet`` and
    of ``DNN``, and 3 per task.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"num_heads": 1, "num_neurons": 5, "hidden_dims": (4,)}
        >>> model = ARMNetPlus(
        ...     Schema((field,)), embedding_dim=2, **sizes, deep_hidden_dims=(4,)
        ... )
        >>> sum(weight.numel() for weight in model.parameters())
        126

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding, in both tables.
        num_heads: groups of neurons, each with its own map of keys.
        num_neurons: crosses of each head.
        alpha: sparsity of the gates, 1 or more; 1 is softmax, 2 sparsemax.
        max_exponent: bound of exponents in both directions; None for no bound.
        hidden_dims: width of each layer on top of the crosses; empty for none.
        dropout: share of their activations dropped in training, in [0, 1).
        batch_norm: normalise before each of their activations.
        deep_hidden_dims: width of each layer of the tower beside them.
        deep_dropout: share of its activations dropped in training, in [0, 1).
        deep_batch_norm: normalise before each of its activations.
    """

    def __init__(  # noqa: PLR0913  two branches with settings of their own
        self,
        schema: Schema,
        *,
        embedding_dim: int = 10,
        num_heads: int = 4,
        num_neurons: int = 4,
        alpha: float = 1.5,
        max_exponent: float | None = None,
        hidden_dims: Sequence[int] = (256, 256),
        dropout: float = 0.0,
        batch_norm: bool = True,
        deep_hidden_dims: Sequence[int] = (256, 256),
        deep_dropout: float = 0.0,
        deep_batch_norm: bool = True,
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
        self.ensemble = DeepEnsemble(
            schema,
            self.neurons.out_features,
            embedding_dim=embedding_dim,
            hidden_dims=hidden_dims,
            dropout=dropout,
            batch_norm=batch_norm,
            deep_hidden_dims=deep_hidden_dims,
            deep_dropout=deep_dropout,
            deep_batch_norm=deep_batch_norm,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        crosses = self.neurons(self.embedding(batch)).flatten(start_dim=1)
        logits: Tensor = self.ensemble(crosses, batch)
        return logits
