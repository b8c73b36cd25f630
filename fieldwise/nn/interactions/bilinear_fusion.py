r"""Joins two representations by their products, head by head.

Source: Mao et al., "FinalMLP: An Enhanced Two-Stream MLP Model for CTR Prediction",
AAAI 2023, https://arxiv.org/abs/2304.00902, section "Stream-Level Interaction
Aggregation".
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.heads import LinearHead
from fieldwise.nn.precision import autocast

__all__ = ["BilinearFusion"]


@final
class BilinearFusion(nn.Module):
    r"""A linear map of each of two representations, and a bilinear one of both.

    $$z = w_x^\top x + b_x + w_y^\top y + b_y + \sum_{j=1}^{k} x_j^\top W_j\, y_j$$

    Both are cut into ``k`` heads, and only heads of the same place are multiplied: more
    heads have fewer weights. Parameters per task: ``first + 1 + second + 1 + first *
    second / k``.

    Shape:
        - Input: ``(batch, first_features)`` and ``(batch, second_features)``.
        - Output: ``(batch,)`` with one task, else ``(batch, num_tasks)``.

    Examples:
        >>> fusion = BilinearFusion(6, 4, num_heads=2)
        >>> fusion(torch.zeros(3, 6), torch.zeros(3, 4)).shape
        torch.Size([3])
        >>> fusion.weight.shape
        torch.Size([1, 2, 3, 2])

    Args:
        first_features: width of the first representation.
        second_features: width of the second one.
        num_heads: heads, a divisor of both widths.
        num_tasks: logits per row.

    Attributes:
        weight: the matrices, ``(task, head, first / head, second / head)``.

    Raises:
        ValueError: if an argument is not positive, or ``num_heads`` does not divide
            both widths.
    """

    def __init__(
        self,
        first_features: int,
        second_features: int,
        *,
        num_heads: int,
        num_tasks: int = 1,
    ) -> None:
        check_positive("first_features", first_features)
        check_positive("second_features", second_features)
        check_positive("num_heads", num_heads)
        if first_features % num_heads or second_features % num_heads:
            message = (
                f"num_heads must divide both widths, {first_features} and "
                f"{second_features}, got {num_heads}."
            )
            raise ValueError(message)
        super().__init__()
        self.first_features = first_features
        self.second_features = second_features
        self.num_heads = num_heads
        self.num_tasks = num_tasks
        self.first = LinearHead(first_features, num_tasks=num_tasks)
        self.second = LinearHead(second_features, num_tasks=num_tasks)
        widths = (first_features // num_heads, second_features // num_heads)
        self.weight = nn.Parameter(torch.empty(num_tasks, num_heads, *widths))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the matrices as the authors do: as one long column for each task.

        Glorot's rule for each matrix by itself would make them far larger.
        """
        num_weights = self.weight[0].numel()
        nn.init.normal_(self.weight, std=(2 / (num_weights + 1)) ** 0.5)

    def forward(
        self, x: Float[Tensor, "batch first"], y: Float[Tensor, "batch second"]
    ) -> Float[Tensor, " batch *task"]:
        """Score each row.

        Args:
            x: the first representation.
            y: the second one.

        Returns:
            Logits, in at least float32.
        """
        check_last_dim("x", x.shape, self.first_features)
        check_last_dim("y", y.shape, self.second_features)
        products = self._products(x, y)
        if self.num_tasks == 1:
            products = products.squeeze(-1)
        logits: Tensor = self.first(x) + self.second(y) + products
        return logits

    def _products(self, x: Tensor, y: Tensor) -> Tensor:
        tasks, heads, first, second = self.weight.shape
        dtype = self.weight.dtype
        with autocast("float32", x.device.type):
            # Heads first: one product of matrices for each of them, and for all tasks.
            by_head = x.to(dtype).reshape(-1, heads, first).transpose(0, 1)
            matrices = self.weight.permute(1, 2, 0, 3).reshape(heads, first, -1)
            mapped = torch.bmm(by_head, matrices).reshape(heads, -1, tasks, second)
            others = y.to(dtype).reshape(-1, heads, 1, second)
            return (mapped.transpose(0, 1) * others).sum(dim=(1, 3))
