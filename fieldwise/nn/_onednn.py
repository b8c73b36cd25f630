"""Matrix products through oneDNN, with gradients.

Torch multiplies float32 matrices on a CPU with the library it was built with, MKL as a
rule, although it carries oneDNN too, which is twice as fast on some processors. The one
door to it is an operator that torch keeps for its compiler; it adds the bias and cuts
at zero in the same pass. Where a version or a build of torch lacks it, or it computes
something else, ``is_available`` says no.
"""

from functools import cache
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["is_available", "onednn_linear"]

TALL = 64
"""Rows by column of an argument that is slow to reorder."""


@cache
def is_available() -> bool:
    """Whether this torch has the operator, and it computes what is expected of it."""
    # The caller may be under autocast; what is found here holds everywhere.
    with torch.no_grad(), torch.autocast("cpu", enabled=False):
        try:
            return _computes_as_expected()
        except (AttributeError, RuntimeError, TypeError):
            return False


def _computes_as_expected() -> bool:
    x = torch.tensor([[1.0, -2.0], [3.0, 5.0]])
    weight = torch.tensor([[2.0, 1.0], [-1.0, 4.0], [0.5, -1.0]])
    bias = torch.tensor([1.0, -1.0, 0.25])
    cut = _pointwise(x, weight, bias, relu=True)
    # Transposed arguments, as in the gradient of a weight.
    turned = _pointwise(x.t(), x.t(), None, relu=False)
    expected = (x @ weight.t() + bias).clamp(min=0)
    return torch.allclose(cut, expected) and torch.allclose(turned, x.t() @ x)


def onednn_linear(
    x: Float[Tensor, "row in"],
    weight: Float[Tensor, "out in"],
    bias: Float[Tensor, " out"] | None,
    *,
    relu: bool,
) -> Float[Tensor, "row out"]:
    """Compute ``x @ weight.T + bias``, cut at zero if asked.

    Args:
        x: rows, on the CPU, of the type of the weight.
        weight: the matrix.
        bias: added to each row; None for no bias.
        relu: whether the result is ``max(0, .)``.

    Returns:
        The result, of the same type; it can be differentiated once.
    """
    if not torch.is_grad_enabled():
        return _pointwise(x, weight, bias, relu=relu)
    result: Tensor = _Linear.apply(x, weight, bias, relu)  # type: ignore[no-untyped-call]
    return result


def _pointwise(x: Tensor, weight: Tensor, bias: Tensor | None, *, relu: bool) -> Tensor:
    result: Tensor = torch.ops.mkldnn._linear_pointwise.default(
        x, weight, bias, "relu" if relu else "none", [], ""
    )
    return result


class _Linear(torch.autograd.Function):
    """The three products of a linear map."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        relu: bool,
    ) -> Tensor:
        out = _pointwise(x, weight, bias, relu=relu)
        ctx.relu = relu
        ctx.save_for_backward(x, weight, out if relu else None)
        return out

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # noqa: ANN401
        gradient: Tensor,
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None]:
        x, weight, out = ctx.saved_tensors
        needs_x, needs_weight, needs_bias, _ = ctx.needs_input_grad
        gradient = gradient.contiguous()
        if ctx.relu:
            gradient = torch.ops.aten.threshold_backward(gradient, out, 0)
        return (
            _pointwise(gradient, weight.t(), None, relu=False) if needs_x else None,
            _weight_gradient(gradient, x) if needs_weight else None,
            gradient.sum(0) if needs_bias else None,
            None,
        )


def _weight_gradient(
    gradient: Float[Tensor, "row out"], x: Float[Tensor, "row in"]
) -> Float[Tensor, "out in"]:
    # Torch's own product does not reorder its arguments, which costs more than the
    # product where they are tall. In bfloat16 it is oneDNN's.
    if gradient.dtype is torch.bfloat16 or x.shape[0] >= TALL * x.shape[1]:
        return gradient.t() @ x
    return _pointwise(gradient.t(), x.t(), None, relu=False)
