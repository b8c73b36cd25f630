"""Self-attention between fields builds interactions of growing order.

Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive
Neural Networks", CIKM 2019, https://arxiv.org/abs/1810.11921, equations 5 to 9.
Differences from the paper: none by default. Options are those of published
configurations, and the Gaussian gate of Ioannides, Chadha, Elkins (2024) before it.
"""

from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.attention_head import AttentionHead
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.gaussian_gate import GaussianGate
from fieldwise.schema import Schema

__all__ = ["AutoInt"]


@final
class AutoInt(nn.Module):
    r"""Fields attend to fields, layer by layer, and are read by a linear map.

    $$z = w^\top \mathrm{vec}(X_L) + b, \quad
    X_{l+1} = \mathrm{ReLU}\big([A_1 X_l V_1 \,\|\, \dots \,\|\, A_H X_l V_H]
    + X_l W\big), \quad A_h = \mathrm{softmax}\big((X_l Q_h)(X_l K_h)^\top\big)$$

    Parameters: ``V * embedding_dim``, ``4 * embedding_dim * width`` of the first layer
    and ``4 * width ** 2`` of each other one, with ``width = num_heads * head_dim``, and
    ``F * width + 1``. ``attention.attention(gate(embedding(batch)))`` tells which
    fields each field looked at.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"num_layers": 1, "num_heads": 2, "head_dim": 3}
        >>> model = AutoInt(Schema((field,)), embedding_dim=2, **sizes)
        >>> sum(weight.numel() for weight in model.parameters())
        61

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_layers: depth of the attention.
        num_heads: attention maps in each layer.
        head_dim: length of a query, a key and a value.
        residual: ``projected`` by a matrix, or the ``identity`` where widths agree.
        scaled: divide scores by the root of ``head_dim``.
        layer_norm: normalise before each activation of the attention.
        attention_dropout: share of attention weights dropped in training, in [0, 1).
        gaussian_gate: first scale each field by how usual it is in its row.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_layers: int = 3,
        num_heads: int = 2,
        head_dim: int = 32,
        residual: Literal["projected", "identity"] = "projected",
        scaled: bool = False,
        layer_norm: bool = False,
        attention_dropout: float = 0.0,
        gaussian_gate: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        self.gate = GaussianGate() if gaussian_gate else nn.Identity()
        self.attention = AttentionHead(
            len(schema),
            embedding_dim,
            num_tasks=schema.num_tasks,
            num_layers=num_layers,
            num_heads=num_heads,
            head_dim=head_dim,
            residual=residual,
            scaled=scaled,
            layer_norm=layer_norm,
            attention_dropout=attention_dropout,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        logits: Tensor = self.attention(self.gate(self.embedding(batch)))
        return logits
