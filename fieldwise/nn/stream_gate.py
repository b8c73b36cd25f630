r"""Gates that show each stream of a model its own view of the embeddings.

Source: Mao et al., "FinalMLP: An Enhanced Two-Stream MLP Model for CTR Prediction",
AAAI 2023, https://arxiv.org/abs/2304.00902, section "Stream-Specific Feature
Selection".
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.linear import xavier_linear
from fieldwise.nn.mlp import MLP
from fieldwise.schema import Schema

__all__ = ["StreamGate"]


@final
class StreamGate(nn.Module):
    r"""Weighs every entry of the embeddings by what some fields say.

    $$h = 2\, g \odot e, \quad g = \sigma(W\, \mathrm{MLP}(c) + b)$$

    The context ``c`` is the embeddings of some fields, from a table of their own. With
    no such field it is one learned vector: the gate is then the same for all rows, and
    computed once for all of them. That vector and all biases start at zero, so this
    gate starts at one half exactly, and ``h`` at ``e``; a ReLU lets nothing through at
    zero, so of hidden layers only ``b`` learns, which a gate without context needs.
    Parameters: ``C`` of the context (its rows times ``embedding_dim``, or
    ``embedding_dim``), the tower's, and ``(hidden + 1) * out_features``.

    Shape:
        - Input: ``(batch, out_features)``, and the ``Batch`` it came from.
        - Output: ``(batch, out_features)``.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("user", num_features=3, value_type="string")
        >>> gate = StreamGate(
        ...     Schema((field,)),
        ...     ["user"],
        ...     embedding_dim=4,
        ...     hidden_dims=(5,),
        ...     out_features=6,
        ... )
        >>> sum(weight.numel() for weight in gate.parameters())
        73

    Args:
        schema: a fitted schema.
        context_fields: fields that decide; empty for a gate that is the same for all
            rows.
        embedding_dim: length of one embedding of the context.
        hidden_dims: width of each hidden layer between context and gate.
        out_features: entries to weigh.

    Raises:
        ValueError: if a size is not positive.
        SchemaError: if context fields are unknown, repeated, or sequences.
    """

    def __init__(
        self,
        schema: Schema,
        context_fields: Sequence[str],
        *,
        embedding_dim: int,
        hidden_dims: Sequence[int],
        out_features: int,
    ) -> None:
        check_positive("embedding_dim", embedding_dim)
        check_positive("out_features", out_features)
        super().__init__()
        self.out_features = out_features
        self.embedding = (
            FieldEmbedding(schema, embedding_dim=embedding_dim, fields=context_fields)
            if context_fields
            else None
        )
        if self.embedding is None:
            self.context = nn.Parameter(torch.zeros(embedding_dim))
        width = embedding_dim * max(1, len(context_fields))
        self.hidden = MLP(width, hidden_dims=hidden_dims)
        self.linear = xavier_linear(self.hidden.out_features, out_features)

    def gate(self, batch: Batch) -> Float[Tensor, "row width"]:
        """What every entry is worth to this stream.

        Args:
            batch: encoded rows.

        Returns:
            Shares in [0, 1], of each row, or of one row where they are all the same.
        """
        if self.embedding is None:
            context = self.context.unsqueeze(0)
        else:
            context = self.embedding(batch).flatten(start_dim=1)
        share: Tensor = self.linear(self.hidden(context)).sigmoid()
        return share

    def forward(
        self, x: Float[Tensor, "batch width"], batch: Batch
    ) -> Float[Tensor, "batch width"]:
        """Weigh the entries.

        Args:
            x: concatenated field embeddings.
            batch: the rows they belong to.

        Returns:
            Weighed embeddings.
        """
        check_last_dim("x", x.shape, self.out_features)
        return x * (2 * self.gate(batch))
