r"""Explicit feature crosses with one vector of weights a layer.

Source: Wang et al., "Deep & Cross Network for Ad Click Predictions", ADKDD 2017,
https://arxiv.org/abs/1708.05123, equation 3.
"""

import math
from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.precision import autocast

__all__ = ["VectorCrossNetwork"]


@final
class VectorCrossNetwork(nn.Module):
    r"""Stack of cross layers of rank one, each raising the degree by one.

    $$x_{l+1} = x_0 \, (w_l^\top x_l) + b_l + x_l$$

    Every $x_l$ is a multiple of the row's $x_0$ plus a vector that all rows share, so
    only the factor has to be followed through the layers, and each costs as much as one
    neuron:

    $$x_l = \alpha_l x_0 + \beta_l, \quad
    \alpha_{l+1} = \alpha_l + w_l^\top x_l, \quad \beta_{l+1} = \beta_l + b_l$$

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch, out_features)``, with ``out_features == in_features``.

    Examples:
        >>> cross = VectorCrossNetwork(in_features=6, num_layers=2)
        >>> cross(torch.zeros(3, 6)).shape
        torch.Size([3, 6])

    Args:
        in_features: width of the input, usually ``num_fields * embedding_dim``.
        num_layers: number of cross layers; the highest degree is ``num_layers + 1``.

    Attributes:
        weight: one vector a layer, ``(num_layers, in_features)``.
        biases: one vector a layer.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(self, in_features: int, *, num_layers: int) -> None:
        check_positive("in_features", in_features)
        check_positive("num_layers", num_layers)
        super().__init__()
        self.in_features = in_features
        self.out_features = in_features
        self.weight = nn.Parameter(torch.empty(num_layers, in_features))
        # Apart, because penalties on matrices leave vectors alone.
        self.biases = nn.ParameterList(
            torch.zeros(in_features) for _ in range(num_layers)
        )
        # Each layer is a linear map to one number.
        nn.init.normal_(self.weight, std=math.sqrt(2 / (in_features + 1)))

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        """Cross the input with itself.

        Args:
            x: concatenated field embeddings.

        Returns:
            The crossed representation.
        """
        check_last_dim("x", x.shape, self.in_features)
        biases = torch.stack(tuple(self.biases))
        before = biases.cumsum(dim=0) - biases
        shifts = (self.weight * before).sum(dim=1)
        # In bfloat16 a factor near one would lose what small weights add to it.
        with autocast("float32", x.device.type):
            x0 = x.to(self.weight.dtype)
            products = F.linear(x0, self.weight)
            factor = torch.ones_like(products[:, 0])
            for product, shift in zip(products.unbind(1), shifts, strict=True):
                factor = factor + factor * product + shift
            # In place, and cheaper to differentiate than ``addcmul``.
            return (x0 * factor.unsqueeze(1)).add_(biases.sum(dim=0))
