"""The linear map every tower, cross and head is made of.

Source: Glorot, Bengio, "Understanding the Difficulty of Training Deep Feedforward
Neural Networks", AISTATS 2010, equation 12: variance ``2 / (in + out)``, drawn from a
normal distribution, as in the reference recipe of public CTR numbers.
"""

from torch import nn

__all__ = ["xavier_linear"]


def xavier_linear(in_features: int, out_features: int) -> nn.Linear:
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
    layer = nn.Linear(in_features, out_features)
    nn.init.xavier_normal_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer
