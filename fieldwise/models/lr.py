"""Logistic regression on one-hot features.

Source: Richardson, Dominowska, Ragno, "Predicting Clicks: Estimating the Click-Through
Rate for New Ads", WWW 2007, equation 1.
Differences from the paper: numbers enter by their encoding (piecewise-linear by
default) instead of raw.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.nn.embeddings.first_order import FirstOrder
from fieldwise.schema import Schema

__all__ = ["LR"]


@final
class LR(nn.Module):
    r"""Logistic regression.

    $$z = b + \sum_f x_f w_f$$

    Parameters: ``V + 1`` for ``V`` features and one label.

    Shape:
        - Input: a ``Batch``.
        - Output: logits, ``(batch,)``, or ``(batch, task)`` with several labels.

    Examples:
        >>> from fieldwise.schema import CategoricalField
        >>> field = CategoricalField("site", num_features=3, value_type="string")
        >>> sum(weight.numel() for weight in LR(Schema((field,))).parameters())
        4

    Args:
        schema: a fitted schema.
    """

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.linear = FirstOrder(schema)
        self.bias = nn.Parameter(torch.zeros(schema.num_tasks))

    def forward(self, batch: Batch) -> Float[Tensor, " batch *task"]:
        """Score each row: one logit per row, or one per row and task."""
        logits: Tensor = self.linear(batch) + self.bias
        return logits
