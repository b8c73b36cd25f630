r"""Fields attend to fields: interactions whose partners are chosen row by row.

Source: Song et al., "AutoInt: Automatic Feature Interaction Learning via Self-Attentive
Neural Networks", CIKM 2019, https://arxiv.org/abs/1810.11921, equations 5 to 8.
Differences from the paper: none by default; the scale, the layer normalisation and the
identity residual are those of the public benchmark BARS, dropout of attention weights
that of the authors' code.
"""

from typing import Literal, cast, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import (
    check_choice,
    check_last_dim,
    check_non_negative,
    check_positive,
    check_share,
)
from fieldwise.nn.dropout import Dropout
from fieldwise.nn.linear import Linear

__all__ = ["SelfAttention"]

Heads = Float[Tensor, "batch head field head_dim"]

BLOCK = 2**21
"""Numbers in the largest tensor of a block of rows: its parts then stay in the cache,
and are small enough for their memory to be kept from one step to the next."""


@final
class SelfAttention(nn.Module):
    r"""Stack of multi-head self-attention layers over the fields of a row.

    $$A_h = \mathrm{softmax}\big((X Q_h)(X K_h)^\top\big), \quad
    X' = \mathrm{ReLU}\big([A_1 X V_1 \,\|\, \dots \,\|\, A_H X V_H] + X W\big)$$

    Without dropout and with the residual projected, the parameters of a layer are
    ``4 * width_before * width``, where ``width`` is ``num_heads * head_dim``, and
    ``2 * width`` more where it is normalised. The identity residual saves a quarter of
    the matrices where both widths agree; elsewhere it is projected all the same.

    Shape:
        - Input: ``(batch, field, in_features)``.
        - Output: ``(batch, field, out_features)``, the width of the last layer.

    Examples:
        >>> layers = SelfAttention(6, num_layers=2, num_heads=2, head_dim=4)
        >>> layers(torch.zeros(3, 5, 6)).shape
        torch.Size([3, 5, 8])
        >>> [maps.shape for maps in layers.attention(torch.zeros(3, 5, 6))]
        [torch.Size([3, 2, 5, 5]), torch.Size([3, 2, 5, 5])]

    Args:
        in_features: length of an embedding.
        num_layers: depth; with none the input is the output.
        num_heads: attention maps in each layer.
        head_dim: length of a query, a key and a value.
        residual: ``projected`` through a matrix, or the ``identity``.
        scaled: divide scores by the root of ``head_dim``.
        layer_norm: normalise before each activation.
        dropout: share of attention weights dropped in training, in [0, 1).

    Raises:
        ValueError: if a size is not positive, ``num_layers`` is negative, ``residual``
            is unknown or ``dropout`` is not a share.
    """

    def __init__(
        self,
        in_features: int,
        *,
        num_layers: int,
        num_heads: int,
        head_dim: int,
        residual: Literal["projected", "identity"] = "projected",
        scaled: bool = False,
        layer_norm: bool = False,
        dropout: float = 0.0,
    ) -> None:
        check_positive("in_features", in_features)
        check_non_negative("num_layers", num_layers)
        check_positive("num_heads", num_heads)
        check_positive("head_dim", head_dim)
        check_choice("residual", residual, ("projected", "identity"))
        check_share("dropout", dropout)
        super().__init__()
        width = num_heads * head_dim
        self.in_features = in_features
        self.out_features = width if num_layers else in_features
        self.layers = nn.ModuleList(
            _Layer(
                in_features if place == 0 else width,
                num_heads=num_heads,
                head_dim=head_dim,
                is_identity=residual == "identity",
                scale=head_dim**-0.5 if scaled else 1.0,
                layer_norm=layer_norm,
                dropout=dropout,
            )
            for place in range(num_layers)
        )
        # Of a field: its queries, keys, values and residual, or its scores.
        self._part_width, self._num_heads = 4 * width, num_heads

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field width"]:
        """Apply every layer.

        Args:
            x: field embeddings.

        Returns:
            What each field has become.
        """
        check_last_dim("x", x.shape, self.in_features)
        if not x.is_cpu or torch.compiler.is_compiling():
            return self._apply_all(x)
        num_fields = x.shape[1]
        row = num_fields * max(self._part_width, self._num_heads * num_fields)
        blocks = torch.split(x, max(1, BLOCK // row))
        if len(blocks) == 1:
            return self._apply_all(x)
        return torch.cat([self._apply_all(block) for block in blocks])

    def _apply_all(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field width"]:
        for layer in self.layers:
            x = layer(x)
        return x

    def attention(
        self, x: Float[Tensor, "batch field dim"]
    ) -> tuple[Float[Tensor, "batch head field field"], ...]:
        """Tell how much each field looks at each other one.

        Args:
            x: field embeddings.

        Returns:
            The weights of each layer: row ``i`` of a map says where field ``i`` looks,
            and sums to 1. They describe the layer, not what causes a logit.
        """
        check_last_dim("x", x.shape, self.in_features)
        maps = []
        for layer in cast("list[_Layer]", self.layers):
            maps.append(layer.attention(x))
            x = layer(x)
        return tuple(maps)


@final
class _Layer(nn.Module):
    """One layer; queries, keys, values and the residual come from one product."""

    def __init__(
        self,
        in_features: int,
        *,
        num_heads: int,
        head_dim: int,
        is_identity: bool,
        scale: float,
        layer_norm: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        width = num_heads * head_dim
        self.num_heads = num_heads
        self.head_dim = head_dim
        self.is_identity = is_identity and width == in_features
        self.num_parts = 3 if self.is_identity else 4
        self.scale = scale
        self.project = Linear(in_features, self.num_parts * width, bias=False)
        self.norm = nn.LayerNorm(width) if layer_norm else None
        self.dropout = Dropout(dropout)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw each of the matrices by Glorot's rule."""
        with torch.no_grad():
            for weight in self.project.weight.chunk(self.num_parts):
                nn.init.xavier_normal_(weight)

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch field width"]:
        query, key, value, residual = self._parts(x)
        weights = self.dropout(self._weights(query, key))
        out: Tensor = (weights @ value).transpose(1, 2).flatten(start_dim=2)
        out.add_(residual)
        if self.norm is not None:
            out = self.norm(out)
        return out.relu_()

    def attention(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch head field field"]:
        query, key, _, _ = self._parts(x)
        return self._weights(query, key)

    def _parts(
        self, x: Float[Tensor, "batch field dim"]
    ) -> tuple[Heads, Heads, Heads, Float[Tensor, "batch field width"]]:
        # Cheaper to differentiate than one part picked after the other.
        parts = self.project(x).chunk(self.num_parts, dim=-1)
        sizes = (self.num_heads, self.head_dim)
        query, key, value = (
            part.unflatten(-1, sizes).transpose(1, 2) for part in parts[:3]
        )
        return query, key, value, x if self.is_identity else parts[3]

    def _weights(
        self, query: Heads, key: Heads
    ) -> Float[Tensor, "batch head field field"]:
        if self.scale != 1.0:
            query = query * self.scale
        return (query @ key.transpose(-1, -2)).softmax(dim=-1)
