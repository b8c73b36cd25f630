"""Early stopping and the learning-rate drop on a plateau: plain state, no model."""

from collections.abc import Mapping
from typing import Any, final

__all__ = ["Monitor"]

MIN_LEARNING_RATE = 1e-6
"""The plateau drop goes no lower."""

_SEEN = (
    "learning_rate",
    "best_epoch",
    "best_value",
    "_num_evaluations",
    "_num_failures",
)


@final
class Monitor:
    """Decides after each evaluation whether to keep, slow down or stop.

    Examples:
        >>> monitor = Monitor(
        ...     higher_is_better=True, learning_rate=1e-3, patience=2, min_delta=0.0
        ... )
        >>> [monitor.update(auc) for auc in (0.7, 0.8, 0.75, 0.8)]
        [True, True, False, False]
        >>> monitor.best_epoch, monitor.should_stop
        (2, True)

    Args:
        higher_is_better: whether larger values are improvements.
        learning_rate: at the start.
        patience: evaluations in a row without improvement before stopping.
        min_delta: an improvement must be larger than this.
        plateau_factor: times the learning rate at each evaluation without improvement.

    Attributes:
        learning_rate: for the next epoch.
        best_epoch: number of the best evaluation, from 1; 0 before the first.
        best_value: its value.
    """

    def __init__(
        self,
        *,
        higher_is_better: bool,
        learning_rate: float,
        patience: int,
        min_delta: float,
        plateau_factor: float = 0.1,
    ) -> None:
        self.higher_is_better = higher_is_better
        self.learning_rate = learning_rate
        self.patience = patience
        self.min_delta = min_delta
        self.plateau_factor = plateau_factor
        self.best_epoch = 0
        self.best_value = float("-inf") if higher_is_better else float("inf")
        self._num_evaluations = 0
        self._num_failures = 0

    @property
    def should_stop(self) -> bool:
        """Whether patience has run out."""
        return self._num_failures >= self.patience

    def update(self, value: float) -> bool:
        """Take in the value of one more evaluation.

        Args:
            value: of the metric; NaN never improves.

        Returns:
            Whether it is the best so far, by more than ``min_delta``.
        """
        self._num_evaluations += 1
        gain = value - self.best_value
        if (gain if self.higher_is_better else -gain) > self.min_delta:
            self.best_value = value
            self.best_epoch = self._num_evaluations
            self._num_failures = 0
            return True
        self._num_failures += 1
        dropped = max(self.learning_rate * self.plateau_factor, MIN_LEARNING_RATE)
        # A rate that starts below the floor must not be raised to it.
        self.learning_rate = min(self.learning_rate, dropped)
        return False

    def to_dict(self) -> dict[str, Any]:
        """What was seen so far, as plain JSON types."""
        return {name: getattr(self, name) for name in _SEEN}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on where another monitor with the same settings stood.

        Args:
            state: what its ``to_dict`` returned.
        """
        for name in _SEEN:
            setattr(self, name, state[name])
