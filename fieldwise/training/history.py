"""What happened during training, epoch by epoch, as plain data."""

from dataclasses import asdict, dataclass
from typing import Any, final

__all__ = ["EpochRecord", "History"]


@final
@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One pass over the training rows and the evaluation after it.

    Args:
        epoch: number of the epoch, from 1.
        train_loss: mean over the batches, by their rows, while the weights moved.
        valid_metrics: metrics of the validation rows by name, means over the tasks
            that have them; empty without validation rows.
        learning_rate: the epoch was trained with.
        seconds: of the epoch, evaluation included.
        rows_per_second: of the training pass alone.
        improved: whether the monitor reached a new best.
    """

    epoch: int
    train_loss: float
    valid_metrics: dict[str, float]
    learning_rate: float
    seconds: float
    rows_per_second: float
    improved: bool

    def describe(self) -> str:
        """The record as a line of a log."""
        metrics = {"train loss": self.train_loss, **self.valid_metrics}
        shown = ", ".join(f"{name} {value:.6f}" for name, value in metrics.items())
        star = " (best so far)" if self.improved else ""
        return (
            f"epoch {self.epoch}: {shown}{star}, learning rate "
            f"{self.learning_rate:.1e}, {self.rows_per_second:,.0f} rows/s"
        )


@final
@dataclass(frozen=True, slots=True)
class History:
    """All epochs of a training run.

    Args:
        epochs: in order.
        best_epoch: number of the epoch whose weights the model has; the last one
            where there were no validation rows.
        stopped_early: whether patience ran out before the last epoch.
        precision: ``float32`` or ``bf16``, as used.
        monitor: the metric that chose the best epoch, as used; None without
            validation rows.
        notes: in what the run differs from what the recipe asked for, and why.
    """

    epochs: tuple[EpochRecord, ...]
    best_epoch: int
    stopped_early: bool
    precision: str
    monitor: str | None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The history as plain JSON types."""
        return {
            **asdict(self),
            "epochs": [asdict(record) for record in self.epochs],
            "notes": list(self.notes),
        }
