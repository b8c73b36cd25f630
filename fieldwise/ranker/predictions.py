"""What a ranker says about some rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from fieldwise.data.encoding import UnknownCounter

__all__ = ["Predictions"]


@final
@dataclass(frozen=True, slots=True)
class Predictions:
    """Scores of some rows, and how much of them the ranker had never seen.

    Args:
        values: calibrated probabilities of binary labels, predicted values of real
            ones; ``(row,)`` with one label, else ``(row, task)``.
        logits: what the model itself said, before calibration, same shape.
        unknown: how many values there are, and how many of them are unknown, by field.
        kept: columns of the input that ``score_chunks`` was asked to keep, else None.
    """

    values: NDArray[np.float64]
    logits: NDArray[np.float64]
    unknown: UnknownCounter = field(default_factory=UnknownCounter)
    kept: pl.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def unknown_shares(self) -> dict[str, float]:
        """Share of unknown values by field, in [0, 1]."""
        return self.unknown.shares()

    @classmethod
    def join(cls, parts: Sequence["Predictions"]) -> "Predictions":
        """Put predictions one after the other, without the columns they kept.

        Examples:
            >>> part = Predictions(np.array([0.5]), np.array([0.0]))
            >>> Predictions.join([part, part]).values.tolist()
            [0.5, 0.5]

        Args:
            parts: at least one.

        Returns:
            The predictions of all their rows.
        """
        unknown = UnknownCounter()
        for part in parts:
            unknown.merge(part.unknown)
        values = np.concatenate([part.values for part in parts])
        return cls(values, np.concatenate([part.logits for part in parts]), unknown)
