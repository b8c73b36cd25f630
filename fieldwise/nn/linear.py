"""The linear map every tower, cross and head is made of.

Source: Glorot, Bengio, "Understanding the Difficulty of Training Deep Feedforward
Neural Networks", AISTATS 2010, equation 12: variance ``2 / (in + out)``, drawn from a
normal distribution, as in the reference recipe of public CTR numbers.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.nn.arithmetic import linear

__all__ = ["Linear", "xavier_linear"]


@final
class Linear(nn.Linear):
    """``torch.nn.Linear`` whose products go the way ``arithmetic`` has chosen.

    Weights, their names and what optimizers see are those of ``torch.nn.Linear``.

    Shape:
        - Input: ``(..., in_features)``.
        - Output: ``(..., out_features)``.

    Examples:
        >>> import torch
        >>> Linear(3, 2)(torch.zeros(4, 3)).shape
        torch.Size([4, 2])
        >>> Linear(3, 2, bias=False).bias is None
        True
    """

    def forward(
        self, x: Float[Tensor, "*rows width"], *, relu: bool = False
    ) -> Float[Tensor, "*rows out"]:
        """Apply the map.

        Args:
            x: the input.
            relu: apply a ReLU as well, which costs less here than afterwards.

        Returns:
            The output.
        """
        return linear(x, self.weight, self.bias, relu=relu)


def xavier_linear(in_features: int, out_features: int) -> Linear:
    """Build a linear map with Glorot's normal weights and a zero bias.

    Examples:
        >>> xavier_linear(3, 2).bias.tolist()
        [0.0, 0.0]

    Args:
        in_features: width of the input.
        out_features: width of the output.

    Returns:
        The layer.
    """
    layer = Linear(in_features, out_features)
    nn.init.xavier_normal_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
