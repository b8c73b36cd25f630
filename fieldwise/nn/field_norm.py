r"""Layer normalisation of each field's embedding, with a scale of its own.

Source: Ba, Kiros, Hinton, "Layer Normalization", 2016,
https://arxiv.org/abs/1607.06450, equation 3.
"""

from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.precision import autocast

__all__ = ["FieldNorm"]


@final
class FieldNorm(nn.Module):
    r"""One layer normalisation for every field, in one call for all of them.

    $$\mathrm{LN}(e_f) = \gamma_f \odot \frac{e_f - \mu(e_f)}{\sqrt{\sigma^2(e_f) +
    10^{-5}}} + \beta_f$$

    Mean and variance run over the dimensions of one embedding. Computed in at least
    float32. Parameters: ``2 * num_fields * dim``.

    Shape:
        - Input: ``(..., field, dim)``.
        - Output: the same.

    Examples:
        >>> FieldNorm(3, 2)(torch.tensor([[1.0, 3.0]] * 3)).tolist()[0]
        [-0.9999949932098389, 0.9999949932098389]

    Args:
        num_fields: fields of the input.
        dim: length of one embedding.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(self, num_fields: int, dim: int) -> None:
        check_positive("num_fields", num_fields)
        check_positive("dim", dim)
        super().__init__()
        self.dim = dim
        self.weight = nn.Parameter(torch.ones(num_fields, dim))
        self.bias = nn.Parameter(torch.zeros(num_fields, dim))

    def forward(
        self, x: Float[Tensor, "*rows field dim"]
    ) -> Float[Tensor, "*rows field dim"]:
        """Normalise every embedding.

        Args:
            x: embeddings of the fields.

        Returns:
            Normalised ones.
        """
        check_last_dim("x", x.shape, self.dim)
        with autocast("float32", x.device.type):
            normal = F.layer_norm(x.to(self.weight.dtype), (self.dim,))
            return torch.addcmul(self.bias, normal, self.weight)
