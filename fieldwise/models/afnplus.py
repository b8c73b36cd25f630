"""Logarithmic neurons and a tower, weighed into one logit.

Source: Cheng, Shen, Huang, "Adaptive Factorization Network: Learning Adaptive-Order
Feature Interactions", AAAI 2020, https://arxiv.org/abs/1909.03276, "AFN+".
Differences from the paper: those of ``AFN``; both branches learn from the logit they
give together only, as in the public benchmark BARS, not from one of their own; several
labels have weights each.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.deep_ensemble import DeepEnsemble
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.logarithmic_neurons import LogarithmicNeurons
from fieldwise.schema import Schema

__all__ = ["AFNPlus"]


@final
class AFNPlus(nn.Module):
    r"""``AFN`` and ``DNN``, each with a table of its own.

    $$z = u_1 z_{\mathrm{AFN}} + u_2 z_{\mathrm{DNN}} + c$$

    The weights start at one half and are learned. The tower sees what logarithms lose,
    the signs. Parameters: those of ``AFN`` and of ``DNN``, and 3 per task.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"num_neurons": 5, "hidden_dims": (4,), "deep_hidden_dims": (4,)}
        >>> model = AFNPlus(Schema((field,)), embedding_dim=2, **sizes)
        >>> sum(weight.numel() for weight in model.parameters())
        98

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding, in both tables.
        num_neurons: products to form.
        hidden_dims: width of each layer on top of the products; empty for none.
        dropout: share of their activations dropped in training, in [0, 1).
        batch_norm: normalise before each of their activations.
        deep_hidden_dims: width of each layer of the tower beside them.
        deep_dropout: share of its activations dropped in training, in [0, 1).
        deep_batch_norm: normalise before each of its activations.
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
        deep_hidden_dims: Sequence[int] = (400, 400, 400),
        deep_dropout: float = 0.0,
        deep_batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.neurons = LogarithmicNeurons(len(schema), num_neurons=num_neurons)
        self.ensemble = DeepEnsemble(
            schema,
            num_neurons * embedding_dim,
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
        products = self.neurons(self.embedding(batch)).flatten(start_dim=1)
        logits: Tensor = self.ensemble(products, batch)
        return logits
