"""Several towers, each with a head of its own, weighed into one logit."""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.mlp import MLP

__all__ = ["TowerMixture"]


@final
class TowerMixture(nn.Module):
    r"""Weighted sum of the logits of towers that read different inputs.

    $$z = \sum_k u_k \big(w_k^\top \mathrm{MLP}_k(x_k) + b_k\big) + c$$

    At the start it is the mean of their logits; the weights are learned, for each task
    its own. Parameters: the towers', ``num_tasks * (out_features + 1)`` of the head of
    each, and ``num_tasks * (num_towers + 1)``.

    Shape:
        - Input: one tensor per tower, ``(batch, in_features)``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> towers = [MLP(width, hidden_dims=(3,)) for width in (2, 4)]
        >>> TowerMixture(towers)(torch.zeros(5, 2), torch.zeros(5, 4)).shape
        torch.Size([5])

    Args:
        towers: at least one.
        num_tasks: logits per row.

    Raises:
        ValueError: if there is no tower, or ``num_tasks`` is not positive.
    """

    def __init__(self, towers: Sequence[MLP], *, num_tasks: int = 1) -> None:
        check_positive("number of towers", len(towers))
        super().__init__()
        self.towers = nn.ModuleList(towers)
        self.heads = nn.ModuleList(
            LinearHead(tower.out_features, num_tasks=num_tasks) for tower in towers
        )
        self.weights = nn.Parameter(torch.empty(num_tasks, len(towers)))
        self.bias = nn.Parameter(torch.empty(num_tasks))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start at the mean of the towers."""
        nn.init.constant_(self.weights, 1 / len(self.towers))
        nn.init.zeros_(self.bias)

    def forward(
        self, *inputs: Float[Tensor, "batch _"]
    ) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            *inputs: what each tower reads.

        Returns:
            Logits.
        """
        logits = torch.stack(self.branches(*inputs), dim=-1)
        return (logits * self.weights).sum(dim=-1) + self.bias

    def branches(
        self, *inputs: Float[Tensor, "batch _"]
    ) -> list[Float[Tensor, " batch *task"]]:
        """Score each row by each tower.

        Args:
            *inputs: what each tower reads.

        Returns:
            The logits of each tower.
        """
        parts = zip(self.towers, self.heads, inputs, strict=True)
        return [head(tower(x)) for tower, head, x in parts]
