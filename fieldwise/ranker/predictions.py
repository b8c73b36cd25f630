"""What a ranker says about some rows."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Predictions"]


@final
@dataclass(frozen=True, slots=True)
class Predictions:
    """Scores of some rows, and how much of them the ranker had never seen.

    Args:
        values: calibrated probabilities of binary labels, predicted values of real
            ones; ``(row,)`` with one label, else ``(row, task)``.
        logits: what the model itself said, before calibration, same shape.
        unknown_shares: share of unknown values by field, in [0, 1].
    """

    values: NDArray[np.float64]
    logits: NDArray[np.float64]
    unknown_shares: dict[str, float]
