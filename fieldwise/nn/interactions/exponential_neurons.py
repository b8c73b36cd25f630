r"""Crosses of any order, whose fields are chosen row by row.

Source: Cai et al., "ARM-Net: Adaptive Relation Modeling Network for Structured Data",
SIGMOD 2021, https://arxiv.org/abs/2107.01830, "Adaptive Relation Modeling Module".
Differences from the paper: keys are as long as embeddings, as in the authors' code, and
logits are divided by the root of that length, as there; an exponent can be bounded.
"""

import math
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.batch_norm import BatchNorm
from fieldwise.nn.entmax import check_alpha, entmax
from fieldwise.nn.precision import autocast

__all__ = ["ExponentialNeurons"]


@final
class ExponentialNeurons(nn.Module):
    r"""Products of exponentials of embeddings, raised to powers that depend on the row.

    $$y_i = \exp\Big(\sum_j w_{ij} e_j\Big) = \prod_j \exp(e_j)^{w_{ij}}, \quad
    w_i = z_i \odot v_i, \quad
    z_i = \alpha\text{-entmax}_j\big(q_i^\top W_h^\top e_j / \sqrt d\big)$$

    Neurons of one head ``h`` share the map ``W`` of their keys. A gate ``z`` above zero
    makes a field part of the cross; gates are never negative, so only the value vector
    ``v`` decides on the sign of a power. Afterwards each neuron is normalised over the
    batch. Parameters, with ``n = num_heads * num_neurons``:
    ``num_heads * embedding_dim ** 2 + n * (embedding_dim + num_fields + 2)``.

    Shape:
        - Input: ``(batch, num_fields, embedding_dim)``.
        - Output: ``(batch, embedding_dim, n)``, in float32 at least, under autocast
          too.

    Examples:
        >>> neurons = ExponentialNeurons(3, embedding_dim=4, num_neurons=5)
        >>> neurons(torch.zeros(2, 3, 4)).shape, neurons.out_features
        (torch.Size([2, 4, 5]), 20)
        >>> neurons.gates(torch.zeros(2, 3, 4)).shape
        torch.Size([2, 5, 3])

    Args:
        num_fields: fields of the input.
        embedding_dim: length of one embedding.
        num_neurons: neurons of each head.
        num_heads: how many maps of keys there are.
        alpha: sparsity of the gates, 1 or more: 1 takes every field, 2 few.
        max_exponent: bound of exponents in both directions; None for no bound. Without
            one, embeddings and value vectors that grow can overflow.

    Raises:
        ValueError: if a size or the bound is not positive, or ``alpha`` below 1.
    """

    def __init__(
        self,
        num_fields: int,
        *,
        embedding_dim: int,
        num_neurons: int,
        num_heads: int = 1,
        alpha: float = 2.0,
        max_exponent: float | None = None,
    ) -> None:
        check_positive("num_fields", num_fields)
        check_positive("embedding_dim", embedding_dim)
        check_positive("num_neurons", num_neurons)
        check_positive("num_heads", num_heads)
        check_alpha(alpha)
        if max_exponent is not None:
            check_positive("max_exponent", max_exponent)
        super().__init__()
        self.num_fields = num_fields
        self.embedding_dim = embedding_dim
        self.alpha = alpha
        self.max_exponent = max_exponent
        self.num_crosses = num_heads * num_neurons
        self.out_features = self.num_crosses * embedding_dim
        self.key_maps = nn.Parameter(
            torch.empty(num_heads, embedding_dim, embedding_dim)
        )
        self.queries = nn.Parameter(torch.empty(num_heads, num_neurons, embedding_dim))
        self.value_vectors = nn.Parameter(
            torch.empty(num_heads, num_neurons, num_fields)
        )
        self.norm = BatchNorm(self.num_crosses)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw by Glorot's rule, which takes two axes and counts the third to both."""
        for weight in (self.key_maps, self.queries, self.value_vectors):
            nn.init.xavier_uniform_(weight, gain=math.sqrt(2))

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch dim neuron"]:
        """Multiply fields with each other.

        Args:
            x: field embeddings.

        Returns:
            The normalised crosses.
        """
        crosses = self.crosses(x)
        normal: Tensor = self.norm(crosses.flatten(end_dim=1))
        return normal.view(crosses.shape)

    def crosses(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch dim neuron"]:
        """Multiply fields, without normalisation.

        Args:
            x: field embeddings.

        Returns:
            One cross per neuron, of each dimension by itself.
        """
        powers = self.powers(x)
        with autocast("float32", x.device.type):
            exponents = _full(x).transpose(1, 2) @ powers.transpose(1, 2)
            if self.max_exponent is not None:
                exponents = exponents.clamp(-self.max_exponent, self.max_exponent)
            return exponents.exp()

    def powers(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch neuron field"]:
        """Tell which power each neuron raises each field to.

        Args:
            x: field embeddings.

        Returns:
            The signed powers, zero for fields that are not in the cross.
        """
        return self.gates(x) * self.value_vectors.flatten(end_dim=1)

    def gates(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch neuron field"]:
        """Choose the fields of each cross.

        Args:
            x: field embeddings.

        Returns:
            Shares in [0, 1] that sum to 1 over the fields.
        """
        check_last_dim("x", x.shape, self.embedding_dim)
        check_last_dim("x[..., 0]", x.shape[:-1], self.num_fields)
        with autocast("float32", x.device.type):
            # Query and map of a neuron are multiplied once, not for every row.
            seekers = (self.queries @ self.key_maps.transpose(1, 2)).flatten(end_dim=1)
            seekers = (seekers * self.embedding_dim**-0.5).expand(x.shape[0], -1, -1)
            return entmax(seekers @ _full(x).transpose(1, 2), alpha=self.alpha)


def _full(x: Tensor) -> Tensor:
    """At least float32: exponentials and thresholds need the digits."""
    return x if x.dtype == torch.float64 else x.float()
