"""What each field adds to the logit of each row."""

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fieldwise.errors import DataError
from fieldwise.importance import Importance

__all__ = ["FieldContributions", "close_gap"]

Array = NDArray[np.float64]


def close_gap(
    found: Float[np.ndarray, "row field"], total: Float[np.ndarray, " row"]
) -> Float[np.ndarray, "row field"]:
    """What contributions lack to a known sum, handed out in proportion to their size.

    Examples:
        >>> close_gap(np.array([[3.0, -1.0]]), np.array([2.4]))
        array([[0.3, 0.1]])

    Args:
        found: contributions.
        total: what they must add up to.

    Returns:
        What is to be added to each; equal shares where all contributions are zero.
    """
    sizes = np.abs(found)
    whole = sizes.sum(axis=1, keepdims=True)
    even = np.full_like(sizes, 1 / max(1, sizes.shape[1]))
    shares = np.divide(sizes, whole, out=even, where=whole > 0)
    gap: Array = (total - found.sum(axis=1))[:, None] * shares
    return gap


@final
@dataclass(frozen=True, eq=False)
class FieldContributions:
    """Signed contributions that add up: ``values.sum(1) + base == logits``.

    Args:
        names: of the fields, in the order of the schema.
        values: what a field adds to the logit of a row, ``(row, field)``, in units of
            the logit (log odds, of a binary label).
        logits: of the rows, ``(row,)``.
        base: mean logit of the baselines; what a row has before any field speaks.
        corrections: how much of each value closes the gap that the method left,
            ``(row, field)``.
        method: what found them.
        seed: of the baselines, where they were drawn.
        data_fingerprint: checksum of the rows.
    """

    names: tuple[str, ...]
    values: Array
    logits: Array
    base: float
    corrections: Array
    method: str
    seed: int | None = None
    data_fingerprint: str = ""

    def __len__(self) -> int:
        return len(self.logits)

    @property
    def path_error(self) -> Array:
        """Gap to ``logits - base`` before it was closed, of each row, ``(row,)``."""
        return np.asarray(self.corrections.sum(axis=1))

    def slice(self, rows: ArrayLike) -> "FieldContributions":
        """Pick rows.

        Args:
            rows: their numbers, or a mask over all.

        Returns:
            The contributions of these rows.
        """
        chosen = np.asarray(rows)
        # An empty list would be one of floats.
        places = chosen if chosen.size else chosen.astype(np.intp)
        return replace(
            self,
            values=self.values[places],
            logits=self.logits[places],
            corrections=self.corrections[places],
        )

    def importance(self) -> Importance:
        """Summarise all rows.

        Returns:
            An importance of fields: the mean of absolute contributions; the detail
            ``signed`` is the mean, ``path_error`` the mean size of what closed gaps.

        Raises:
            DataError: if there is no row.
        """
        if not len(self):
            message = "rows must be at least one to be summarised, got none."
            raise DataError(message)
        return self._summary(self.values, self.corrections, "mean size of what it adds")

    def of_row(self, row: int) -> Importance:
        """Explain one row.

        Args:
            row: its place.

        Returns:
            An importance of fields: the size of each contribution; the detail
            ``signed`` is the contribution itself.

        Raises:
            IndexError: if there is no such row.
        """
        place = range(len(self))[row]
        rows = slice(place, place + 1)
        told = "size of what it adds"
        return self._summary(self.values[rows], self.corrections[rows], told)

    def _summary(self, values: Array, corrections: Array, told: str) -> Importance:
        return Importance(
            unit="field",
            names=self.names,
            scores=np.abs(values).mean(axis=0),
            meaning=f"{told} to the logit",
            method=self.method,
            data_fingerprint=self.data_fingerprint,
            seed=self.seed,
            details={
                "signed": values.mean(axis=0),
                "path_error": np.abs(corrections).mean(axis=0),
            },
        )
