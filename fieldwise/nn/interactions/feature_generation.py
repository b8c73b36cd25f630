r"""New fields made from windows of neighbouring fields.

Source: Liu et al., "Feature Generation by Convolutional Neural Network for
Click-Through Rate Prediction", WWW 2019, https://arxiv.org/abs/1904.04447, section 3.3.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.batch_norm import BatchNorm
from fieldwise.nn.linear import xavier_linear

__all__ = ["FeatureGeneration"]


@final
class FeatureGeneration(nn.Module):
    r"""Blocks of a convolution over the fields, pooling, and a dense recombination.

    $$S^k = \mathrm{pool}(\tanh(\mathrm{BN}(\mathrm{conv}(S^{k-1})))), \quad
    R^k = \tanh(W_k\, \mathrm{flatten}(S^k) + b_k)$$

    Every dimension of the embeddings is convolved by itself, with the same weights. The
    next block reads the pooled maps; the recombinations are what comes out. Of ``H``
    fields a block leaves ``ceil(H / pool_size)``, and makes ``num_new_maps`` new fields
    for each of these. The order of the fields decides which are neighbours.

    Parameters: of a block of ``C`` channels that reads ``C'``, with ``H`` fields left,
    ``kernel_size * C' * C + 2 * C`` and
    ``(H * dim * C + 1) * (H * dim * num_new_maps)``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, num_new_fields, dim)``.

    Examples:
        >>> layer = FeatureGeneration(5, 4, num_channels=(3, 2), kernel_size=3)
        >>> layer.heights, layer.num_new_fields
        ((3, 2), 10)
        >>> layer(torch.zeros(7, 5, 4)).shape
        torch.Size([7, 10, 4])

    Args:
        num_fields: fields of the input.
        embedding_dim: length of one embedding.
        num_channels: channels of the convolution of each block.
        kernel_size: fields that a convolution sees at once, odd.
        pool_size: neighbouring fields of which the largest activation is kept.
        num_new_maps: new fields for each field that a block leaves.

    Attributes:
        heights: fields that each block leaves.
        num_new_fields: fields of the output.

    Raises:
        ValueError: if a size is not positive, or ``kernel_size`` is even.
    """

    def __init__(
        self,
        num_fields: int,
        embedding_dim: int,
        *,
        num_channels: Sequence[int] = (14, 16, 18, 20),
        kernel_size: int = 7,
        pool_size: int = 2,
        num_new_maps: int = 2,
    ) -> None:
        check_positive("num_fields", num_fields)
        check_positive("embedding_dim", embedding_dim)
        if not num_channels or any(channels <= 0 for channels in num_channels):
            message = f"num_channels must be positive, got {tuple(num_channels)}."
            raise ValueError(message)
        check_positive("kernel_size", kernel_size)
        if kernel_size % 2 == 0:
            # An even window has no middle: the number of fields would change.
            message = f"kernel_size must be odd, got {kernel_size}."
            raise ValueError(message)
        check_positive("pool_size", pool_size)
        check_positive("num_new_maps", num_new_maps)
        super().__init__()
        self.embedding_dim = embedding_dim
        self.pool_size = pool_size
        self.heights = _heights(num_fields, pool_size, len(num_channels))
        self.num_new_fields = sum(self.heights) * num_new_maps
        # Without bias: the normalisation would take it away, and has one itself.
        self.convolutions = nn.ModuleList(
            nn.Conv2d(
                before,
                after,
                (kernel_size, 1),
                padding=(kernel_size // 2, 0),
                bias=False,
            )
            for before, after in pairwise([1, *num_channels])
        )
        self.norms = nn.ModuleList(BatchNorm(channels) for channels in num_channels)
        self.recombinations = nn.ModuleList(
            xavier_linear(
                height * embedding_dim * channels, height * embedding_dim * num_new_maps
            )
            for height, channels in zip(self.heights, num_channels, strict=True)
        )

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch new_field dim"]:
        """Generate fields.

        Args:
            x: field embeddings.

        Returns:
            Embeddings of the new fields, those of the first block first.
        """
        check_last_dim("x", x.shape, self.embedding_dim)
        # Channels come last in memory, where convolutions and pooling want them.
        maps = x.unsqueeze(-1)
        created = []
        for convolution, norm, recombination in zip(
            self.convolutions, self.norms, self.recombinations, strict=True
        ):
            maps = convolution(_channels_first(maps)).permute(0, 2, 3, 1)
            maps = norm(maps.flatten(end_dim=-2)).view(maps.shape)
            # tanh grows, so it may follow the pooling, and has fewer numbers to turn.
            maps = F.max_pool2d(
                _channels_first(maps), (self.pool_size, 1), ceil_mode=True
            )
            maps = torch.tanh(maps).permute(0, 2, 3, 1)
            created.append(torch.tanh(recombination(maps.flatten(start_dim=1))))
        new = torch.cat(created, dim=1)
        return new.view(-1, self.num_new_fields, self.embedding_dim)


def _channels_first(
    maps: Float[Tensor, "batch field dim channel"],
) -> Float[Tensor, "batch channel field dim"]:
    return maps.permute(0, 3, 1, 2)


def _heights(num_fields: int, pool_size: int, num_blocks: int) -> tuple[int, ...]:
    heights = []
    for _ in range(num_blocks):
        num_fields = -(-num_fields // pool_size)
        heights.append(num_fields)
    return tuple(heights)
