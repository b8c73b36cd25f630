"""Self-attention between fields, read by a linear head.

Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive
Neural Networks", CIKM 2019, https://arxiv.org/abs/1810.11921, "Output Layer".
"""

from typing import Literal, final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.nn.heads import LinearHead
from fieldwise.nn.interactions.self_attention import SelfAttention

__all__ = ["AttentionHead"]


@final
class AttentionHead(nn.Module):
    r"""From embeddings through self-attention to logits.

    $$z = w^\top \mathrm{vec}(X_L) + b$$

    with the layers of ``SelfAttention``. Parameters: those of the layers, and
    ``num_tasks * (num_fields * width + 1)`` of the head on their last width.

    Shape:
        - Input: ``(batch, num_fields, in_features)``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> import torch
        >>> head = AttentionHead(5, 6, num_layers=2, num_heads=2, head_dim=4)
        >>> head(torch.zeros(3, 5, 6)).shape
        torch.Size([3])

    Args:
        num_fields: fields of the input.
        in_features: length of an embedding.
        num_tasks: logits per row.
        num_layers: depth; with none the head reads the input.
        num_heads: attention maps in each layer.
        head_dim: length of a query, a key and a value.
        residual: ``projected`` through a matrix, or the ``identity``.
        scaled: divide scores by the root of ``head_dim``.
        layer_norm: normalise before each activation.
        attention_dropout: share of attention weights dropped in training, in [0, 1).

    Raises:
        ValueError: if a size is not positive, ``num_layers`` is negative, ``residual``
            is unknown or ``attention_dropout`` is not a share.
    """

    def __init__(
        self,
        num_fields: int,
        in_features: int,
        *,
        num_tasks: int = 1,
        num_layers: int,
        num_heads: int,
        head_dim: int,
        residual: Literal["projected", "identity"] = "projected",
        scaled: bool = False,
        layer_norm: bool = False,
        attention_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.stack = SelfAttention(
            in_features,
            num_layers=num_layers,
            num_heads=num_heads,
            head_dim=head_dim,
            residual=residual,
            scaled=scaled,
            layer_norm=layer_norm,
            dropout=attention_dropout,
        )
        width = num_fields * self.stack.out_features
        self.head = LinearHead(width, num_tasks=num_tasks)

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            x: field embeddings.

        Returns:
            Logits.
        """
        logits: Tensor = self.head(self.stack(x).flatten(start_dim=1))
        return logits

    def attention(
        self, x: Float[Tensor, "batch field dim"]
    ) -> tuple[Float[Tensor, "batch head field field"], ...]:
        """Tell how much each field looks at each other one.

        Args:
            x: field embeddings.

        Returns:
            The weights of each layer, as ``SelfAttention`` tells them.
        """
        return self.stack.attention(x)
