r"""Inner products of all pairs of fields, each as strong as its fields go together.

Source: Pan et al., "Field-weighted Factorization Machines for Click-Through Rate
Prediction in Display Advertising", WWW 2018, https://arxiv.org/abs/1806.03514,
section 3.
"""

import math
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.interactions.field_pairs import FieldPairs
from fieldwise.nn.precision import autocast

__all__ = ["FieldWeightedPairs"]


@final
class FieldWeightedPairs(nn.Module):
    r"""Weighted sum of the inner products of all pairs of fields, for each task.

    $$\sum_{i<j} r_{ij} \langle v_i, v_j \rangle$$

    With every strength one it is a ``FactorizationMachine``. Sums are float32 at least,
    under autocast too, as logits are made of them. Parameters: ``num_tasks *
    num_fields * (num_fields - 1) / 2``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, num_tasks)``.

    Examples:
        >>> FieldWeightedPairs(3)(torch.zeros(2, 3, 4)).shape
        torch.Size([2, 1])

    Args:
        num_fields: fields of the input.
        num_tasks: sums per row, each with strengths of its own.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(self, num_fields: int, *, num_tasks: int = 1) -> None:
        check_positive("num_tasks", num_tasks)
        super().__init__()
        self.pairs = FieldPairs(num_fields)
        self.weight = nn.Parameter(
            torch.empty(num_tasks, self.pairs.num_pairs),
            # A single field has no pair, and no gradient would ever arrive.
            requires_grad=num_fields > 1,
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw strengths as the weights of a linear map are drawn."""
        nn.init.normal_(self.weight, std=math.sqrt(2 / sum(self.weight.shape)))

    @property
    def strengths(self) -> Float[Tensor, "task field field"]:
        """Of every two fields, symmetric; zero on the diagonal."""
        upper = self.weight.new_zeros(
            self.weight.shape[0], self.pairs.num_fields, self.pairs.num_fields
        )
        upper[:, self.pairs.left, self.pairs.right] = self.weight.detach()
        return upper + upper.transpose(1, 2)

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch task"]:
        """Sum over pairs.

        Args:
            x: field embeddings, already times their values.

        Returns:
            One number per row and task.
        """
        with autocast("float32", x.device.type):
            return self.pairs.inner(x.to(self.weight.dtype)) @ self.weight.t()
