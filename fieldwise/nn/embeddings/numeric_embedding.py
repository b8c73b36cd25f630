r"""Numbers as embeddings: linear, piecewise-linear and periodic.

Source: Gorishniy, Rubachev, Babenko, "On Embeddings for Numerical Features in Tabular
Deep Learning", NeurIPS 2022, https://arxiv.org/abs/2203.05556, sections 3.2 and 3.3.
Differences from the paper: a missing value (NaN) has a learned vector of its own; the
linear embedding has no bias; the piecewise-linear one starts as a line (its table of
pieces starts at zero), as version B of the authors' later package; the periodic one has
no ReLU, because it must also give weights of length one, half of which a ReLU would
leave dead from the start.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive

__all__ = ["LinearNumericEmbedding", "PeriodicEmbedding", "PiecewiseLinearEmbedding"]

INIT_STD = 1e-2
"""Wider than a table's: every row of a batch trains these few vectors."""


def _fill_missing(
    embedded: Float[Tensor, "batch field dim"],
    x: Float[Tensor, "batch field"],
    missing: Float[Tensor, "field dim"],
) -> Float[Tensor, "batch field dim"]:
    return torch.where(x.isnan().unsqueeze(-1), missing, embedded)


@final
class LinearNumericEmbedding(nn.Module):
    """Each number scales the vector of its field.

    $$e_j = x_j w_j$$

    Parameters: ``2 * num_fields * embedding_dim``.

    Shape:
        - Input: ``(batch, num_fields)``.
        - Output: ``(batch, num_fields, embedding_dim)``.

    Examples:
        >>> LinearNumericEmbedding(2, embedding_dim=4)(torch.zeros(3, 2)).shape
        torch.Size([3, 2, 4])

    Args:
        num_fields: numeric fields.
        embedding_dim: length of one embedding.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(self, num_fields: int, *, embedding_dim: int) -> None:
        check_positive("num_fields", num_fields)
        check_positive("embedding_dim", embedding_dim)
        super().__init__()
        self.num_fields = num_fields
        self.weight = nn.Parameter(torch.empty(num_fields, embedding_dim))
        self.missing = nn.Parameter(torch.empty(num_fields, embedding_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw small normal vectors."""
        nn.init.normal_(self.weight, std=INIT_STD)
        nn.init.normal_(self.missing, std=INIT_STD)

    def forward(
        self, x: Float[Tensor, "batch field"]
    ) -> Float[Tensor, "batch field dim"]:
        """Embed numbers.

        Args:
            x: standardised numbers, NaN for missing.

        Returns:
            One vector per number.
        """
        check_last_dim("x", x.shape, self.num_fields)
        embedded = x.nan_to_num(0.0).unsqueeze(-1) * self.weight
        return _fill_missing(embedded, x, self.missing)


@final
class PiecewiseLinearEmbedding(nn.Module):
    r"""A learned piecewise-linear curve per dimension.

    $$e_j = b_j + x_j w_j + \sum_t \mathrm{clip}
    \left(\frac{x_j - c_{t}}{c_{t+1} - c_{t}}, 0, 1\right) A_{jt}$$

    The first piece is not clipped below, nor the last above: there the curve goes on
    straight. Parameters: ``num_fields * embedding_dim * (3 + num_pieces)``, with the
    number of pieces of the field that has most; what others lack stays at zero.

    Shape:
        - Input: ``(batch, num_fields)``.
        - Output: ``(batch, num_fields, embedding_dim)``.

    Examples:
        >>> curve = PiecewiseLinearEmbedding([[0.0, 1.0, 3.0], []], embedding_dim=4)
        >>> curve.encode(torch.tensor([[2.0, 5.0]]))[0, 0].tolist()
        [1.0, 0.5]

    Args:
        edges: increasing edges of each field, in the unit of the numbers; fewer than
            two leave the line alone.
        embedding_dim: length of one embedding.

    Raises:
        ValueError: if there is no field or edges do not increase.
    """

    low: Tensor
    width: Tensor
    smallest: Tensor
    largest: Tensor

    def __init__(self, edges: Sequence[Sequence[float]], *, embedding_dim: int) -> None:
        check_positive("number of fields", len(edges))
        check_positive("embedding_dim", embedding_dim)
        for position, field in enumerate(edges):
            if any(not a < b < math.inf for a, b in pairwise((-math.inf, *field))):
                message = (
                    "edges must be finite and increase, "
                    f"got {list(field)} for field {position}."
                )
                raise ValueError(message)
        super().__init__()
        self.num_fields = len(edges)
        num_pieces = max(1, *(len(field) - 1 for field in edges))
        self.weight = nn.Parameter(torch.empty(len(edges), embedding_dim))
        self.bias = nn.Parameter(torch.empty(len(edges), embedding_dim))
        self.pieces = nn.Parameter(torch.empty(len(edges), num_pieces, embedding_dim))
        self.missing = nn.Parameter(torch.empty(len(edges), embedding_dim))
        pieces = [_pieces(field, num_pieces) for field in edges]
        names = ("low", "width", "smallest", "largest")
        for name, column in zip(names, zip(*pieces, strict=True), strict=True):
            # The schema keeps the edges; the weights need no copy.
            self.register_buffer(name, torch.tensor(column), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the line small and normal; every piece starts at zero."""
        nn.init.normal_(self.weight, std=INIT_STD)
        nn.init.normal_(self.missing, std=INIT_STD)
        nn.init.zeros_(self.bias)
        nn.init.zeros_(self.pieces)

    def encode(
        self, x: Float[Tensor, "batch field"]
    ) -> Float[Tensor, "batch field piece"]:
        """How far each number has passed through each piece: 1 is past its end.

        Args:
            x: standardised numbers without NaN.

        Returns:
            The piecewise-linear encoding.
        """
        progress = (x.unsqueeze(-1) - self.low) / self.width
        return progress.clamp(self.smallest, self.largest)

    def forward(
        self, x: Float[Tensor, "batch field"]
    ) -> Float[Tensor, "batch field dim"]:
        """Embed numbers.

        Args:
            x: standardised numbers, NaN for missing.

        Returns:
            One vector per number.
        """
        check_last_dim("x", x.shape, self.num_fields)
        number = x.nan_to_num(0.0)
        curve = torch.einsum("bfp,fpd->bfd", self.encode(number), self.pieces)
        line = torch.addcmul(self.bias, number.unsqueeze(-1), self.weight)
        return _fill_missing(line + curve, x, self.missing)


def _pieces(
    edges: Sequence[float], num_pieces: int
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Start, width, smallest and largest progress of each piece of a field.

    Args:
        edges: edges of the field.
        num_pieces: pieces to describe; those the field lacks are stuck at zero.

    Returns:
        Four lists of ``num_pieces`` numbers.
    """
    missing = num_pieces - max(0, len(edges) - 1)
    low = list(edges[:-1])
    width = [end - start for start, end in pairwise(edges)]
    smallest = [0.0 for _ in width]
    largest = [1.0 for _ in width]
    if width:
        smallest[0] = -math.inf
        largest[-1] = math.inf
    zeros = [0.0] * missing
    return low + zeros, width + [1.0] * missing, smallest + zeros, largest + zeros


@final
class PeriodicEmbedding(nn.Module):
    r"""Sines and cosines at learned frequencies, mixed by a linear map.

    $$e_j = W_j [\cos 2 \pi c_j x_j \,\|\, \sin 2 \pi c_j x_j] + b_j$$

    Parameters: ``num_fields * (num_frequencies + embedding_dim * (2 + 2 *
    num_frequencies))``.

    Shape:
        - Input: ``(batch, num_fields)``.
        - Output: ``(batch, num_fields, embedding_dim)``.

    Examples:
        >>> PeriodicEmbedding(2, embedding_dim=4)(torch.zeros(3, 2)).shape
        torch.Size([3, 2, 4])

    Args:
        num_fields: numeric fields.
        embedding_dim: length of one embedding.
        num_frequencies: frequencies per field.
        sigma: standard deviation of the frequencies at the start, in periods per unit;
            the one setting that matters. Half a period per standard deviation
            learns what smaller starts miss, and does not harm smooth functions.

    Raises:
        ValueError: if a size is not positive.
    """

    def __init__(
        self,
        num_fields: int,
        *,
        embedding_dim: int,
        num_frequencies: int = 16,
        sigma: float = 0.5,
    ) -> None:
        check_positive("num_fields", num_fields)
        check_positive("embedding_dim", embedding_dim)
        check_positive("num_frequencies", num_frequencies)
        check_positive("sigma", sigma)
        super().__init__()
        self.num_fields = num_fields
        self.sigma = sigma
        shape = num_fields, 2 * num_frequencies, embedding_dim
        self.frequency = nn.Parameter(torch.empty(num_fields, num_frequencies))
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.empty(num_fields, embedding_dim))
        self.missing = nn.Parameter(torch.empty(num_fields, embedding_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw frequencies cut at three deviations, and small normal vectors."""
        limit = 3 * self.sigma
        nn.init.trunc_normal_(self.frequency, std=self.sigma, a=-limit, b=limit)
        nn.init.normal_(self.weight, std=INIT_STD)
        nn.init.normal_(self.missing, std=INIT_STD)
        nn.init.zeros_(self.bias)

    def forward(
        self, x: Float[Tensor, "batch field"]
    ) -> Float[Tensor, "batch field dim"]:
        """Embed numbers.

        Args:
            x: standardised numbers, NaN for missing.

        Returns:
            One vector per number.
        """
        check_last_dim("x", x.shape, self.num_fields)
        angle = 2 * math.pi * x.nan_to_num(0.0).unsqueeze(-1) * self.frequency
        waves = torch.cat([angle.cos(), angle.sin()], dim=-1)
        mixed = torch.einsum("bfk,fkd->bfd", waves, self.weight) + self.bias
        return _fill_missing(mixed, x, self.missing)
