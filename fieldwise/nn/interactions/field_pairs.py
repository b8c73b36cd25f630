r"""Every pair of fields, and the two ways to multiply its embeddings.

Pairs stand in row-major order of the upper triangle: (0, 1), (0, 2), ..., (1, 2), ...
Saved weights and reports count on that order.
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive

__all__ = ["FieldPairs", "num_pairs"]


def num_pairs(num_fields: int) -> int:
    """Count the pairs of some fields.

    Examples:
        >>> num_pairs(4)
        6

    Args:
        num_fields: how many there are.

    Returns:
        Pairs of two different fields.
    """
    return num_fields * (num_fields - 1) // 2


@final
class FieldPairs(nn.Module):
    r"""Picks and multiplies the embeddings of every pair of fields.

    $$\langle e_i, e_j \rangle \quad\text{or}\quad e_i \odot e_j, \quad i < j$$

    Without parameters. A single field has no pair: the axis of pairs is then empty.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, pair)`` of ``inner``, ``(batch, pair, dim)`` of the others.

    Examples:
        >>> pairs = FieldPairs(3)
        >>> pairs.inner(torch.eye(3).unsqueeze(0)).tolist()
        [[0.0, 0.0, 0.0]]
        >>> pairs.positions
        ((0, 1), (0, 2), (1, 2))

    Args:
        num_fields: fields of the input.
        chosen: the positions of some pairs; None for all of them.

    Raises:
        ValueError: if ``num_fields`` is not positive, or a chosen pair is none.
    """

    left: Tensor
    right: Tensor

    def __init__(
        self, num_fields: int, *, chosen: Sequence[tuple[int, int]] | None = None
    ) -> None:
        check_positive("num_fields", num_fields)
        if wrong := [p for p in chosen or () if not 0 <= p[0] < p[1] < num_fields]:
            message = f"chosen must be pairs i < j of {num_fields} fields, got {wrong}."
            raise ValueError(message)
        super().__init__()
        self.num_fields = num_fields
        if chosen is None:
            left, right = torch.triu_indices(num_fields, num_fields, offset=1)
        else:
            left, right = (
                torch.tensor([pair[side] for pair in chosen], dtype=torch.int64)
                for side in (0, 1)
            )
        self.num_pairs = len(left)
        self.register_buffer("left", left, persistent=False)
        self.register_buffer("right", right, persistent=False)
        self.register_buffer("_flat", left * num_fields + right, persistent=False)

    @property
    def positions(self) -> tuple[tuple[int, int], ...]:
        """The two fields of each pair, in order."""
        return tuple(zip(self.left.tolist(), self.right.tolist(), strict=True))

    def inner(self, x: Float[Tensor, "batch field dim"]) -> Float[Tensor, "batch pair"]:
        """Multiply and sum over the dimensions.

        Args:
            x: field embeddings.

        Returns:
            The inner product of each pair.
        """
        # One product of matrices costs less than picking every pair.
        products = (x @ x.transpose(1, 2)).flatten(start_dim=1)
        flat: Tensor = self._flat  # type: ignore[assignment]
        return products.index_select(1, flat)

    def sides(
        self, x: Float[Tensor, "batch field dim"]
    ) -> tuple[Float[Tensor, "batch pair dim"], Float[Tensor, "batch pair dim"]]:
        """Pick the two embeddings of every pair.

        Args:
            x: field embeddings.

        Returns:
            Those of the first fields, and those of the second.
        """
        return x.index_select(1, self.left), x.index_select(1, self.right)

    def hadamard(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch pair dim"]:
        """Multiply dimension by dimension.

        Args:
            x: field embeddings.

        Returns:
            The product of each pair.
        """
        left, right = self.sides(x)
        return left * right
