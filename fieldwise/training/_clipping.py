"""Limit the length of the gradient, all parameters together."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.utils import get_total_norm

__all__ = ["clip_total_norm"]

EPSILON = 1e-6
"""Keeps the factor finite; the same as in ``torch.nn.utils.clip_grad_norm_``."""


@torch.no_grad()
def clip_total_norm(parameters: Sequence[Parameter], max_norm: float) -> Tensor:
    """Shorten the gradient to ``max_norm`` where it is longer.

    Like ``torch.nn.utils.clip_grad_norm_``, and for sparse gradients too, which stay
    sparse.

    Args:
        parameters: with dense gradients, sparse ones that hold each row at most once
            (only then do the values have the norm of the rows), or none.
        max_norm: longest gradient allowed.

    Returns:
        The length before, a scalar on the device of the gradients.
    """
    gradients = [
        parameter.grad.values() if parameter.grad.is_sparse else parameter.grad
        for parameter in parameters
        if parameter.grad is not None
    ]
    total = get_total_norm(gradients)
    # A CPU has the number at hand and saves a pass; a GPU would have to wait for it.
    if gradients and (total.device.type != "cpu" or total > max_norm):
        factor = (max_norm / (total + EPSILON)).clamp(max=1.0)
        torch._foreach_mul_(gradients, factor)
    return total
