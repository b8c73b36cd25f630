r"""Second-order interactions as inner products of embeddings.

Source: Rendle, "Factorization Machines", ICDM 2010, equations 1 and 5.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["FactorizationMachine", "pair_terms"]


@final
class FactorizationMachine(nn.Module):
    r"""Sum of the inner products of all pairs of fields, in linear time.

    $$\sum_{i<j} \langle v_i, v_j \rangle
    = \tfrac12 \sum_k \Big[\big(\sum_i v_{ik}\big)^2 - \sum_i v_{ik}^2\Big]$$

    Shape:
        - Input: ``(..., field, dim)``.
        - Output: ``(...)``.

    Examples:
        >>> import torch
        >>> FactorizationMachine()(torch.ones(2, 3, 4)).tolist()
        [12.0, 12.0]
    """

    def forward(self, x: Float[Tensor, "*rows field dim"]) -> Float[Tensor, "*rows"]:
        """Sum over pairs.

        Args:
            x: field embeddings, already times their values.

        Returns:
            One number per row.
        """
        total = x.sum(dim=-2)
        # A product of a tensor with itself costs less to differentiate than a square.
        return 0.5 * ((total * total).sum(dim=-1) - (x * x).sum(dim=(-2, -1)))


def pair_terms(
    x: Float[Tensor, "*rows field dim"],
) -> Float[Tensor, "*rows field field"]:
    """Compute what each pair of fields adds to ``FactorizationMachine``.

    Examples:
        >>> import torch
        >>> pair_terms(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist()
        [[0.0, 11.0], [0.0, 0.0]]

    Args:
        x: field embeddings, already times their values.

    Returns:
        Inner products of each pair ``i < j``, zero elsewhere, so that they add up to
        the machine's output.
    """
    return (x @ x.transpose(-1, -2)).triu(diagonal=1)
