r"""Second-order interactions of features with one vector per other field.

Source: Juan et al., "Field-aware Factorization Machines for CTR Prediction", RecSys
2016, https://doi.org/10.1145/2959100.2959134, section 3.
"""

from typing import Any, final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.errors import ShapeError

__all__ = ["FieldAwareMachine", "field_aware_terms"]


@final
class FieldAwareMachine(nn.Module):
    r"""Sum over pairs of fields, each field with its vector for the other.

    $$\sum_{i<j} \langle v_{i,j}, v_{j,i} \rangle$$

    Field ``i`` has no vector for itself: its vectors stand in the order of the other
    fields, so that the one for ``j`` is at ``j - 1`` if ``j > i`` and at ``j``
    otherwise. Without parameters.

    Shape:
        - Input: ``(..., num_fields, num_fields - 1, dim)``.
        - Output: ``(...)``.

    Examples:
        >>> FieldAwareMachine(3)(torch.ones(2, 3, 2, 4)).tolist()
        [12.0, 12.0]

    Args:
        num_fields: fields of the input.

    Raises:
        ValueError: if ``num_fields`` is not positive.
    """

    left: Tensor
    right: Tensor
    partner: Tensor

    def __init__(self, num_fields: int) -> None:
        check_positive("num_fields", num_fields)
        super().__init__()
        self.num_fields = num_fields
        first, second = torch.triu_indices(num_fields, num_fields, offset=1)
        num_others = num_fields - 1
        left = first * num_others + second - 1
        right = second * num_others + first
        partner = torch.empty(num_fields * num_others, dtype=torch.int64)
        partner[left], partner[right] = right, left
        # Where the vectors of each pair stand, all vectors in a row.
        self.register_buffer("left", left, persistent=False)
        self.register_buffer("right", right, persistent=False)
        self.register_buffer("partner", partner, persistent=False)

    def forward(
        self, x: Float[Tensor, "*rows field other dim"]
    ) -> Float[Tensor, "*rows"]:
        """Sum over pairs.

        Args:
            x: vectors of each field for every other field, times the field's value.

        Returns:
            One number per row.

        Raises:
            ShapeError: if there are more or fewer fields.
        """
        if x.shape[-3:-1] != (self.num_fields, self.num_fields - 1):
            message = (
                f"x must have {self.num_fields} fields with {self.num_fields - 1} "
                f"vectors each, got {tuple(x.shape)}."
            )
            raise ShapeError(message)
        in_a_row = x.flatten(-3, -2)
        total: Tensor = _PairSum.apply(in_a_row, self.left, self.right, self.partner)  # type: ignore[no-untyped-call]
        return total


def field_aware_terms(
    x: Float[Tensor, "*rows field other dim"],
) -> Float[Tensor, "*rows field field"]:
    """Compute what each pair of fields adds to ``FieldAwareMachine``.

    Examples:
        >>> field_aware_terms(torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]]])).tolist()
        [[0.0, 11.0], [0.0, 0.0]]

    Args:
        x: vectors of each field for every other field, times the field's value.

    Returns:
        Inner products of each pair ``i < j``, zero elsewhere, so that they add up to
        the machine's output.
    """
    # v[i, j] stands at [i, j - 1] and its partner v[j, i] at [j, i]. With the last
    # field left out of one and the first out of the other, one is the other turned.
    first = x[..., :-1, :, :]
    second = x[..., 1:, :, :].transpose(-3, -2)
    products = (first * second).sum(dim=-1).triu()
    return F.pad(products, (1, 0, 0, 1))


class _PairSum(torch.autograd.Function):
    """Sum of all products of a vector with its partner.

    The gradient of a vector is its partner. Torch would add up gradients position by
    position instead, which takes more than twice the time of the whole.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, left: Tensor, right: Tensor, partner: Tensor) -> Tensor:  # noqa: ARG004
        products = x.index_select(-2, left) * x.index_select(-2, right)
        return products.sum(dim=(-2, -1))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:  # noqa: ANN401, ARG004
        x, _, _, partner = inputs
        ctx.save_for_backward(x, partner)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:  # noqa: ANN401
        x, partner = ctx.saved_tensors
        return x.index_select(-2, partner) * gradient[..., None, None], None, None, None
