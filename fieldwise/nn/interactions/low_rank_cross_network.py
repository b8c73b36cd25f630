r"""Explicit feature crosses in a few small spaces, mixed by gates.

Source: Wang et al., "DCN V2: Improved Deep & Cross Network", WWW 2021,
https://arxiv.org/abs/2008.13535, section 3.5 (mixture of low-rank experts).
"""

import math
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.linear import Linear
from fieldwise.nn.precision import autocast

__all__ = ["LowRankCrossNetwork"]


@final
class LowRankCrossNetwork(nn.Module):
    r"""Stack of cross layers, each a mixture of experts of low rank.

    $$x_{l+1} = x_0 \odot \Big(\sum_k g_k \, U_k \tanh(C_k \tanh(V_k^\top x_l))
    + b\Big) + x_l, \quad g = \mathrm{softmax}(G x_l)$$

    Gates sum to one, so the bias that the experts of a layer share stands outside of
    their sum, and all experts together are two products of matrices and a batched one.
    All of $U, C, V, G, b$ are the layer's own.

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch, out_features)``, with ``out_features == in_features``.

    Examples:
        >>> cross = LowRankCrossNetwork(6, num_layers=2, num_experts=3, rank=2)
        >>> cross(torch.zeros(3, 6)).shape
        torch.Size([3, 6])

    Args:
        in_features: width of the input, usually ``num_fields * embedding_dim``.
        num_layers: number of cross layers.
        num_experts: experts of a layer.
        rank: width of the space an expert works in.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(
        self, in_features: int, *, num_layers: int, num_experts: int, rank: int
    ) -> None:
        check_positive("in_features", in_features)
        check_positive("num_layers", num_layers)
        check_positive("num_experts", num_experts)
        check_positive("rank", rank)
        super().__init__()
        self.in_features = in_features
        self.out_features = in_features
        self.layers = nn.ModuleList(
            _MixedCross(in_features, num_experts=num_experts, rank=rank)
            for _ in range(num_layers)
        )

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch width"]:
        """Cross the input with itself.

        Args:
            x: concatenated field embeddings.

        Returns:
            The crossed representation.
        """
        return self._cross(x)[0]

    def gate_values(
        self, x: Float[Tensor, "batch width"]
    ) -> Float[Tensor, "batch layer expert"]:
        """How much each expert counts.

        Args:
            x: concatenated field embeddings.

        Returns:
            Gates, in [0, 1]; those of a layer sum to one.
        """
        return torch.stack(self._cross(x)[1], dim=1)

    def _cross(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        check_last_dim("x", x.shape, self.in_features)
        x0, gates = x, []
        for layer in self.layers:
            product, weights = layer(x)
            gates.append(weights)
            x = (x0 * product).add_(x)
        return x, gates


@final
class _MixedCross(nn.Module):
    """What one layer multiplies its input with."""

    def __init__(self, in_features: int, *, num_experts: int, rank: int) -> None:
        super().__init__()
        self.num_experts = num_experts
        # Columns of V, and rows of U, of one expert after the other.
        self.down = Linear(in_features, num_experts * rank, bias=False)
        self.inside = nn.Parameter(torch.empty(num_experts, rank, rank))
        self.up = Linear(num_experts * rank, in_features)
        self.gate = Linear(in_features, num_experts, bias=False)
        # As for the matrices of a single expert.
        for weight in (self.down.weight, self.up.weight):
            nn.init.normal_(weight, std=math.sqrt(2 / (in_features + rank)))
        nn.init.normal_(self.inside, std=math.sqrt(1 / rank))
        nn.init.zeros_(self.up.bias)
        nn.init.xavier_normal_(self.gate.weight)

    def forward(
        self, x: Float[Tensor, "batch width"]
    ) -> tuple[Float[Tensor, "batch width"], Float[Tensor, "batch expert"]]:
        h = self.down(x).tanh_().unflatten(-1, (self.num_experts, -1))
        h = torch.einsum("bki,koi->bko", h, self.inside).tanh_()
        gates = self._gates(x)
        mixed = (h * gates.unsqueeze(-1)).flatten(start_dim=1)
        return self.up(mixed), gates

    def _gates(self, x: Tensor) -> Tensor:
        # In float32 under autocast, too, so that gates sum to one.
        with autocast("float32", x.device.type):
            gates: Tensor = self.gate(x.to(self.gate.weight.dtype))
            return gates.softmax(dim=-1)
