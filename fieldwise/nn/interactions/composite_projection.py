r"""Vectors for each token that are made from all tokens.

Source: Gui et al., "Hiformer: Heterogeneous Feature Interactions Learning with
Transformers for Recommender Systems", arXiv 2023, https://arxiv.org/abs/2311.05884
(composite projection and its low-rank form).
Differences from the paper: the factors are shared by the heads.
"""

from itertools import pairwise
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.errors import ShapeError
from fieldwise.nn.arithmetic import linear

__all__ = ["MAX_FULL_WEIGHTS", "CompositeProjection"]

MAX_FULL_WEIGHTS = 2**24
"""Largest matrix without ``rank``: it grows with the square of the number of tokens."""


@final
class CompositeProjection(nn.Module):
    r"""Multiplies all tokens, one after the other, by one matrix.

    $$[y_1 \,\|\, \dots \,\|\, y_L] = [x_1 \,\|\, \dots \,\|\, x_L] \, W,
    \quad W \in \mathbb{R}^{L d \times L d'}
    \quad\text{or}\quad W = A B, \; A \in \mathbb{R}^{L d \times r}$$

    What comes out for a token may combine all of them, where a ``TokenLinear`` sees
    that token alone: it is the special case of a matrix of blocks on the diagonal.
    Parameters: ``num_tokens ** 2 * in_features * out_features``, or with a rank
    ``rank * num_tokens * (in_features + out_features)``.

    Shape:
        - Input: ``(batch, num_tokens, in_features)``.
        - Output: ``(batch, num_tokens, out_features)``.

    Examples:
        >>> composite = CompositeProjection(3, 4, 2, rank=5)
        >>> composite(torch.zeros(7, 3, 4)).shape
        torch.Size([7, 3, 2])
        >>> sum(weight.numel() for weight in composite.parameters())
        90

    Args:
        num_tokens: tokens of the input.
        in_features: length of one of them.
        out_features: length of one token of the output.
        rank: width between two factors; None for one full matrix.

    Raises:
        ValueError: if a size is not positive, or the full matrix is too large.
    """

    no_bias: Tensor

    def __init__(
        self, num_tokens: int, in_features: int, out_features: int, *, rank: int | None
    ) -> None:
        check_positive("num_tokens", num_tokens)
        check_positive("in_features", in_features)
        check_positive("out_features", out_features)
        width, out = num_tokens * in_features, num_tokens * out_features
        if rank is not None:
            check_positive("rank", rank)
        elif width * out > MAX_FULL_WEIGHTS:
            message = (
                f"rank must be a number where a full matrix has more than "
                f"{MAX_FULL_WEIGHTS:,} weights, got None for {width} x {out} = "
                f"{width * out:,}. Set rank=256."
            )
            raise ValueError(message)
        super().__init__()
        self.num_tokens = num_tokens
        self.in_features = in_features
        self.out_features = out_features
        sizes = (width, out) if rank is None else (width, rank, out)
        self.weights = nn.ParameterList(
            nn.Parameter(torch.empty(after, before))
            for before, after in pairwise(sizes)
        )
        # The fast products add a bias, and this map has none.
        self.register_buffer("no_bias", torch.zeros(max(sizes)), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw each matrix by its own two sizes."""
        for weight in self.weights:
            nn.init.xavier_normal_(weight)

    def forward(
        self, x: Float[Tensor, "batch token width"]
    ) -> Float[Tensor, "batch token out"]:
        """Make a vector for each token from all of them.

        Args:
            x: tokens.

        Returns:
            One vector per token.

        Raises:
            ShapeError: if there are more or fewer tokens, or they are longer or
                shorter.
        """
        if x.shape[1:] != (self.num_tokens, self.in_features):
            message = (
                f"x must have shape (batch, {self.num_tokens}, {self.in_features}), "
                f"got {tuple(x.shape)}."
            )
            raise ShapeError(message)
        rows = x.flatten(start_dim=1)
        for weight in self.weights:
            rows = linear(rows, weight, self.no_bias[: weight.shape[0]])
        return rows.view(x.shape[0], self.num_tokens, self.out_features)
