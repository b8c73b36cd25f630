"""A bar for passes over rows, and silence for everything that is not a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

__all__ = ["row_bar"]


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
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(title, total=num_rows)
        yield lambda finished: bar.advance(task, finished)
