r"""A weight for each field by how usual it is among the fields of its row.

Source: Ioannides, Chadha, Elkins, "Gaussian Adaptive Attention is All You Need: Robust
Contextual Representations Across Multiple Modalities", 2024,
https://arxiv.org/abs/2401.11143, and the authors' code.
Differences from the paper: the paper's is no click model; here a field is the mean of
its embedding, a Gaussian weighs the fields, and the weights are scaled to a mean of 1.
One Gaussian, because a product of several is one again. Its width is kept positive by a
softplus, weights are computed as a softmax, which does not underflow, and both
parameters learn at the rate of all others.
"""

import math
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.nn.precision import autocast

__all__ = ["GaussianGate"]

MIN_WIDTH = 1e-3
SMALLEST_VARIANCE = 1e-8
"""Added to the variance: fields that are all alike get equal weights."""


@final
class GaussianGate(nn.Module):
    r"""Scales each field by a Gaussian around the mean of the row's fields.

    $$y_f = F w_f x_f, \quad s_f = \tfrac1d \sum_k x_{fk}, \quad
    w = \mathrm{softmax}_f\Big(-\frac{(s_f - \mu - \delta)^2}{2 c^2 \sigma^2}\Big)$$

    with the mean ``mu`` and variance ``sigma ** 2`` of ``s`` over the fields of a row.
    It prefers fields that are like the others, or, with a learned offset, fields that
    are not; it does not know which field is which. Parameters: 2.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: the same.

    Examples:
        >>> gate = GaussianGate()
        >>> x = torch.tensor([[[1.0], [2.0], [3.0]]])
        >>> [round(weight, 3) for weight in gate.weights(x)[0].tolist()]
        [0.274, 0.452, 0.274]
    """

    def __init__(self) -> None:
        super().__init__()
        self.offset = nn.Parameter(torch.empty(1))
        self.raw_width = nn.Parameter(torch.empty(1))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start around the mean, one standard deviation wide."""
        nn.init.zeros_(self.offset)
        nn.init.constant_(self.raw_width, math.log(math.expm1(1.0 - MIN_WIDTH)))

    @property
    def width(self) -> Tensor:
        """The width of the Gaussian in standard deviations, ``(1,)``."""
        return nn.functional.softplus(self.raw_width) + MIN_WIDTH

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field dim"]:
        """Scale each field.

        Args:
            x: field embeddings.

        Returns:
            The embeddings times their weights, which are 1 on average.
        """
        scales = x.shape[1] * self.weights(x)
        return x * scales.unsqueeze(-1).to(x.dtype)

    def weights(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field"]:
        """Weigh the fields of each row.

        Args:
            x: field embeddings.

        Returns:
            Weights in [0, 1] that sum to 1.
        """
        with autocast("float32", x.device.type):
            pooled = (x.float() if x.dtype.itemsize < 4 else x).mean(dim=-1)
            deviations = pooled - pooled.mean(dim=-1, keepdim=True)
            # A single field has no variance to estimate.
            count = max(1, x.shape[1] - 1)
            variance = deviations.square().sum(dim=-1, keepdim=True) / count
            spread = self.width.square() * (variance + SMALLEST_VARIANCE)
            return (-0.5 * (deviations - self.offset).square() / spread).softmax(dim=-1)
