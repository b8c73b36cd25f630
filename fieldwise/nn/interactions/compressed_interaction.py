r"""Explicit interactions of whole embeddings, one order higher per layer.

Source: Lian et al., "xDeepFM: Combining Explicit and Implicit Feature Interactions for
Recommender Systems", KDD 2018, https://arxiv.org/abs/1803.05170, equations 6 and 7.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.errors import ShapeError
from fieldwise.nn.arithmetic import linear
from fieldwise.nn.linear import xavier_linear

__all__ = ["CompressedInteraction"]


@final
class CompressedInteraction(nn.Module):
    r"""Feature maps that are weighted sums of all products of a map and a field.

    $$X^k_h = \sum_{i,j} W^{k,h}_{ij} (X^{k-1}_i \odot X^0_j) + b^k_h, \quad
    p^k_h = \sum_d X^k_{hd}$$

    ``X^0`` are the embeddings. The maps of layer ``k`` are of order ``k + 1`` in them,
    and each dimension is multiplied with itself only.

    Parameters: ``F * H' * H + H`` of a layer of ``H`` maps that reads ``H'``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, out_features)``, one sum for each map of each layer.

    Examples:
        >>> layer = CompressedInteraction(3, num_feature_maps=(4, 2))
        >>> layer(torch.zeros(5, 3, 8)).shape
        torch.Size([5, 6])

    Args:
        num_fields: fields of the input.
        num_feature_maps: maps of each layer; the highest order is one more than the
            number of layers.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(self, num_fields: int, *, num_feature_maps: Sequence[int]) -> None:
        check_positive("num_fields", num_fields)
        if not num_feature_maps or any(count <= 0 for count in num_feature_maps):
            message = (
                f"num_feature_maps must be positive, got {tuple(num_feature_maps)}."
            )
            raise ValueError(message)
        super().__init__()
        self.num_fields = num_fields
        self.out_features = sum(num_feature_maps)
        *layers, self.last = (
            xavier_linear(before * num_fields, after)
            for before, after in pairwise([num_fields, *num_feature_maps])
        )
        self.layers = nn.ModuleList(layers)

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch map"]:
        """Multiply and sum.

        Args:
            x: field embeddings.

        Returns:
            The sum over the dimensions of every map.
        """
        if x.shape[1] != self.num_fields:
            message = f"x must have {self.num_fields} fields, got {tuple(x.shape)}."
            raise ShapeError(message)
        # Dimensions come before fields, so that each layer is one product of matrices.
        x0 = x.transpose(1, 2).contiguous()
        maps, sums = x0, []
        for layer in self.layers:
            # Outer products as products of matrices: less memory on the way back, and
            # in bfloat16 where layers are.
            products = maps.unsqueeze(-1) @ x0.unsqueeze(-2)
            maps = layer(products.flatten(start_dim=2))
            sums.append(maps.sum(dim=1))
        # Of the last maps only the sums count, so the products are summed before they
        # are weighted: as many times cheaper as an embedding is long.
        products = (maps.transpose(1, 2) @ x0).flatten(start_dim=1)
        bias = self.last.bias * x.shape[-1]
        sums.append(linear(products, self.last.weight, bias))
        return torch.cat(sums, dim=-1)
