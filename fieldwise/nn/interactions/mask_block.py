r"""A layer whose input is first multiplied by a mask that the whole row decides.

Source: Wang, She, Zhang, "MaskNet: Introducing Feature-Wise Multiplication to CTR
Ranking Models by Instance-Guided Mask", DLP-KDD 2021,
https://arxiv.org/abs/2102.07619, sections 3.2 and 3.3.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_last_dim, check_positive
from fieldwise.nn.linear import Linear, xavier_linear
from fieldwise.nn.mlp import MLP

__all__ = ["MaskBlock"]


@final
class MaskBlock(nn.Module):
    r"""Instance-guided mask, linear map, layer normalisation, ReLU.

    $$\mathrm{ReLU}(\mathrm{LN}(W (m \odot h))), \quad
    m = W_2\, \mathrm{ReLU}(W_1 e + b_1) + b_2$$

    The paper calls ``m`` a mask; its entries are numbers of any size and sign. ``W``
    has no bias, the normalisation adds one. Parameters of widths ``N`` (row), ``H``
    (input), ``O`` (output): ``(N + 1) * t H + (t H + 1) * H + H * O + 2 O``.

    Shape:
        - Input: ``(batch, in_features)``, and the row ``(batch, row_features)``.
        - Output: ``(batch, out_features)``.

    Examples:
        >>> import torch
        >>> block = MaskBlock(6, 4, 3, mask_ratio=2.0)
        >>> block(torch.zeros(2, 4), torch.zeros(2, 6)).shape
        torch.Size([2, 3])

    Args:
        row_features: width of the row that decides, usually all its embeddings.
        in_features: width of the input.
        out_features: width of the output.
        mask_ratio: hidden width of the mask, as a multiple of ``in_features``; at least
            one unit is left.
        dropout: share of activations dropped in training, in [0, 1).

    Raises:
        ValueError: if a size or ``mask_ratio`` is not positive, or ``dropout`` is not a
            share.
    """

    def __init__(
        self,
        row_features: int,
        in_features: int,
        out_features: int,
        *,
        mask_ratio: float,
        dropout: float = 0.0,
    ) -> None:
        check_positive("row_features", row_features)
        check_positive("in_features", in_features)
        check_positive("out_features", out_features)
        check_positive("mask_ratio", mask_ratio)
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        hidden = max(1, int(in_features * mask_ratio))
        self.hidden = MLP(row_features, hidden_dims=(hidden,))
        self.mask = xavier_linear(hidden, in_features)
        self.layer = MLP(
            in_features,
            hidden_dims=(out_features,),
            dropout=dropout,
            layer_norm=True,
            make_layer=_without_bias,
        )

    def forward(
        self, x: Float[Tensor, "batch width"], row: Float[Tensor, "batch whole"]
    ) -> Float[Tensor, "batch out"]:
        """Mask the input and map it.

        Args:
            x: the input.
            row: what the mask is made of.

        Returns:
            The representation.
        """
        check_last_dim("x", x.shape, self.in_features)
        out: Tensor = self.layer(self.mask(self.hidden(row)) * x)
        return out


def _without_bias(in_features: int, out_features: int) -> Linear:
    layer = Linear(in_features, out_features, bias=False)
    nn.init.xavier_normal_(layer.weight)
    return layer
