r"""Softmax that can say zero.

Source: Peters, Niculae, Martins, "Sparse Sequence-to-Sequence Models", ACL 2019,
https://arxiv.org/abs/1905.05702, algorithms 1 and 2; Martins, Astudillo, "From Softmax
to Sparsemax", ICML 2016, https://arxiv.org/abs/1602.02068, algorithm 1.
"""

import math
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

__all__ = ["check_alpha", "entmax"]

SOFTMAX_MARGIN = 1e-3
"""An ``alpha`` this close to 1 is softmax: the powers below would lose all digits."""


def entmax(
    x: Float[Tensor, "*rows entry"], *, alpha: float
) -> Float[Tensor, "*rows entry"]:
    r"""Turn the entries of each row into shares, many of them exactly zero.

    $$z = [(\alpha - 1) x - \tau]_+^{1 / (\alpha - 1)}, \quad \sum_j z_j = 1$$

    The larger ``alpha``, the fewer entries get a share. The threshold is exact for 1.5
    and 2, and found by bisection to the last digit elsewhere, which takes several times
    as long. It can be differentiated once.

    Shape:
        - Input: ``(..., entry)``.
        - Output: the same.

    Examples:
        >>> x = torch.tensor([2.0, 1.5, 0.0])
        >>> entmax(x, alpha=2.0).tolist()
        [0.75, 0.25, 0.0]

    Args:
        x: scores, in float32 or float64.
        alpha: 1 for softmax, 2 for sparsemax, any number above for less entries.

    Returns:
        Shares in [0, 1] that sum to 1 along the last axis.

    Raises:
        ValueError: if ``alpha`` is below 1 or not finite.
    """
    check_alpha(alpha)
    if abs(alpha - 1) < SOFTMAX_MARGIN:
        return torch.softmax(x, dim=-1)
    if not torch.is_grad_enabled():
        return _solve(x, alpha)
    result: Tensor = _Entmax.apply(x, alpha)  # type: ignore[no-untyped-call]
    return result


def check_alpha(alpha: float) -> None:
    """Raise unless ``alpha`` is one that ``entmax`` takes.

    Args:
        alpha: the value received.

    Raises:
        ValueError: if it is below 1 or not finite.
    """
    if not 1 <= alpha < math.inf:
        message = f"alpha must be finite and at least 1, got {alpha}."
        raise ValueError(message)


class _Entmax(torch.autograd.Function):
    """What autograd would keep of the search for the threshold is not needed."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401
        x: Tensor,
        alpha: float,
    ) -> Tensor:
        z = _solve(x, alpha)
        ctx.alpha = alpha
        ctx.save_for_backward(z)
        return z

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any,  # noqa: ANN401
        gradient: Tensor,
    ) -> tuple[Tensor, None]:
        (z,) = ctx.saved_tensors
        slopes = _slopes(z, ctx.alpha)
        change = slopes * gradient
        mean = change.sum(-1, keepdim=True) / slopes.sum(-1, keepdim=True)
        return change.sub_(slopes.mul_(mean)), None


def _slopes(z: Tensor, alpha: float) -> Tensor:
    """``z ** (2 - alpha)`` where there is a share, else 0."""
    if alpha == 2:
        return (z > 0).to(z.dtype)
    if alpha == 1.5:
        return z.sqrt()
    # Above 2 the power of a vanishing share would be infinite.
    powers = z.clamp_min(torch.finfo(z.dtype).eps).pow_(2 - alpha)
    return powers.mul_(z > 0)


def _solve(x: Tensor, alpha: float) -> Tensor:
    # In place wherever possible: fresh memory costs more than the arithmetic.
    scaled = (x - x.amax(dim=-1, keepdim=True)).mul_(alpha - 1)
    # The threshold is at least -1, so what lies below has no share in any case; cut off
    # there, it cannot spoil the digits of sums.
    scaled.clamp_min_(-1.0)
    if alpha == 2:
        return scaled.sub_(_threshold_2(scaled)).clamp_min_(0.0)
    if alpha == 1.5:
        return scaled.sub_(_threshold_1_5(scaled)).clamp_min_(0.0).square_()
    return _bisect(scaled, alpha)


def _threshold_2(scaled: Tensor) -> Tensor:
    sums = scaled.sort(dim=-1, descending=True).values.cumsum(dim=-1)
    thresholds = sums.sub_(1.0).div_(_counts(scaled))
    # Each number of entries has a threshold; the right one is the highest.
    return _highest(thresholds)


def _threshold_1_5(scaled: Tensor) -> Tensor:
    ordered, counts = scaled.sort(dim=-1, descending=True).values, _counts(scaled)
    means = ordered.cumsum(dim=-1).div_(counts)
    squares = ordered.square().cumsum(dim=-1)
    spreads = squares.sub_(means.square().mul_(counts))
    roots = spreads.neg_().add_(1.0).clamp_min_(0.0).div_(counts).sqrt_()
    thresholds = means.sub_(roots)
    # Too many entries have one above the least of them; else it is the highest.
    return _highest(thresholds.masked_fill_(thresholds > ordered, -1.0))


def _counts(scaled: Tensor) -> Tensor:
    return torch.arange(
        1, scaled.shape[-1] + 1, dtype=scaled.dtype, device=scaled.device
    )


def _highest(thresholds: Tensor) -> Tensor:
    # Rounded below -1, it would give a share to what was cut off there.
    return thresholds.amax(dim=-1, keepdim=True).clamp_min_(-1.0)


def _bisect(scaled: Tensor, alpha: float) -> Tensor:
    power = 1 / (alpha - 1)
    low = torch.full_like(scaled[..., :1], -1.0)
    width = 1 - scaled.shape[-1] ** (1 - alpha)
    for _ in range(1 - round(math.log2(torch.finfo(scaled.dtype).eps))):
        width /= 2
        middle = low + width
        total = (scaled - middle).clamp_min_(0.0).pow_(power).sum(-1, keepdim=True)
        low = torch.where(total >= 1, middle, low)
    z = (scaled - low).clamp_min_(0.0).pow_(power)
    return z / z.sum(dim=-1, keepdim=True)
