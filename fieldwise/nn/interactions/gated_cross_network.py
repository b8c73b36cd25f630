r"""Explicit feature crosses of which a gate lets some through.

Source: Wang et al., "Towards Deeper, Lighter and Interpretable Cross Network for CTR
Prediction", CIKM 2023, https://arxiv.org/abs/2311.04635, equation 1.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim
from fieldwise.nn.interactions.cross_network import cross_layers
from fieldwise.nn.linear import Linear

__all__ = ["GatedCrossNetwork"]


@final
class GatedCrossNetwork(nn.Module):
    r"""Stack of cross layers whose crosses are weighted by gates of the row.

    $$x_{l+1} = x_0 \odot (W_l x_l + b_l) \odot \sigma(V_l x_l) + x_l$$

    With gates of one it is ``CrossNetwork``.

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch, out_features)``, with ``out_features == in_features``.

    Examples:
        >>> cross = GatedCrossNetwork(in_features=6, num_layers=2)
        >>> cross(torch.zeros(3, 6)).shape, cross.gate_values(torch.zeros(3, 6)).shape
        (torch.Size([3, 6]), torch.Size([3, 2, 6]))

    Args:
        in_features: width of the input, usually ``num_fields * embedding_dim``.
        num_layers: number of cross layers.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(self, in_features: int, *, num_layers: int) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = in_features
        self.layers = cross_layers(in_features, num_layers)
        gates = [
            Linear(in_features, in_features, bias=False) for _ in range(num_layers)
        ]
        for gate in gates:
            nn.init.xavier_normal_(gate.weight)
        self.gates = nn.ModuleList(gates)

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
    ) -> Float[Tensor, "batch layer width"]:
        """How much of every cross each layer lets through: its importance in the row.

        Args:
            x: concatenated field embeddings.

        Returns:
            Gates, in [0, 1].
        """
        return torch.stack(self._cross(x)[1], dim=1)

    def _cross(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        check_last_dim("x", x.shape, self.in_features)
        x0, gates = x, []
        for layer, gate in zip(self.layers, self.gates, strict=True):
            gates.append(gate(x).sigmoid_())
            # In place, and cheaper to differentiate than ``addcmul``.
            x = (x0 * (layer(x) * gates[-1])).add_(x)
        return x, gates
