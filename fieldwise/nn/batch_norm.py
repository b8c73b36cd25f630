"""Batch normalisation that bears a batch without a variance.

Source: Ioffe, Szegedy, "Batch Normalization: Accelerating Deep Network Training by
Reducing Internal Covariate Shift", ICML 2015, algorithm 1.
"""

from typing import final

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["BatchNorm"]


@final
class BatchNorm(nn.BatchNorm1d):
    """``torch.nn.BatchNorm1d`` for training batches of any number of rows.

    A training batch of one row has no variance to normalise by, and one of none has no
    mean; both are normalised by the running statistics, which stay as they are.

    Shape:
        - Input: ``(batch, channel)`` or ``(batch, channel, width)``.
        - Output: the same.

    Examples:
        >>> import torch
        >>> BatchNorm(2)(torch.ones(1, 2)).shape
        torch.Size([1, 2])
    """

    def forward(
        self, x: Float[Tensor, "batch channel *width"]
    ) -> Float[Tensor, "batch channel *width"]:
        """Normalise each channel.

        Args:
            x: the input.

        Returns:
            The normalised input.
        """
        if self.training and x.shape[0] < 2:
            return F.batch_norm(
                x,
                self.running_mean,
                self.running_var,
                self.weight,
                self.bias,
                eps=self.eps,
            )
        return super().forward(x)
