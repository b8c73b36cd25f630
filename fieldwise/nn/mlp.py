"""The feed-forward tower.

Order of a layer, as in the reference recipe of public CTR numbers: linear,
normalisation, activation, dropout.
"""

from collections.abc import Callable, Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive, check_share
from fieldwise.nn.batch_norm import BatchNorm
from fieldwise.nn.dropout import Dropout
from fieldwise.nn.linear import Linear, xavier_linear

__all__ = ["MLP"]


@final
class MLP(nn.Module):
    """Layers of a linear map, a ReLU and dropout.

    A training batch of one row has no variance to normalise by; batch normalisation
    then uses its running statistics and leaves them as they are.

    Shape:
        - Input: ``(batch, in_features)``.
        - Output: ``(batch, out_features)``, the last entry of ``hidden_dims``.

    Examples:
        >>> import torch
        >>> MLP(6, hidden_dims=(4, 3))(torch.zeros(2, 6)).shape
        torch.Size([2, 3])

    Args:
        in_features: width of the input.
        hidden_dims: width of each layer; empty for the identity.
        dropout: share of activations dropped in training, in [0, 1).
        batch_norm: normalise over the batch before each activation.
        layer_norm: normalise over the width before each activation.
        make_layer: builds the map of a layer from its two widths.

    Raises:
        ValueError: if a width is not positive, ``dropout`` is not a share, or layers
            shall be normalised twice.
    """

    def __init__(
        self,
        in_features: int,
        *,
        hidden_dims: Sequence[int],
        dropout: float = 0.0,
        batch_norm: bool = False,
        layer_norm: bool = False,
        make_layer: Callable[[int, int], nn.Module] = xavier_linear,
    ) -> None:
        check_positive("in_features", in_features)
        if any(width <= 0 for width in hidden_dims):
            message = f"hidden_dims must be positive, got {tuple(hidden_dims)}."
            raise ValueError(message)
        check_share("dropout", dropout)
        if batch_norm and layer_norm:
            message = "batch_norm must be False where layer_norm is True, got both."
            raise ValueError(message)
        super().__init__()
        self.in_features = in_features
        self.out_features = hidden_dims[-1] if hidden_dims else in_features
        # The ReLUs stay in the list all the same: saved weights are named by position.
        self.relu_joins_product = make_layer is xavier_linear and not (
            batch_norm or layer_norm
        )
        layers: list[nn.Module] = []
        for width in hidden_dims:
            layers.append(make_layer(in_features, width))
            if batch_norm:
                layers.append(BatchNorm(width))
            if layer_norm:
                layers.append(nn.LayerNorm(width))
            layers.append(nn.ReLU())
            if dropout > 0:
                layers.append(Dropout(dropout))
            in_features = width
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch out"]:
        """Apply every layer.

        Args:
            x: the input.

        Returns:
            The representation.
        """
        check_last_dim("x", x.shape, self.in_features)
        for layer in self.layers:
            if isinstance(layer, Linear):
                x = layer(x, relu=self.relu_joins_product)
            elif not (self.relu_joins_product and isinstance(layer, nn.ReLU)):
                x = layer(x)
        return x
