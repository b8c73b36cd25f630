r"""One layer of a transformer whose tokens have different meanings.

Source: Gui et al., "Hiformer: Heterogeneous Feature Interactions Learning with
Transformers for Recommender Systems", arXiv 2023, https://arxiv.org/abs/2311.05884.
Differences from the paper: normalised before each part, which could not be checked
against its text; dropout.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive, check_share
from fieldwise.nn.dropout import Dropout
from fieldwise.nn.interactions.heterogeneous_attention import HeterogeneousAttention
from fieldwise.nn.token_feed_forward import TokenFeedForward

__all__ = ["HeterogeneousLayer"]


@final
class HeterogeneousLayer(nn.Module):
    r"""Attention, then a small tower per token, each added to what went in.

    $$x \leftarrow x + \mathrm{Attention}(\mathrm{LN}(x)), \quad
    x \leftarrow x + \mathrm{FFN}(\mathrm{LN}(x))$$

    With ``num_queries`` the layer returns the last tokens only: exactly what it would
    return for them otherwise, without the work for the others and without the weights
    for that work.

    Shape:
        - Input: ``(batch, num_tokens, token_dim)``.
        - Output: ``(batch, num_queries, token_dim)``.

    Examples:
        >>> import torch
        >>> layer = HeterogeneousLayer(5, 8, num_heads=2, expansion=2, num_queries=1)
        >>> layer(torch.zeros(3, 5, 8)).shape
        torch.Size([3, 1, 8])

    Args:
        num_tokens: tokens of the input; each place has a meaning.
        token_dim: length of one of them.
        num_heads: attentions side by side.
        expansion: width of the towers, in lengths of a token.
        num_queries: tokens to return, counted from the end; None for all.
        composite: make keys and values from all tokens.
        rank: of that projection; None for full matrices.
        dropout: share of what is added that is dropped in training, in [0, 1).

    Raises:
        ValueError: if a size is not positive, too large, or does not divide another.
    """

    def __init__(
        self,
        num_tokens: int,
        token_dim: int,
        *,
        num_heads: int,
        expansion: int,
        num_queries: int | None = None,
        composite: bool = False,
        rank: int | None = None,
        dropout: float = 0.0,
    ) -> None:
        check_positive("expansion", expansion)
        check_share("dropout", dropout)
        super().__init__()
        self.attention_norm = nn.LayerNorm(token_dim)
        self.attention = HeterogeneousAttention(
            num_tokens,
            token_dim,
            num_heads=num_heads,
            num_queries=num_queries,
            composite=composite,
            rank=rank,
        )
        self.num_queries = self.attention.num_queries
        self.feed_forward_norm = nn.LayerNorm(token_dim)
        self.feed_forward = TokenFeedForward(
            self.num_queries, token_dim, hidden_dim=expansion * token_dim
        )
        self.dropout = Dropout(dropout)

    def attend(
        self, x: Float[Tensor, "batch token dim"]
    ) -> Float[Tensor, "batch head query token"]:
        """How much of each token goes to those that are returned.

        Args:
            x: tokens.

        Returns:
            Weights that add up to one over the last axis.
        """
        return self.attention.attend(self.attention_norm(x))

    def forward(
        self, x: Float[Tensor, "batch token dim"]
    ) -> Float[Tensor, "batch query dim"]:
        """Apply both parts.

        Args:
            x: tokens.

        Returns:
            The tokens that asked.
        """
        attended = self.attention(self.attention_norm(x))
        x = x[:, -self.num_queries :] + self.dropout(attended)
        added: Tensor = self.dropout(self.feed_forward(self.feed_forward_norm(x)))
        return x + added
