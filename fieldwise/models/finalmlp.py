"""Two towers with gates of their own, joined by multi-head bilinear fusion.

Source: Mao et al., "FinalMLP: An Enhanced Two-Stream MLP Model for CTR Prediction",
AAAI 2023, https://arxiv.org/abs/2304.00902, figure 1.
Differences from the paper: the contexts of the gates have tables of their own, and each
stream a bias of its own, as in the authors' code.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.batch import Batch
from fieldwise.nn.embeddings.field_embedding import FieldEmbedding
from fieldwise.nn.interactions.bilinear_fusion import BilinearFusion
from fieldwise.nn.mlp import MLP
from fieldwise.nn.stream_gate import StreamGate
from fieldwise.schema import Schema

__all__ = ["FinalMLP"]


@final
class FinalMLP(nn.Module):
    r"""Two streams that see the same embeddings through different gates.

    $$z = w_1^\top o_1 + w_2^\top o_2 + b + \sum_j o_{1j}^\top W_j\, o_{2j}, \quad
    o_s = \mathrm{MLP}_s(2\, g_s \odot e)$$

    Parameters: ``V * embedding_dim``, two towers as in ``DNN``, two gates (see
    ``StreamGate``), and ``out_1 + out_2 + 2 + out_1 * out_2 / num_heads``.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> widths = {"hidden_dims": (4,), "second_hidden_dims": (2,)}
        >>> model = FinalMLP(
        ...     Schema((field,)), embedding_dim=2, gated=False, **widths
        ... )
        >>> sum(weight.numel() for weight in model.parameters())
        36

    Args:
        schema: a fitted schema.
        embedding_dim: length of one embedding.
        hidden_dims: width of each layer of the first stream.
        second_hidden_dims: width of each layer of the second stream.
        dropout: share of activations dropped in training, in [0, 1).
        second_dropout: that of the second stream; None for the same.
        batch_norm: normalise before each activation of both streams.
        gated: show each stream its own view of the embeddings.
        context_fields: fields that decide what the first stream sees; empty for a view
            that is the same for all rows.
        second_context_fields: fields that decide what the second stream sees.
        gate_hidden_dims: width of each hidden layer of a gate.
        num_heads: heads of the fusion, a divisor of the last width of both streams.
    """

    def __init__(  # noqa: PLR0913  the two streams are chosen one by one
        self,
        schema: Schema,
        *,
        embedding_dim: int = 16,
        hidden_dims: Sequence[int] = (400, 400, 400),
        second_hidden_dims: Sequence[int] = (400,),
        dropout: float = 0.0,
        second_dropout: float | None = None,
        batch_norm: bool = False,
        gated: bool = True,
        context_fields: Sequence[str] = (),
        second_context_fields: Sequence[str] = (),
        gate_hidden_dims: Sequence[int] = (64,),
        num_heads: int = 2,
    ) -> None:
        check_positive("embedding_dim", embedding_dim)
        super().__init__()
        self.embedding = FieldEmbedding(schema, embedding_dim=embedding_dim)
        width = self.embedding.out_features
        self.gates = nn.ModuleList(
            StreamGate(
                schema,
                fields,
                embedding_dim=embedding_dim,
                hidden_dims=gate_hidden_dims,
                out_features=width,
            )
            for fields in (context_fields, second_context_fields)
            if gated
        )
        shares = (dropout, dropout if second_dropout is None else second_dropout)
        self.first, self.second = (
            MLP(width, hidden_dims=dims, dropout=share, batch_norm=batch_norm)
            for dims, share in zip(
                (hidden_dims, second_hidden_dims), shares, strict=True
            )
        )
        self.head = BilinearFusion(
            self.first.out_features,
            self.second.out_features,
            num_heads=num_heads,
            num_tasks=schema.num_tasks,
        )

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        x = self.embedding(batch).flatten(start_dim=1)
        first, second = [gate(x, batch) for gate in self.gates] or [x, x]
        logits: Tensor = self.head(self.first(first), self.second(second))
        return logits
