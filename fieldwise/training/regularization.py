r"""L2 penalties, as what they add to the gradient.

$$\nabla \left( \tfrac{\lambda}{2} \lVert W \rVert^2 \right) = \lambda W$$

Adding the gradient instead of the penalty saves a pass over the table in forward and
one in backward, and gives the same numbers. It happens before clipping, so that the
length of the gradient counts the penalty, as in the published recipe.

Source: Zhu et al., "BARS: Towards Open Benchmarking for Recommender Systems", SIGIR
2022, https://arxiv.org/abs/2205.09626 (``embedding_regularizer`` of its code: the
whole table, at every step, not averaged over the batch).
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import Parameter

__all__ = ["add_l2", "add_touched_l2"]


@torch.no_grad()
def add_l2(parameters: Sequence[Parameter], strength: float) -> None:
    """Penalise every weight of some parameters.

    Args:
        parameters: with dense gradients, or none yet.
        strength: the penalty's factor.
    """
    weights: list[Tensor] = []
    gradients: list[Tensor] = []
    for parameter in parameters:
        if parameter.grad is None:
            parameter.grad = strength * parameter.detach()
        else:
            weights.append(parameter)
            gradients.append(parameter.grad)
    if weights:
        torch._foreach_add_(gradients, weights, alpha=strength)


@torch.no_grad()
def add_touched_l2(tables: Sequence[Parameter], strength: float) -> None:
    """Penalise the rows a batch has touched, once each.

    Args:
        tables: with sparse gradients that hold each row at most once, where every
            row held is touched, or with dense ones, where a row is touched when its
            gradient is not zero.
        strength: the penalty's factor.
    """
    for table in tables:
        gradient = table.grad
        if gradient is None:
            continue
        if gradient.is_sparse:
            rows = table.index_select(0, gradient.indices()[0])
            gradient.values().add_(rows, alpha=strength)
        else:
            touched = (gradient != 0).any(dim=1, keepdim=True)
            gradient.addcmul_(table, touched.to(table.dtype), value=strength)
