r"""Crosses of which weights make one half, and a mask of itself the other.

Source: Li et al., "FCN: Fusing Exponential and Linear Cross Network for Click-Through
Rate Prediction", KDD 2026, https://arxiv.org/abs/2407.13349, version 7 (self-mask).
"""

from typing import Literal, final

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from fieldwise._checks import (
    check_choice,
    check_last_dim,
    check_positive,
    check_share,
)
from fieldwise.nn.batch_norm import BatchNorm
from fieldwise.nn.dropout import Dropout
from fieldwise.nn.linear import Linear

__all__ = ["Growth", "SelfMaskCrossNetwork", "TwoViews"]

Growth = Literal["linear", "exponential"]


@final
class TwoViews(nn.Module):
    r"""Cuts embeddings into heads, and gathers the two halves of all fields.

    Every head has a slice of each embedding. Of it, the first halves of all fields come
    first, then the second halves: dimension ``k`` of half ``s`` of field ``f`` stands
    at ``s * (width / 2) + f * (embedding_dim / 2) + k``. Without parameters.

    Shape:
        - Input: ``(batch, field, num_heads * embedding_dim)``.
        - Output: ``(batch, num_heads, width)``, of width ``field * embedding_dim``.

    Examples:
        >>> TwoViews(2)(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
        [[[1.0, 3.0, 2.0, 4.0]]]

    Args:
        embedding_dim: length of the slice of one head, an even number.
        num_heads: slices of an embedding.

    Raises:
        ValueError: if an argument is not positive, or the length is odd.
    """

    def __init__(self, embedding_dim: int, *, num_heads: int = 1) -> None:
        check_positive("embedding_dim", embedding_dim)
        _check_even("embedding_dim", embedding_dim)
        check_positive("num_heads", num_heads)
        super().__init__()
        self.num_heads = num_heads
        self.half_dim = embedding_dim // 2

    def forward(
        self, x: Float[Tensor, "batch field dim"]
    ) -> Float[Tensor, "batch head width"]:
        """Rearrange embeddings.

        Args:
            x: field embeddings.

        Returns:
            The two views of every head, side by side.
        """
        check_last_dim("x", x.shape, self.num_heads * 2 * self.half_dim)
        halves = x.reshape(*x.shape[:-1], self.num_heads, 2, self.half_dim)
        return halves.permute(0, 2, 3, 1, 4).flatten(start_dim=2)


@final
class SelfMaskCrossNetwork(nn.Module):
    r"""Stack of cross layers whose degree grows by one a layer, or doubles.

    $$x_{l+1} = y \odot ([c \,\|\, c \odot m] + b) + x_l, \quad
    c = W x_l, \quad m = \mathrm{ReLU}(\mathrm{LN}(c))$$

    With $y = x_0$ growth is linear, with $y = x_l$ exponential. The weights, of half as
    many rows as columns, are those of all heads. In degrees the mask counts as nothing.

    Shape:
        - Input: ``(batch, num_heads, in_features)``, as ``TwoViews`` gives it.
        - Output: ``(batch, out_features)``, the mean over the heads, with
          ``out_features == in_features``.

    Examples:
        >>> cross = SelfMaskCrossNetwork(6, growth="exponential", num_layers=2)
        >>> cross(torch.zeros(3, 1, 6)).shape
        torch.Size([3, 6])

    Args:
        in_features: width of the input, an even number.
        growth: of the highest degree: ``linear`` to ``num_layers + 1``, or
            ``exponential`` to ``2 ** num_layers``.
        num_layers: number of cross layers.
        num_heads: inputs that are crossed by the same weights.
        layer_norm: normalise what decides on the mask.
        batch_norm: normalise each head before.
        dropout: share of each layer's output dropped in training, in [0, 1).

    Raises:
        ValueError: if a size is not positive, the width is odd, ``dropout`` is not a
            share, or there is no such growth.
    """

    def __init__(
        self,
        in_features: int,
        *,
        growth: Growth,
        num_layers: int,
        num_heads: int = 1,
        layer_norm: bool = True,
        batch_norm: bool = False,
        dropout: float = 0.0,
    ) -> None:
        check_positive("in_features", in_features)
        _check_even("in_features", in_features)
        check_choice("growth", growth, ("linear", "exponential"))
        check_positive("num_layers", num_layers)
        check_positive("num_heads", num_heads)
        check_share("dropout", dropout)
        super().__init__()
        self.in_features = in_features
        self.out_features = in_features
        self.is_exponential = growth == "exponential"
        half = in_features // 2
        self.layers = nn.ModuleList(
            _SelfMaskCross(
                in_features,
                head_norm=BatchNorm(num_heads) if batch_norm else nn.Identity(),
                mask_norm=nn.LayerNorm(half) if layer_norm else nn.Identity(),
                dropout=dropout,
            )
            for _ in range(num_layers)
        )

    def forward(
        self, x: Float[Tensor, "batch head width"]
    ) -> Float[Tensor, "batch width"]:
        """Cross the input with itself.

        Args:
            x: the views of every head.

        Returns:
            The crossed representation. A linear head on it is the mean of the same
            head on each of the heads.
        """
        crossed = self._cross(x)[0]
        return crossed.squeeze(1) if x.shape[1] == 1 else crossed.mean(dim=1)

    def masks(
        self, x: Float[Tensor, "batch head width"]
    ) -> Bool[Tensor, "batch layer head half"]:
        """Which crosses each layer lets through to its second half.

        How often those of a field are shut says how strongly the field is filtered;
        dimension ``k`` of field ``f`` stands at ``f * (embedding_dim / 2) + k``.

        Args:
            x: the views of every head.

        Returns:
            True where a cross is let through.
        """
        return torch.stack([mask > 0 for mask in self._cross(x)[1]], dim=1)

    def _cross(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        check_last_dim("x", x.shape, self.in_features)
        x0, masks = x, []
        for layer in self.layers:
            x, mask = layer(x, x if self.is_exponential else x0)
            masks.append(mask)
        return x, masks


@final
class _SelfMaskCross(nn.Module):
    def __init__(
        self,
        in_features: int,
        *,
        head_norm: nn.Module,
        mask_norm: nn.Module,
        dropout: float,
    ) -> None:
        super().__init__()
        self.linear = Linear(in_features, in_features // 2, bias=False)
        nn.init.xavier_normal_(self.linear.weight)
        # In [0, 1], as in the authors' code: embeddings start so small that their
        # crosses say nothing, and a layer first of all multiplies by one plus this.
        self.bias = nn.Parameter(torch.empty(in_features).uniform_())
        self.head_norm = head_norm
        self.mask_norm = mask_norm
        self.dropout = Dropout(dropout)

    def forward(
        self, x: Float[Tensor, "batch head width"], y: Float[Tensor, "batch head width"]
    ) -> tuple[Float[Tensor, "batch head width"], Float[Tensor, "batch head half"]]:
        c = self.head_norm(self.linear(x))
        mask = self.mask_norm(c).relu()
        h = torch.cat([c, c * mask], dim=-1)
        # In float32 under autocast, too: beside a bias, small crosses would be lost.
        h = h.to(self.bias.dtype).add_(self.bias)
        # In place, and cheaper to differentiate than ``addcmul``.
        return self.dropout((y * h).add_(x)), mask


def _check_even(name: str, value: int) -> None:
    if value % 2:
        message = f"{name} must be even, got {value}."
        raise ValueError(message)
