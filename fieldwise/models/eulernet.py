"""Products of fields with learned orders, in the complex plane.

Source: Tian et al., "EulerNet: Adaptive Feature Interaction Learning via Euler's
Formula for CTR Prediction", SIGIR 2023, https://arxiv.org/abs/2304.10711, figure 1.
Differences from the paper: one dropout for both kinds of interactions; the bias of the
head counts once, not once for real and once for imaginary parts.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.interactions.euler_network import EulerNetwork
from fieldwise.schema import Schema

__all__ = ["EulerNet"]

ANGLE_STD = 0.03
"""Wider than other tables: angles of nearly zero all have the same cosine, of which a
normalisation leaves nothing. Glorot's rule, which the authors draw by, has 0.04 for a
field of 1,000 values."""


@final
class EulerNet(nn.Module):
    r"""A network of complex products, explicit and implicit at once.

    $$z = w^\top (r^{(L)} + p^{(L)}) + b, \quad
    r^{(0)} + i p^{(0)} = \mu\, e^{i x}$$

    for embeddings ``x`` and the layers of ``EulerNetwork``. Parameters: ``V *
    embedding_dim``, ``F`` moduli, those of the layers (see ``EulerLayer``), and ``O *
    embedding_dim + 1`` of the head.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> model = EulerNet(Schema((field,)), embedding_dim=2, num_euler_layers=1)
        >>> sum(weight.numel() for weight in model.parameters())
        21

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_euler_layers: layers of products.
        num_orders: products of each layer; None for as many as there are fields.
        dropout: share of inputs, logarithms and angles of a layer that are dropped in
            training, in [0, 1).
        layer_norm: normalise each vector that leaves a layer.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_euler_layers: int = 1,
        num_orders: int | None = None,
        dropout: float = 0.0,
        layer_norm: bool = False,
    ) -> None:
        check_positive("num_euler_layers", num_euler_layers)
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        nn.init.normal_(self.embedding.table, std=ANGLE_STD)
        self.euler = EulerNetwork(
            self.embedding.num_fields,
            dim=embedding_dim,
            num_layers=num_euler_layers,
            num_orders=(
                self.embedding.num_fields if num_orders is None else num_orders
            ),
            dropout=dropout,
            layer_norm=layer_norm,
        )
        self.head = LinearHead(self.euler.out_features, num_tasks=schema.num_tasks)

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        logits: Tensor = self.head(self.euler(self.embedding(batch)))
        return logits
