r"""A scale for each field, from the means of all of them.

Source: Huang et al., "FiBiNET: Combining Feature Importance and Bilinear Feature
Interaction for Click-Through Rate Prediction", RecSys 2019,
https://arxiv.org/abs/1905.09433, section 3.3.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.linear import Linear

__all__ = ["SqueezeExcitation"]


@final
class SqueezeExcitation(nn.Module):
    r"""Squeezes every embedding to its mean, and excites a scale for each field.

    $$a = \mathrm{ReLU}(W_2\, \mathrm{ReLU}(W_1 z)), \quad
    z_f = \frac1d \sum_k e_{fk}$$

    Scales are zero or positive, without an upper limit. ``W_2`` starts without negative
    numbers: a field whose row of it is all negative would have the scale zero for every
    row of the table, and no gradient to leave it.

    Parameters: ``2 * F * w``, ``w`` the larger of 1 and ``F // reduction_ratio``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, field)``.

    Examples:
        >>> layer = SqueezeExcitation(6, reduction_ratio=3)
        >>> layer(torch.zeros(2, 6, 4)).shape
        torch.Size([2, 6])

    Args:
        num_fields: fields of the input.
        reduction_ratio: how many fields share one hidden unit.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(self, num_fields: int, *, reduction_ratio: int = 3) -> None:
        check_positive("num_fields", num_fields)
        check_positive("reduction_ratio", reduction_ratio)
        super().__init__()
        width = max(1, num_fields // reduction_ratio)
        self.squeeze = Linear(num_fields, width, bias=False)
        self.excite = Linear(width, num_fields, bias=False)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        """Draw Glorot's normal weights, the second ones without their signs."""
        nn.init.xavier_normal_(self.squeeze.weight)
        nn.init.xavier_normal_(self.excite.weight).abs_()

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field"]:
        """Scale each field.

        Args:
            x: field embeddings.

        Returns:
            The scales.
        """
        hidden = self.squeeze(x.mean(dim=-1), relu=True)
        scales: Tensor = self.excite(hidden, relu=True)
        return scales
