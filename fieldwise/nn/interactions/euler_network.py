r"""Products of any order of the fields, as sums of logarithms and angles.

A complex number is a modulus and an angle. Products multiply moduli and add angles, and
a power of any real exponent multiplies the logarithm of the modulus and the angle by
it. So a linear map of both, over the fields, is a product with learned exponents.

Source: Tian et al., "EulerNet: Adaptive Feature Interaction Learning via Euler's
Formula for CTR Prediction", SIGIR 2023, https://arxiv.org/abs/2304.10711, section
"Euler Interaction Layer".
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive, check_share
from fieldwise.nn.dropout import Dropout
from fieldwise.nn.field_norm import FieldNorm
from fieldwise.nn.linear import xavier_linear
from fieldwise.nn.precision import autocast

__all__ = ["EulerLayer", "EulerNetwork"]

EPSILON = 1e-8
"""Added to squared moduli, so that zero has a logarithm."""

BIAS_STD, ORDER_SPREAD = 1e-2, 1e-2


@final
class EulerLayer(nn.Module):
    r"""Learned products of complex numbers, beside a linear map of both their parts.

    $$\lambda = \tfrac12 \ln(r^2 + p^2 + 10^{-8}),\ \theta = \mathrm{atan2}(p, r);\quad
    \lambda' = A^\top \lambda + b_\lambda,\ \theta' = A^\top \theta + b_\theta$$

    $$r' = e^{\lambda'} \cos \theta' + \mathrm{ReLU}(W r + c), \quad
    p' = e^{\lambda'} \sin \theta' + \mathrm{ReLU}(W p + c)$$

    Column ``o`` of ``A`` holds the order of each field in product ``o``; all dimensions
    share it. ``A`` starts as the identity where there are as many products as fields,
    else with one field in each product. Logarithms and angles are computed in at least
    float32. Parameters: ``F * O + 2 * O * d + (F * d + 1) * O * d``, and ``4 * d`` of
    the normalisations.

    Shape:
        - Input: real and imaginary parts, ``(2, batch, field, dim)``.
        - Output: ``(2, batch, order, dim)``.

    Examples:
        >>> EulerLayer(3, 4, dim=2)(torch.ones(2, 5, 3, 2)).shape
        torch.Size([2, 5, 4, 2])

    Args:
        num_fields: complex vectors of the input.
        num_orders: products.
        dim: length of each vector.
        dropout: share of inputs, of logarithms and of angles that are dropped in
            training, in [0, 1).
        layer_norm: normalise each vector of the output.

    Attributes:
        orders: the exponents ``A``, ``(field, order)``.

    Raises:
        ValueError: if a size is not positive or ``dropout`` is not a share.
    """

    def __init__(
        self,
        num_fields: int,
        num_orders: int,
        *,
        dim: int,
        dropout: float = 0.0,
        layer_norm: bool = False,
    ) -> None:
        check_positive("num_fields", num_fields)
        check_positive("num_orders", num_orders)
        check_positive("dim", dim)
        check_share("dropout", dropout)
        super().__init__()
        self.num_orders = num_orders
        self.orders = nn.Parameter(torch.empty(num_fields, num_orders))
        self.bias = nn.Parameter(torch.empty(2, 1, num_orders, dim))
        self.linear = xavier_linear(num_fields * dim, num_orders * dim)
        self.dropout = Dropout(dropout)
        self.norm = FieldNorm(2, dim) if layer_norm else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start with the fields as they are, as the authors do."""
        num_fields, num_orders = self.orders.shape
        with torch.no_grad():
            if num_fields == num_orders:
                nn.init.eye_(self.orders)
            else:
                chances = torch.randn(num_fields, num_orders) / ORDER_SPREAD
                self.orders.copy_(chances.softmax(dim=0))
            nn.init.normal_(self.bias, std=BIAS_STD)

    def forward(
        self, x: Float[Tensor, "part batch field dim"]
    ) -> Float[Tensor, "part batch order dim"]:
        """Multiply and map.

        Args:
            x: real parts, then imaginary ones.

        Returns:
            Those of the products.
        """
        linear = self.linear(self.dropout(x).flatten(start_dim=2), relu=True)
        with autocast("float32", x.device.type):
            products = self._products(x.to(self.orders.dtype))
            out: Tensor = products + linear.unflatten(-1, (self.num_orders, -1))
            if self.norm is None:
                return out
            # Real parts and imaginary ones are the fields it knows apart.
            normal: Tensor = self.norm(out.movedim(0, -2)).movedim(-2, 0)
            return normal

    def _products(self, x: Tensor) -> Tensor:
        real, imaginary = x
        square = real.square() + imaginary.square()
        # At zero an angle has no gradient, and its formula would divide by zero.
        angle = torch.atan2(imaginary, torch.where(square == 0, 1, real))
        polar = torch.stack([0.5 * torch.log(square + EPSILON), angle])
        mixed: Tensor = self.orders.T @ self.dropout(polar) + self.bias
        return torch.stack([mixed[1].cos(), mixed[1].sin()]) * mixed[0].exp()


@final
class EulerNetwork(nn.Module):
    r"""Embeddings as angles of complex numbers, and layers of their products.

    $$r_f = \mu_f \cos e_f, \quad p_f = \mu_f \sin e_f$$

    then ``num_layers`` times an ``EulerLayer``; the output is ``r + p``, because the
    same weights read both. Parameters: ``F`` moduli, and those of the layers.

    Shape:
        - Input: ``(batch, field, dim)``.
        - Output: ``(batch, out_features)``, that is ``num_orders * dim``.

    Examples:
        >>> network = EulerNetwork(3, dim=2, num_layers=2, num_orders=4)
        >>> network(torch.zeros(5, 3, 2)).shape
        torch.Size([5, 8])

    Args:
        num_fields: fields of the input.
        dim: length of one embedding.
        num_layers: layers of products.
        num_orders: products of each layer.
        dropout: that of each layer.
        layer_norm: that of each layer.

    Raises:
        ValueError: if a size is not positive or ``dropout`` is not a share.
    """

    def __init__(
        self,
        num_fields: int,
        *,
        dim: int,
        num_layers: int,
        num_orders: int,
        dropout: float = 0.0,
        layer_norm: bool = False,
    ) -> None:
        check_positive("num_layers", num_layers)
        super().__init__()
        self.dim = dim
        self.out_features = num_orders * dim
        self.modulus = nn.Parameter(torch.ones(num_fields, 1))
        self.layers = nn.ModuleList(
            EulerLayer(
                num_orders if place else num_fields,
                num_orders,
                dim=dim,
                dropout=dropout,
                layer_norm=layer_norm,
            )
            for place in range(num_layers)
        )

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch out"]:
        """Multiply the fields with learned orders.

        Args:
            x: field embeddings.

        Returns:
            The representation.
        """
        check_last_dim("x", x.shape, self.dim)
        with autocast("float32", x.device.type):
            angle = x.to(self.modulus.dtype)
            pair = self.modulus * torch.stack([angle.cos(), angle.sin()])
        for layer in self.layers:
            pair = layer(pair)
        return pair.sum(dim=0).flatten(start_dim=1)
