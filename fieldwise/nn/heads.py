"""From a representation to logits."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.linear import xavier_linear

__all__ = ["LinearHead"]


@final
class LinearHead(nn.Module):
    """One linear map per task.

    Logits are at least float32, under autocast too: in bfloat16 they would have three
    digits, and rows would tie.

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> LinearHead(4)(torch.zeros(3, 4)).shape
        torch.Size([3])

    Args:
        in_features: width of the representation.
        num_tasks: logits per row.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(self, in_features: int, *, num_tasks: int = 1) -> None:
        check_positive("in_features", in_features)
        check_positive("num_tasks", num_tasks)
        super().__init__()
        self.in_features = in_features
        self.num_tasks = num_tasks
        self.linear = xavier_linear(in_features, num_tasks)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            x: the representation.

        Returns:
            Logits.
        """
        check_last_dim("x", x.shape, self.in_features)
        logits: Tensor
        if torch.is_autocast_enabled(x.device.type):
            with torch.autocast(x.device.type, enabled=False):
                logits = self.linear(x.to(self.linear.weight.dtype))
        else:
            logits = self.linear(x)
        return logits.squeeze(-1) if self.num_tasks == 1 else logits
