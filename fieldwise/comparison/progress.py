"""A bar over the fits of a comparison, and silence where there is no terminal."""

import logging
import math
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
)
from rich.text import Text

from fieldwise.comparison.plan import Job

__all__ = ["FitBar", "seconds_left"]

_LOG = logging.getLogger("fieldwise")
EPOCH = "epoch "


def seconds_left(jobs: Sequence[Job], known: Mapping[str, Sequence[float]]) -> float:
    """Estimate how long fits will take.

    Examples:
        >>> seconds_left([Job(1, "fm"), Job(0, "dcnv2")], {"fm": [2.0, 4.0]})
        6.0

    Args:
        jobs: the fits to come.
        known: seconds of finished fits by model; of the other models, the mean.

    Returns:
        Seconds; NaN where nothing is known.
    """
    means = {name: sum(found) / len(found) for name, found in known.items() if found}
    if not means:
        return float("nan")
    typical = sum(means.values()) / len(means)
    return math.fsum(means.get(job.model, typical) for job in jobs)


@final
class _TimeLeft(ProgressColumn):
    """What is left of the time that was estimated when the fit began."""

    def render(self, task: Task) -> Text:
        left = task.fields["ends_at"] - time.monotonic()
        if math.isnan(left):
            return Text("")
        minutes, seconds = divmod(int(max(0.0, left)), 60)
        hours, minutes = divmod(minutes, 60)
        return Text(f"{hours}:{minutes:02}:{seconds:02} left")


@final
class FitBar(logging.Handler):
    """Shows which fit goes on, its last epoch, and the time left.

    Args:
        enabled: show the bar; None shows it where stderr is a terminal.
        total: fits of the comparison.
        done: fits that were finished before.
    """

    def __init__(self, *, enabled: bool | None, total: int, done: int) -> None:
        super().__init__(logging.INFO)
        self._bar: Progress | None = None
        if sys.stderr.isatty() if enabled is None else enabled:
            self._bar = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("{task.fields[status]}"),
                _TimeLeft(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(
                "fits", total=total, completed=done, status="", ends_at=float("nan")
            )

    def __enter__(self) -> "FitBar":
        if self._bar is not None:
            self._bar.start()
            _LOG.addHandler(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            _LOG.removeHandler(self)
            self._bar.stop()

    def start(self, job: Job, left: float) -> None:
        """Begin a fit.

        Args:
            job: the fit.
            left: seconds until all fits are done; NaN where nobody knows.
        """
        if self._bar is not None:
            ends_at = time.monotonic() + left
            name = str(job)
            self._bar.update(self._task, description=name, status="", ends_at=ends_at)

    def finish(self) -> None:
        """End a fit."""
        if self._bar is not None:
            self._bar.advance(self._task)

    def emit(self, record: logging.LogRecord) -> None:
        """Show what the training says after each epoch.

        Args:
            record: of the log.
        """
        text = record.getMessage()
        if self._bar is not None and text.startswith(EPOCH):
            self._bar.update(self._task, status=text.partition(", learning rate")[0])
