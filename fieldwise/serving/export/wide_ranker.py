"""A ranker that computes in 64 bits: what it would say without its own rounding."""

from copy import deepcopy
from dataclasses import replace
from typing import final

from torch import Tensor, nn

from fieldwise.batch import Batch
from fieldwise.ranker.ranker import Ranker

__all__ = ["in_double", "with_model"]


def with_model(ranker: Ranker, model: nn.Module) -> Ranker:
    """A ranker with another model of the same kind.

    Args:
        ranker: fitted; stays as it is.
        model: takes the place of its model.

    Returns:
        The other ranker.
    """
    return Ranker(
        ranker.encoder,
        model,
        ranker.calibrators,
        model_name=ranker.model_name,
        model_arguments=ranker.model_arguments,
        negative_rate=ranker.negative_rate,
        info=ranker.info,
    )


def in_double(ranker: Ranker) -> Ranker:
    """Let a ranker compute in 64 bits.

    Args:
        ranker: fitted; stays as it is.

    Returns:
        The ranker in 64 bits.
    """
    return with_model(ranker, _Wide(deepcopy(ranker.model).double()))


@final
class _Wide(nn.Module):
    """A model of 64 bits, for batches of 32.

    Args:
        model: of 64 bits.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, batch: Batch) -> Tensor:
        """Score rows."""
        wide: Tensor = self.model(
            replace(
                batch,
                numbers=batch.numbers.double(),
                vectors=tuple(vector.double() for vector in batch.vectors),
            )
        )
        return wide
