"""What a comparison found."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

import polars as pl

from fieldwise.comparison.leaderboard import Leaderboard

__all__ = ["Comparison"]


@final
@dataclass(frozen=True)
class Comparison:
    """What came out.

    Args:
        leaderboard: one row per model, the best first, those without a result last.
        runs: one row per model and seed.
        measure: the one that decides: ``auc``, or ``log_loss`` or ``squared_error``
            where there is none.
        part: the rows they were measured on, ``test`` or ``valid``.
        notes: what one must know beside the numbers.
        folder: where everything is kept; None if nothing was to be kept.
    """

    leaderboard: pl.DataFrame
    runs: pl.DataFrame
    measure: str
    part: str
    notes: tuple[str, ...] = ()
    folder: Path | None = None

    @property
    def best(self) -> str | None:
        """Name of the best model; None if every fit failed."""
        name = self.leaderboard["model"][0]
        return str(name) if self.leaderboard["num_seeds"][0] else None

    @property
    def errors(self) -> dict[tuple[str, int], str]:
        """What went wrong, by model and seed."""
        failed = self.runs.filter(pl.col("error").is_not_null())
        columns = failed.select("model", "seed", "error").rows()
        return {(model, seed): error for model, seed, error in columns}

    @property
    def board(self) -> Leaderboard:
        """The two tables together, for whoever draws or writes them."""
        return Leaderboard(self.measure, self.leaderboard, self.runs)
