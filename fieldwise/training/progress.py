"""A progress bar for people, and silence for everything that is not a terminal."""

import sys
from types import TracebackType
from typing import final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from torch import Tensor

from fieldwise.data.row_bar import RowsPerSecond
from fieldwise.training.history import EpochRecord

__all__ = ["TrainingProgress"]

STEPS_PER_UPDATE = 50
"""Reading the loss makes a GPU wait, so it is read this rarely."""


@final
class TrainingProgress:
    """Shows epoch, rows, loss, rows per second and the time left of the epoch.

    Args:
        enabled: show the bar; None shows it where stderr is a terminal.
        num_epochs: epochs at most.
        num_rows: training rows of an epoch.
    """

    def __init__(self, *, enabled: bool | None, num_epochs: int, num_rows: int) -> None:
        self.num_epochs = num_epochs
        self.num_rows = num_rows
        self._num_steps = 0
        self._pending_rows = 0
        self._metrics = ""
        shown = sys.stderr.isatty() if enabled is None else enabled
        self._bar = _bar() if shown else None
        self._task: TaskID | None = None
        if self._bar is not None:
            self._task = self._bar.add_task("training", total=num_rows, status="")

    def __enter__(self) -> "TrainingProgress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def start_epoch(self, epoch: int, num_done: int = 0) -> None:
        """Begin an epoch.

        Args:
            epoch: its number, from 1.
            num_done: rows an earlier process has learned from.
        """
        self._num_steps = 0
        self._pending_rows = 0
        if self._bar is not None and self._task is not None:
            name = f"epoch {epoch}/{self.num_epochs}"
            self._bar.reset(
                self._task,
                total=self.num_rows,
                completed=num_done,
                description=name,
            )

    def advance(self, num_rows: int, loss: Tensor) -> None:
        """Count a batch; every ``STEPS_PER_UPDATE`` of them redraw the bar.

        Args:
            num_rows: of the batch.
            loss: of the batch, a scalar on any device.
        """
        if self._bar is None or self._task is None:
            return
        self._num_steps += 1
        self._pending_rows += num_rows
        if self._num_steps % STEPS_PER_UPDATE == 1:  # the first step too
            status = f"loss {loss.item():.4f}{self._metrics}"
            self._bar.update(self._task, advance=self._pending_rows, status=status)
            self._pending_rows = 0

    def finish_epoch(self, record: EpochRecord) -> None:
        """Fill the bar and show the metrics until the next evaluation.

        Args:
            record: of the epoch.
        """
        if self._bar is None or self._task is None:
            return
        self._metrics = "".join(
            f"  {name} {value:.5f}" for name, value in record.valid_metrics.items()
        )
        status = f"loss {record.train_loss:.4f}{self._metrics}"
        self._bar.update(self._task, completed=self.num_rows, status=status)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[status]}"),
        RowsPerSecond(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
