r"""Attention between tokens of different meanings.

Source: Gui et al., "Hiformer: Heterogeneous Feature Interactions Learning with
Transformers for Recommender Systems", arXiv 2023, https://arxiv.org/abs/2311.05884
(heterogeneous attention and composite projection).
"""

import math
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.interactions.composite_projection import CompositeProjection
from fieldwise.nn.token_linear import TokenLinear

__all__ = ["HeterogeneousAttention"]


@final
class HeterogeneousAttention(nn.Module):
    r"""Self-attention in which every token has projections of its own.

    $$a^h_{ij} = \mathrm{softmax}_j \frac{\langle q^h_i, k^h_j \rangle}{\sqrt{d_h}},
    \quad o_i = \big[ {\textstyle\sum_j} a^1_{ij} v^1_j \,\|\, \dots \big] O_i,
    \quad q_i = x_i Q_i$$

    Keys and values are ``k_j = x_j K_j`` and ``v_j = x_j V_j``, or, composite, made
    from all tokens together. With all projections tied it is the attention of an
    ordinary transformer, which cannot tell a field from another by their places.

    The last ``num_queries`` tokens ask all others; the rest is not computed, and has
    no weights for it. Parameters, with ``L`` tokens of length ``d`` and ``Q`` of them
    asking: ``2 * Q * d ** 2 + 2 * L * d ** 2``; composite of rank ``r``: ``2 * Q *
    d ** 2 + 4 * r * L * d``, of full rank ``2 * Q * d ** 2 + 2 * (L * d) ** 2``.

    Shape:
        - Input: ``(batch, num_tokens, token_dim)``.
        - Output: ``(batch, num_queries, token_dim)``.

    Examples:
        >>> attention = HeterogeneousAttention(5, 8, num_heads=2, num_queries=1)
        >>> attention(torch.zeros(3, 5, 8)).shape
        torch.Size([3, 1, 8])
        >>> attention.attend(torch.zeros(3, 5, 8)).shape
        torch.Size([3, 2, 1, 5])

    Args:
        num_tokens: tokens of the input; each place has a meaning.
        token_dim: length of one of them.
        num_heads: attentions side by side, each on its share of ``token_dim``.
        num_queries: tokens that ask, counted from the end; None for all.
        composite: make keys and values from all tokens.
        rank: of that projection; None for full matrices.

    Raises:
        ValueError: if a size is not positive, too large, or does not divide another.
    """

    def __init__(
        self,
        num_tokens: int,
        token_dim: int,
        *,
        num_heads: int,
        num_queries: int | None = None,
        composite: bool = False,
        rank: int | None = None,
    ) -> None:
        check_positive("num_heads", num_heads)
        if token_dim % num_heads:
            message = (
                f"token_dim must be a multiple of num_heads {num_heads}, "
                f"got {token_dim}."
            )
            raise ValueError(message)
        num_queries = num_tokens if num_queries is None else num_queries
        if not 0 < num_queries <= num_tokens:
            message = f"num_queries must be in [1, {num_tokens}], got {num_queries}."
            raise ValueError(message)
        super().__init__()
        self.num_heads = num_heads
        self.num_queries = num_queries
        self.head_dim = token_dim // num_heads
        self.scale = 1 / math.sqrt(self.head_dim)

        def project(num_projected: int) -> TokenLinear:
            return TokenLinear(num_projected, token_dim, token_dim, bias=False)

        def gather() -> nn.Module:
            if composite:
                return CompositeProjection(num_tokens, token_dim, token_dim, rank=rank)
            return project(num_tokens)

        self.queries = project(num_queries)
        self.keys = gather()
        self.values = gather()
        self.output = project(num_queries)

    def attend(
        self, x: Float[Tensor, "batch token dim"]
    ) -> Float[Tensor, "batch head query token"]:
        """How much of each token goes to those that ask.

        Args:
            x: tokens.

        Returns:
            Weights that add up to one over the last axis; float32 at least.
        """
        queries = self._by_head(self.queries(x[:, -self.num_queries :]) * self.scale)
        keys = self._by_head(self.keys(x))
        scores = torch.einsum("bqhd,bthd->bhqt", queries, keys)
        # A half-precision softmax over many tokens would not add up to one.
        precise = torch.promote_types(scores.dtype, torch.float32)
        return scores.softmax(dim=-1, dtype=precise)

    def forward(
        self, x: Float[Tensor, "batch token dim"]
    ) -> Float[Tensor, "batch query dim"]:
        """Let tokens ask.

        Args:
            x: tokens.

        Returns:
            One vector for each token that asks.
        """
        values = self._by_head(self.values(x))
        heads = torch.einsum("bhqt,bthd->bqhd", self.attend(x), values)
        out: Tensor = self.output(heads.flatten(start_dim=2))
        return out

    def _by_head(
        self, x: Float[Tensor, "batch token dim"]
    ) -> Float[Tensor, "batch token head width"]:
        return x.view(*x.shape[:2], self.num_heads, self.head_dim)
