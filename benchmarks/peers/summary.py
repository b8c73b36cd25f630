"""Medians over the repetitions of each measurement."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from benchmarks.peers.journal import Entry

__all__ = ["Cell", "Statistic", "Summary"]


@dataclass(frozen=True)
class Cell:
    """One number of one contender.

    Args:
        kind: of measurement.
        contender: name of the library.
        metric: name of the number.
        model: name of the model, or nothing.
        scale: times the rows.
    """

    kind: str
    contender: str
    metric: str
    model: str = ""
    scale: int = 1


@dataclass(frozen=True)
class Statistic:
    """A number over its repetitions.

    Args:
        median: of the runs that count.
        spread: half the distance between the extremes, as a share of the median.
        num_counted: runs that count: the quiet ones, or all if none was quiet.
        num_runs: runs there are.
    """

    median: float
    spread: float
    num_counted: int
    num_runs: int


class Summary:
    """Looks numbers up; those of disturbed runs count only where no run was quiet."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = [entry for entry in entries if not entry.error]

    def runs(self, cell: Cell) -> list[Entry]:
        """The runs that have a number."""
        return [
            entry
            for entry in self.entries
            if (entry.kind, entry.contender) == (cell.kind, cell.contender)
            and (entry.model, entry.scale) == (cell.model, cell.scale)
            and cell.metric in entry.values
        ]

    def statistic(self, cell: Cell) -> Statistic | None:
        """The number, or None if it was not measured."""
        runs = self.runs(cell)
        if not runs:
            return None
        counted = [entry for entry in runs if entry.quiet] or runs
        values = [entry.values[cell.metric] for entry in counted]
        middle = median(values)
        half = (max(values) - min(values)) / 2
        return Statistic(
            median=middle,
            spread=half / abs(middle) if middle else 0.0,
            num_counted=len(counted),
            num_runs=len(runs),
        )

    def median(self, cell: Cell) -> float | None:
        """The median, or None if it was not measured."""
        found = self.statistic(cell)
        return None if found is None else found.median
