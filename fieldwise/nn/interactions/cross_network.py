r"""Explicit feature crosses of bounded degree.

Source: Wang et al., "DCN V2: Improved Deep & Cross Network", WWW 2021,
https://arxiv.org/abs/2008.13535, equation 1.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.linear import xavier_linear

__all__ = ["CrossNetwork", "cross_layers"]


@final
class CrossNetwork(nn.Module):
    r"""Stack of cross layers, each raising the interaction degree by one.

    $$x_{l+1} = x_0 \odot (W_l x_l + b_l) + x_l$$

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch, out_features)``, with ``out_features == in_features``.

    Examples:
        >>> import torch
        >>> cross = CrossNetwork(in_features=6, num_layers=2)
        >>> cross(torch.zeros(3, 6)).shape
        torch.Size([3, 6])

    Args:
        in_features: width of the input, usually ``num_fields * embedding_dim``.
        num_layers: number of cross layers; the highest degree is ``num_layers + 1``.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(self, in_features: int, *, num_layers: int) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = in_features
        self.layers = cross_layers(in_features, num_layers)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        """Cross the input with itself.

        Args:
            x: concatenated field embeddings.

        Returns:
            The crossed representation.
        """
        check_last_dim("x", x.shape, self.in_features)
        x0 = x
        for layer in self.layers:
            # In place, and cheaper to differentiate than ``addcmul``.
            x = (x0 * layer(x)).add_(x)
        return x


def cross_layers(in_features: int, num_layers: int) -> nn.ModuleList:
    """Build the maps of a stack of cross layers, each a square matrix and a bias.

    Examples:
        >>> [layer.weight.shape for layer in cross_layers(6, 1)]
        [torch.Size([6, 6])]

    Args:
        in_features: width of the input.
        num_layers: how many.

    Returns:
        The maps, with fresh weights.

    Raises:
        ValueError: if an argument is not positive.
    """
    check_positive("in_features", in_features)
    check_positive("num_layers", num_layers)
    return nn.ModuleList(
        xavier_linear(in_features, in_features) for _ in range(num_layers)
    )
