r"""A network that says, row by row, how much each field counts.

Source: Lin, Zhao, Wang, Xu, Wu, "AdaFS: Adaptive Feature Selection in Deep Recommender
System", KDD 2022 (soft selection), and its code.
Differences from the paper: each field is normalised by itself, where the code has one
normalisation for all, which leaves small embeddings small; no ReLU before the softmax,
which would give many fields the same weight; weights are multiplied by the number of
fields and start equal, so that at the start the controller changes nothing.
"""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.batch_norm import BatchNorm
from fieldwise.nn.linear import xavier_linear
from fieldwise.nn.mlp import MLP

__all__ = ["FieldController"]


@final
class FieldController(nn.Module):
    r"""Multiplies normalised embeddings by weights that depend on the row.

    $$\tilde e_f = F\, w_f\, \mathrm{BN}(e_f), \quad
    w = \mathrm{softmax}(W\, \mathrm{MLP}([\mathrm{BN}(e_1) \,\|\, \dots]) + b)$$

    The normalisation over the batch, of each number of a field, keeps embeddings from
    making up for small weights. Parameters of fields ``F``, dimensions ``d`` and a
    hidden width ``h``: ``2 F d + (F d + 3) h + (h + 1) F``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: the same.

    Examples:
        >>> controller = FieldController(2, 4).eval()
        >>> controller.weights(torch.randn(1, 2, 4)).tolist()
        [[0.5, 0.5]]

    Args:
        num_fields: fields of the input.
        dim: length of one embedding.
        hidden_dims: width of each layer of the network.
        dropout: share of its activations dropped in training, in [0, 1).

    Raises:
        ValueError: if a size is not positive, or ``dropout`` is not a share.
    """

    def __init__(
        self,
        num_fields: int,
        dim: int,
        *,
        hidden_dims: Sequence[int] = (16,),
        dropout: float = 0.2,
    ) -> None:
        check_positive("num_fields", num_fields)
        check_positive("dim", dim)
        super().__init__()
        self.num_fields = num_fields
        self.norm = BatchNorm(num_fields * dim)
        self.tower = MLP(
            num_fields * dim, hidden_dims=hidden_dims, dropout=dropout, batch_norm=True
        )
        self.head = xavier_linear(self.tower.out_features, num_fields)
        nn.init.zeros_(self.head.weight)

    def deciding(self) -> tuple[nn.Parameter, ...]:
        """The parameters of the weights, without those of the normalisation."""
        return (*self.tower.parameters(), *self.head.parameters())

    def weights(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field"]:
        """Weigh the fields of each row.

        Args:
            x: embeddings.

        Returns:
            Weights that add up to one in each row.
        """
        return self._weigh(self._normalise(x))

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field dim"]:
        """Normalise and weigh each field.

        Args:
            x: embeddings.

        Returns:
            Weighted embeddings.
        """
        normal = self._normalise(x)
        weights = self._weigh(normal) * self.num_fields
        return normal * weights.unsqueeze(2)

    def _normalise(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field dim"]:
        normal: Tensor = self.norm(x.flatten(start_dim=1))
        return normal.view_as(x)

    def _weigh(
        self, normal: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field"]:
        scores: Tensor = self.head(self.tower(normal.flatten(start_dim=1)))
        return torch.softmax(scores, dim=1)
