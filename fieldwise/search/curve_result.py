"""What the curves of several methods found."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import final

import polars as pl

__all__ = ["FieldCurve"]


@final
@dataclass(frozen=True)
class FieldCurve:
    """What came out.

    Args:
        leaderboard: one row per method and control, the largest area first; all fields
            together come last.
        points: one row per method, seed and number of fields.
        part: the rows they were measured on, ``test`` or ``valid``.
        chosen: name of the method with the largest area on the validation rows; None
            if none has a curve.
        notes: what one must know beside the numbers.
        folder: where everything is kept; None if nothing was to be kept.
    """

    leaderboard: pl.DataFrame
    points: pl.DataFrame
    part: str
    chosen: str | None
    notes: tuple[str, ...] = ()
    folder: Path | None = None

    @property
    def num_fields(self) -> int | None:
        """Fields of the chosen method that lose next to nothing, on validation rows."""
        if self.chosen is None:
            return None
        own = self.leaderboard.filter(pl.col("method") == self.chosen)
        needed = own["k_needed"].item()
        return None if needed is None else int(needed)

    @property
    def ahead_of_chance(self) -> float | None:
        """Standard errors that the chosen method's area is above that of random orders.

        Random orders differ much more from each other than their mean is unsure: where
        two of many fields decide, most of them are bad and a few are perfect. So their
        mean is compared, as by Welch's test. None with fewer than two of them.
        """
        rows = {row["method"]: row for row in self.leaderboard.to_dicts()}
        own, chance = rows.get(self.chosen or ""), rows.get("random")
        if own is None or chance is None or not chance["aukc_std"]:
            return None
        variance = sum(
            (row["aukc_std"] or 0.0) ** 2 / row["num_seeds"] for row in (own, chance)
        )
        difference: float = own["aukc"] - chance["aukc"]
        return difference / math.sqrt(variance)

    @property
    def errors(self) -> dict[str, str]:
        """What went wrong, by method."""
        failed = self.leaderboard.filter(pl.col("error").is_not_null())
        return dict(failed.select("method", "error").rows())
