"""A tower and the linear head on top of it."""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.nn.heads import LinearHead
from fieldwise.nn.mlp import MLP

__all__ = ["ScoringTower"]


@final
class ScoringTower(nn.Module):
    r"""From a representation through a tower to logits.

    $$z = w^\top \mathrm{MLP}(x) + b$$

    Parameters: the tower's, and ``num_tasks * (out + 1)`` of the head on its ``out``
    activations.

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> import torch
        >>> ScoringTower(6, (4, 3))(torch.zeros(2, 6)).shape
        torch.Size([2])

    Args:
        in_features: width of the input.
        hidden_dims: width of each layer of the tower; empty for a linear map alone.
        num_tasks: logits per row.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise over the batch before each activation.
        layer_norm: normalise over the width before each activation.

    Raises:
        ValueError: if a size is not positive, ``dropout`` is not a share, or layers
            shall be normalised twice.
    """

    def __init__(
        self,
        in_features: int,
        hidden_dims: Sequence[int],
        num_tasks: int = 1,
        *,
        dropout: float = 0.0,
        batch_norm: bool = False,
        layer_norm: bool = False,
    ) -> None:
        super().__init__()
        self.deep = MLP(
            in_features,
            hidden_dims=hidden_dims,
            dropout=dropout,
            batch_norm=batch_norm,
            layer_norm=layer_norm,
        )
        self.head = LinearHead(self.deep.out_features, num_tasks=num_tasks)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            x: the representation.

        Returns:
            Logits.
        """
        logits: Tensor = self.head(self.deep(x))
        return logits
