"""A small tower of its own for each token.

Source: Gui et al., "Hiformer: Heterogeneous Feature Interactions Learning with
Transformers for Recommender Systems", arXiv 2023, https://arxiv.org/abs/2311.05884.
"""

from typing import final

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.token_linear import TokenLinear

__all__ = ["TokenFeedForward"]


@final
class TokenFeedForward(nn.Module):
    r"""Two linear maps with a GELU between them, other ones for each token.

    $$\mathrm{FFN}_t(x) = \mathrm{GELU}(x W^1_t + b^1_t) W^2_t + b^2_t$$

    Parameters: ``num_tokens * (2 * token_dim * hidden_dim + hidden_dim + token_dim)``.

    Shape:
        - Input: ``(batch, num_tokens, token_dim)``.
        - Output: the same.

    Examples:
        >>> import torch
        >>> TokenFeedForward(3, 4, hidden_dim=8)(torch.zeros(5, 3, 4)).shape
        torch.Size([5, 3, 4])

    Args:
        num_tokens: tokens of the input.
        token_dim: length of one of them.
        hidden_dim: width between the two maps.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(self, num_tokens: int, token_dim: int, *, hidden_dim: int) -> None:
        check_positive("hidden_dim", hidden_dim)
        super().__init__()
        self.widen = TokenLinear(num_tokens, token_dim, hidden_dim)
        self.narrow = TokenLinear(num_tokens, hidden_dim, token_dim)

    def forward(
        self, x: Float[Tensor, "batch token dim"]
    ) -> Float[Tensor, "batch token dim"]:
        """Send each token through its tower.

        Args:
            x: tokens.

        Returns:
            One vector per token.
        """
        out: Tensor = self.narrow(F.gelu(self.widen(x)))
        return out
