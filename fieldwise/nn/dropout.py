"""Dropout whose masks cost little on a CPU.

Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from
Overfitting", JMLR 2014.
Differences from the paper: activations are scaled up in training instead of down
afterwards, as everybody does; on a CPU the share is rounded to a multiple of 1/256.
"""

from typing import final

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise._checks import check_share

__all__ = ["Dropout"]

LEVELS = 256
"""One random byte decides over one activation; torch draws a whole number for each."""


@final
class Dropout(nn.Module):
    """Drops a share of the activations in training, and scales up the others.

    On a CPU a fifth of a training step would go into torch's masks, which one thread
    draws number by number. Here one draw of 64 bits serves eight activations; what is
    kept is scaled by the share that is really kept, so the mean stays what it is.

    Shape:
        - Input: any.
        - Output: the same.

    Examples:
        >>> Dropout(0.5).eval()(torch.ones(2)).tolist()
        [1.0, 1.0]

    Args:
        share: share of activations dropped, in [0, 1).

    Raises:
        ValueError: if ``share`` is not in [0, 1).
    """

    def __init__(self, share: float) -> None:
        check_share("share", share)
        super().__init__()
        self.share = share
        # At least one level is kept, or a share near 1 would divide by zero.
        self.num_kept_levels = max(1, round(LEVELS * (1 - share)))

    def forward(self, x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """Drop activations in training; the identity otherwise.

        Args:
            x: activations.

        Returns:
            Activations.
        """
        if not self.training or self.share == 0.0:
            return x
        if x.device.type != "cpu":
            return F.dropout(x, self.share)
        num_draws = -(-x.numel() // 8)
        draws = torch.empty(num_draws, dtype=torch.int64).random_(-(2**63), None)
        bytes_ = draws.view(torch.uint8)[: x.numel()].view(x.shape)
        mask = (bytes_ < self.num_kept_levels).to(x.dtype)
        return x * mask.mul_(LEVELS / self.num_kept_levels)
