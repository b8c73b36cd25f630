"""A layer in which each node of a graph attends to its neighbours.

Source: Velickovic et al., "Graph Attention Networks", ICLR 2018,
https://arxiv.org/abs/1710.10903, equations 1 to 6.
Differences from the paper: attention is handed out beside the result; there is no
dropout of attention, only of what goes in.
"""

from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive

__all__ = ["GraphAttention"]

SLOPE = 0.2


@final
class GraphAttention(nn.Module):
    r"""Averages what neighbours say, by weights that depend on both ends of an edge.

    $$e_{ij} = \mathrm{LeakyReLU}(a^\top [W x_i \| W x_j]), \quad
    \alpha_{ij} = \mathrm{softmax}_{j \in N(i)} e_{ij}, \quad
    x_i' = \sum_j \alpha_{ij} W x_j$$

    Shape:
        - Input: nodes ``(node, in_features)``; edges from ``sources`` j to ``targets``
          i, both ``(edge,)``. Each node needs an edge to itself.
        - Output: ``(node, head, out_features)``, and attention ``(edge, head)``, whose
          sum over the edges to a node is 1.

    Examples:
        >>> layer = GraphAttention(3, 2, num_heads=4)
        >>> loops = torch.arange(5)
        >>> result, attention = layer(torch.zeros(5, 3), loops, loops)
        >>> result.shape, attention.sum().item()
        (torch.Size([5, 4, 2]), 20.0)

    Args:
        in_features: numbers of a node.
        out_features: numbers of a node that come out, for each head.
        num_heads: weights of their own.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(
        self, in_features: int, out_features: int, *, num_heads: int = 1
    ) -> None:
        check_positive("in_features", in_features)
        check_positive("out_features", out_features)
        check_positive("num_heads", num_heads)
        super().__init__()
        self.in_features = in_features
        self.weight = nn.Parameter(torch.empty(in_features, num_heads, out_features))
        self.to_source = nn.Parameter(torch.empty(num_heads, out_features))
        self.to_target = nn.Parameter(torch.empty(num_heads, out_features))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw all weights so that signals keep their size (Glorot)."""
        nn.init.xavier_uniform_(self.weight.data.view(self.in_features, -1))
        nn.init.xavier_uniform_(self.to_source)
        nn.init.xavier_uniform_(self.to_target)

    def forward(
        self,
        nodes: Float[Tensor, "node in_features"],
        sources: Int[Tensor, " edge"],
        targets: Int[Tensor, " edge"],
    ) -> tuple[Float[Tensor, "node head out_features"], Float[Tensor, "edge head"]]:
        """Attend to neighbours.

        Args:
            nodes: numbers of each node.
            sources: of each edge, the node that is attended to.
            targets: of each edge, the node that attends.

        Returns:
            What comes out of each node, and the attention of each edge.
        """
        check_last_dim("nodes", nodes.shape, self.in_features)
        z = torch.einsum("ni,iho->nho", nodes, self.weight)
        said = (z * self.to_source).sum(-1)[sources]
        heard = (z * self.to_target).sum(-1)[targets]
        attention = _softmax(F.leaky_relu(said + heard, SLOPE), targets, len(nodes))
        result = torch.zeros_like(z)
        result.index_add_(0, targets, attention.unsqueeze(-1) * z[sources])
        return result, attention


def _softmax(
    logits: Float[Tensor, "edge head"], targets: Int[Tensor, " edge"], num_nodes: int
) -> Float[Tensor, "edge head"]:
    """Softmax over the edges to each node."""
    places = targets.unsqueeze(1).expand_as(logits)
    largest = logits.new_full((num_nodes, logits.shape[1]), -torch.inf)
    largest = largest.scatter_reduce(0, places, logits.detach(), "amax")
    parts = (logits - largest[targets]).exp()
    sums = parts.new_zeros(largest.shape).index_add_(0, targets, parts)
    return parts / sums[targets]
