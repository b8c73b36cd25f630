"""Self-masked crosses and the head on top of them.

Source: Li et al., "FCN: Fusing Exponential and Linear Cross Network for Click-Through
Rate Prediction", KDD 2026, https://arxiv.org/abs/2407.13349, version 7 (one branch).
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.nn.heads import LinearHead
from fieldwise.nn.interactions.self_mask_cross import Growth, SelfMaskCrossNetwork

__all__ = ["SelfMaskBranch"]


@final
class SelfMaskBranch(nn.Module):
    r"""From the two views of embeddings through masked crosses to logits.

    $$z = w^\top x_L + b$$

    with the layers of ``SelfMaskCrossNetwork``. Several heads have the same weights,
    and their mean ``z``. Parameters: those of the layers, and ``num_tasks *
    (in_features + 1)`` of the head.

    Shape:
        - Input: ``(batch, num_heads, in_features)``, as ``TwoViews`` gives it.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> import torch
        >>> branch = SelfMaskBranch("exponential", 6, num_layers=2)
        >>> branch(torch.zeros(3, 1, 6)).shape
        torch.Size([3])

    Args:
        growth: of the highest degree: ``linear`` to ``num_layers + 1``, or
            ``exponential`` to ``2 ** num_layers``.
        in_features: width of the input, an even number.
        num_layers: number of cross layers.
        num_heads: inputs that are crossed by the same weights.
        num_tasks: logits per row.
        dropout: share of each layer's output dropped in training, in [0, 1).
        layer_norm: normalise what decides on the mask.
        batch_norm: normalise each head before.

    Raises:
        ValueError: if a size is not positive, the width is odd, ``dropout`` is not a
            share, or there is no such growth.
    """

    def __init__(
        self,
        growth: Growth,
        in_features: int,
        *,
        num_layers: int,
        num_heads: int = 1,
        num_tasks: int = 1,
        dropout: float = 0.0,
        layer_norm: bool = True,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        self.cross = SelfMaskCrossNetwork(
            in_features,
            growth=growth,
            num_layers=num_layers,
            num_heads=num_heads,
            layer_norm=layer_norm,
            batch_norm=batch_norm,
            dropout=dropout,
        )
        self.head = LinearHead(in_features, num_tasks=num_tasks)

    def forward(
        self, x: Float[Tensor, "batch head width"]
    ) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            x: the views of every head.

        Returns:
            Logits.
        """
        logits: Tensor = self.head(self.cross(x))
        return logits
