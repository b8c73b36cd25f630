r"""Scales the embedding of each field by what all fields say.

Source: Zhu et al., "FINAL: Factorized Interaction Layer for CTR Prediction", SIGIR
2023, https://doi.org/10.1145/3539618.3591988, there called feature gating.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_positive
from fieldwise.nn.linear import Linear

__all__ = ["FieldScaling"]


@final
class FieldScaling(nn.Module):
    r"""The embeddings, and the same times factors that all fields decide.

    $$[e \,\|\, e \odot g], \quad g_{\cdot k} = W e_{\cdot k} + b$$

    Every dimension ``k`` mixes its own entries of all fields, with the same weights.
    Factors may be any number and start at one. Parameters: ``num_fields ** 2 +
    num_fields``.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, 2 * field, dim)``.

    Examples:
        >>> FieldScaling(2)(torch.ones(1, 2, 1)).flatten().tolist()
        [1.0, 1.0, 1.0, 1.0]

    Args:
        num_fields: fields of the input.

    Raises:
        ValueError: if ``num_fields`` is not positive.
    """

    def __init__(self, num_fields: int) -> None:
        check_positive("num_fields", num_fields)
        super().__init__()
        self.linear = Linear(num_fields, num_fields)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Leave every embedding as it is."""
        nn.init.zeros_(self.linear.weight)
        nn.init.ones_(self.linear.bias)

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch twice dim"]:
        """Scale the embeddings.

        Args:
            x: field embeddings.

        Returns:
            All fields as they are, then all of them scaled.
        """
        factors = self.linear(x.transpose(1, 2)).transpose(1, 2)
        return torch.cat([x, x * factors], dim=1)
