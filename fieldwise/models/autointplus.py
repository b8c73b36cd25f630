"""Self-attention between fields beside a tower, on the same embeddings.

Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive
Neural Networks", CIKM 2019, https://arxiv.org/abs/1810.11921, section 5.5.
Differences from the paper: layer widths of the tower are those of public CTR
benchmarks. Options are those of published configurations, and the Gaussian gate of
Ioannides, Chadha, Elkins (2024) before both branches.
"""

from collections.abc import Sequence
from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.attention_head import AttentionHead
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.gaussian_gate import GaussianGate
from fieldwise.nn.scoring_tower import ScoringTower
from fieldwise.schema import Schema

__all__ = ["AutoIntPlus"]


@final
class AutoIntPlus(nn.Module):
    r"""Attention and a tower, each with a head of its own, added.

    $$z = w^\top \mathrm{vec}(X_L) + b + v^\top \mathrm{MLP}(\mathrm{vec}(X_0)) + c$$

    with the layers of ``AutoInt``. Parameters: those of ``AutoInt``, the tower's as in
    ``DNN``, and ``out + 1``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sizes = {"num_layers": 1, "head_dim": 3, "hidden_dims": (4,)}
        >>> model = AutoIntPlus(Schema((field,)), embedding_dim=2, **sizes)
        >>> sum(weight.numel() for weight in model.parameters())
        78

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        num_layers: depth of the attention.
        num_heads: attention maps in each layer.
        head_dim: length of a query, a key and a value.
        hidden_dims: width of each layer of the tower.
        dropout: share of activations of the tower dropped in training, in [0, 1).
        batch_norm: normalise before each activation of the tower.
        residual: ``projected`` by a matrix, or the ``identity`` where widths agree.
        scaled: divide scores by the root of ``head_dim``.
        layer_norm: normalise before each activation of the attention.
        attention_dropout: share of attention weights dropped in training, in [0, 1).
        gaussian_gate: first scale each field by how usual it is in its row.
    """

    def __init__(  # noqa: PLR0913  published configurations differ in each of them
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        num_layers: int = 3,
        num_heads: int = 2,
        head_dim: int = 32,
        hidden_dims: Sequence[int] = (400, 400, 400),
        dropout: float = 0.0,
        batch_norm: bool = False,
        residual: Literal["projected", "identity"] = "projected",
        scaled: bool = False,
        layer_norm: bool = False,
        attention_dropout: float = 0.0,
        gaussian_gate: bool = False,
    ) -> None:
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        width = self.embedding.out_features
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
        self.tower = ScoringTower(
            width, hidden_dims, schema.num_tasks, dropout=dropout, batch_norm=batch_norm
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.gate(self.embedding(batch))
        logits: Tensor = self.attention(x) + self.tower(x.flatten(start_dim=1))
        return logits
