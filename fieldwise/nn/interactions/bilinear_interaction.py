r"""Products of all pairs of fields, the first of which is mapped linearly before.

Source: Huang et al., "FiBiNET: Combining Feature Importance and Bilinear Feature
Interaction for Click-Through Rate Prediction", RecSys 2019,
https://arxiv.org/abs/1905.09433, section 3.4.
"""

from typing import Literal, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_choice, check_positive
from fieldwise.nn.interactions.field_pairs import FieldPairs

__all__ = ["BilinearInteraction", "BilinearKind"]

BilinearKind = Literal["all", "each", "pair"]
"""Which pairs of fields share a matrix."""


@final
class BilinearInteraction(nn.Module):
    r"""Between an inner and a Hadamard product, with learned matrices.

    $$p_{ij} = (e_i W) \odot e_j, \quad i < j$$

    ``W`` is one matrix for ``all`` pairs, one for ``each`` first field ``i``, or one
    for each ``pair``. The last field is never the first of a pair, and has none.

    Parameters: ``dim ** 2`` times 1, ``F - 1`` or ``F * (F - 1) / 2``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, pair, dim)``, in the order of ``FieldPairs``.

    Examples:
        >>> layer = BilinearInteraction(4, 8, kind="each")
        >>> layer.weight.shape, layer(torch.zeros(2, 4, 8)).shape
        (torch.Size([3, 8, 8]), torch.Size([2, 6, 8]))

    Args:
        num_fields: fields of the input, two or more.
        embedding_dim: length of one embedding.
        kind: which pairs share a matrix.

    Raises:
        ValueError: if there are fewer than two fields, the length is not positive, or
            there is no such kind.
    """

    def __init__(
        self, num_fields: int, embedding_dim: int, *, kind: BilinearKind = "all"
    ) -> None:
        if num_fields < 2:
            message = f"num_fields must be 2 or more to make a pair, got {num_fields}."
            raise ValueError(message)
        check_positive("embedding_dim", embedding_dim)
        check_choice("kind", kind, ("all", "each", "pair"))
        super().__init__()
        self.kind = kind
        self.pairs = FieldPairs(num_fields)
        self.num_pairs = self.pairs.num_pairs
        num_matrices = {"all": 1, "each": num_fields - 1, "pair": self.num_pairs}
        self.weight = nn.Parameter(
            torch.empty(num_matrices[kind], embedding_dim, embedding_dim)
        )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw Glorot's normal weights, matrix by matrix."""
        nn.init.normal_(self.weight, std=self.weight.shape[-1] ** -0.5)

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch pair dim"]:
        """Map and multiply.

        Args:
            x: field embeddings.

        Returns:
            The product of each pair.
        """
        left, right = self.pairs.left, self.pairs.right
        if self.kind == "pair":
            mapped = _map_each(x.index_select(1, left), self.weight)
        else:
            # Each field is mapped once, not once a pair.
            first = _map_each(x[:, :-1], self.weight)
            mapped = first.index_select(1, left)
        # Under autocast maps are in half precision: half as much to read and write.
        return mapped * x.to(mapped.dtype).index_select(1, right)


def _map_each(
    x: Float[Tensor, "batch place dim"], weight: Float[Tensor, "matrix dim dim"]
) -> Float[Tensor, "batch place dim"]:
    if len(weight) == 1:
        return x @ weight[0]
    return torch.einsum("bpi,pio->bpo", x, weight)
