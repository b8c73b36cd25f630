r"""Crosses of learned order: products of powers, computed as sums of logarithms.

Source: Cheng, Shen, Huang, "Adaptive Factorization Network: Learning Adaptive-Order
Feature Interactions", AAAI 2020, https://arxiv.org/abs/1909.03276, "Logarithmic
Transformation Layer".
Differences from the paper: no bias, and magnitudes are at least 1e-5, as in the public
benchmark BARS.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.batch_norm import BatchNorm
from fieldwise.nn.precision import autocast

__all__ = ["LogarithmicNeurons"]


@final
class LogarithmicNeurons(nn.Module):
    r"""Products of the fields' magnitudes, each raised to a learned power.

    $$y_o = \exp\Big(\sum_f w_{of} \ln |e_f|\Big) = \prod_f |e_f|^{w_{of}}$$

    Logarithms are normalised for each field, products for each neuron. The powers
    ``w``, the parameter ``powers``, say which order a neuron has in each field. Signs
    of embeddings are lost. Parameters: ``num_neurons * (num_fields + 2) +
    2 * num_fields``.

    Shape:
        - Input: ``(batch, num_fields, dim)``.
        - Output: ``(batch, dim, num_neurons)``, in float32 at least, under autocast
          too.

    Examples:
        >>> neurons = LogarithmicNeurons(3, num_neurons=5)
        >>> neurons(torch.ones(2, 3, 4)).shape
        torch.Size([2, 4, 5])

    Args:
        num_fields: fields of the input.
        num_neurons: products to form.
        min_magnitude: smaller entries count as this one, since the logarithm of zero
            is infinite; nothing is learned from them.

    Raises:
        ValueError: if an argument is not positive.
    """

    def __init__(
        self, num_fields: int, *, num_neurons: int, min_magnitude: float = 1e-5
    ) -> None:
        check_positive("num_fields", num_fields)
        check_positive("num_neurons", num_neurons)
        check_positive("min_magnitude", min_magnitude)
        super().__init__()
        self.num_fields = num_fields
        self.num_neurons = num_neurons
        self.min_magnitude = min_magnitude
        self.field_norm = BatchNorm(num_fields)
        self.powers = nn.Parameter(torch.empty(num_neurons, num_fields))
        self.neuron_norm = BatchNorm(num_neurons)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw powers by Glorot's rule."""
        nn.init.xavier_normal_(self.powers)

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch dim neuron"]:
        """Multiply fields with each other.

        Args:
            x: field embeddings.

        Returns:
            The normalised products.
        """
        check_last_dim("x[..., 0]", x.shape[:-1], self.num_fields)
        with autocast("float32", x.device.type):
            x = x if x.dtype == torch.float64 else x.float()
            magnitudes = x.transpose(1, 2).abs().clamp_min(self.min_magnitude)
            logs = self.field_norm(magnitudes.log().flatten(end_dim=1))
            products: Tensor = self.neuron_norm((logs @ self.powers.t()).exp())
            return products.view(*magnitudes.shape[:2], self.num_neurons)
