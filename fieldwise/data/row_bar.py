"""A bar for passes over rows, and silence for everything that is not a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

__all__ = ["RowsPerSecond", "row_bar"]


@final
class RowsPerSecond(ProgressColumn):
    """The speed, as soon as two updates tell it."""

    def render(self, task: Task) -> Text:
        """Write the speed of a task.

        Args:
            task: of the bar.

        Returns:
            The text of its column.
        """
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} rows/s")


@contextmanager
def row_bar(
    title: str, num_rows: int, *, shown: bool | None = None
) -> Iterator[Callable[[int], None]]:
    """Draw a bar while the block runs.

    Examples:
        >>> with row_bar("encoding", 10, shown=False) as advance:
        ...     advance(10)

    Args:
        title: what is being done.
        num_rows: rows in all.
        shown: draw the bar; None draws it where stderr is a terminal.

    Yields:
        To be called with the number of rows of each finished chunk.
    """
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda _: None
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RowsPerSecond(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=num_rows)
        yield lambda finished: bar.advance(task, finished)
