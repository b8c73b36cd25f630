"""A given vector (of a text, an image) brought to the length of the embeddings."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.linear import xavier_linear

__all__ = ["VectorProjection"]


@final
class VectorProjection(nn.Module):
    """A linear map, and a learned vector where the input is missing.

    Shape:
        - Input: ``(batch, vector_dim)``; NaN anywhere in a row means missing.
        - Output: ``(batch, embedding_dim)``.

    Examples:
        >>> VectorProjection(3, embedding_dim=4)(torch.zeros(2, 3)).shape
        torch.Size([2, 4])

    Args:
        vector_dim: length of the given vectors.
        embedding_dim: length of one embedding.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(self, vector_dim: int, *, embedding_dim: int) -> None:
        check_positive("vector_dim", vector_dim)
        check_positive("embedding_dim", embedding_dim)
        super().__init__()
        self.vector_dim = vector_dim
        self.linear = xavier_linear(vector_dim, embedding_dim)
        self.missing = nn.Parameter(torch.empty(embedding_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the missing vector small; the map draws its own weights."""
        nn.init.normal_(self.missing, std=1e-2)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch dim"]:
        """Project vectors.

        Args:
            x: given vectors.

        Returns:
            One embedding per row.
        """
        check_last_dim("x", x.shape, self.vector_dim)
        absent = x.isnan().any(dim=-1, keepdim=True)
        return torch.where(absent, self.missing, self.linear(x.nan_to_num(0.0)))
