r"""A linear layer that also multiplies: the degree of its output is doubled.

Source: Zhu et al., "FINAL: Factorized Interaction Layer for CTR Prediction", SIGIR
2023, https://doi.org/10.1145/3539618.3591988, section "FINAL block".
Differences from the paper: the products stand beside the linear half, as in the
authors' code and all its published configurations, and are not added to it.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.linear import xavier_linear

__all__ = ["FactorizedInteraction"]


@final
class FactorizedInteraction(nn.Module):
    r"""One half linear, the other its product with a second linear map.

    $$[h_2 \,\|\, h_1 \odot h_2], \quad [h_2 \,\|\, h_1] = W x + b$$

    It takes the place of a linear map of the same widths, with as many weights.
    Parameters: ``(in_features + 1) * out_features``.

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch, out_features)``.

    Examples:
        >>> FactorizedInteraction(3, 4)(torch.zeros(2, 3)).shape
        torch.Size([2, 4])

    Args:
        in_features: width of the input.
        out_features: width of the output, an even number.

    Raises:
        ValueError: if a width is not positive, or ``out_features`` is odd.
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        check_positive("in_features", in_features)
        check_positive("out_features", out_features)
        if out_features % 2:
            message = f"out_features must be even, got {out_features}."
            raise ValueError(message)
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.linear = xavier_linear(in_features, out_features)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch out"]:
        """Map and multiply.

        Args:
            x: the input.

        Returns:
            The linear half, then the products.
        """
        linear, factor = self.linear(x).chunk(2, dim=-1)
        return torch.cat([linear, factor * linear], dim=-1)
