"""A linear map of its own for each token.

A token is one of the vectors a layer works on side by side: that of a field, or of a
task. The place of a token says which map is its own.

Source: Glorot, Bengio, "Understanding the Difficulty of Training Deep Feedforward
Neural Networks", AISTATS 2010, equation 12: variance ``2 / (in + out)`` of each map by
itself.
"""

import math
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.errors import ShapeError

__all__ = ["TokenLinear"]


@final
class TokenLinear(nn.Module):
    r"""Multiplies each token by a matrix of its own.

    $$y_t = W_t^\top x_t + b_t$$

    Parameters: ``num_tokens * (in_features + 1) * out_features``, or without a bias
    ``num_tokens * in_features * out_features``.

    Shape:
        - Input: ``(batch, num_tokens, in_features)``.
        - Output: ``(batch, num_tokens, out_features)``.

    Examples:
        >>> TokenLinear(3, 4, 2)(torch.zeros(5, 3, 4)).shape
        torch.Size([5, 3, 2])

    Args:
        num_tokens: tokens of the input.
        in_features: length of one of them.
        out_features: length of what becomes of it.
        bias: add a vector of the token's own.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(
        self, num_tokens: int, in_features: int, out_features: int, *, bias: bool = True
    ) -> None:
        check_positive("num_tokens", num_tokens)
        check_positive("in_features", in_features)
        check_positive("out_features", out_features)
        super().__init__()
        self.num_tokens = num_tokens
        self.in_features = in_features
        self.out_features = out_features
        self.weight = nn.Parameter(torch.empty(num_tokens, in_features, out_features))
        self.bias = (
            nn.Parameter(torch.empty(num_tokens, out_features)) if bias else None
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw each matrix by its own two sizes; biases start at zero."""
        std = math.sqrt(2 / (self.in_features + self.out_features))
        nn.init.normal_(self.weight, std=std)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(
        self, x: Float[Tensor, "batch token width"]
    ) -> Float[Tensor, "batch token out"]:
        """Map every token.

        Args:
            x: tokens.

        Returns:
            What becomes of each.

        Raises:
            ShapeError: if there are more or fewer tokens, or they are longer or
                shorter.
        """
        if x.shape[1:] != self.weight.shape[:2]:
            message = (
                f"x must have shape (batch, {self.num_tokens}, {self.in_features}), "
                f"got {tuple(x.shape)}."
            )
            raise ShapeError(message)
        by_token = x.transpose(0, 1)
        if self.bias is None:
            out = torch.bmm(by_token, self.weight)
        else:
            out = torch.baddbmm(self.bias.unsqueeze(1), by_token, self.weight)
        return out.transpose(0, 1)
