"""The scores a ranking can go by, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from fieldwise.selection.outrank.adjusted import adjusted
from fieldwise.selection.outrank.column import Column
from fieldwise.selection.outrank.held_out import held_out_auc, held_out_gain
from fieldwise.selection.outrank.target import Target

__all__ = ["HEURISTICS", "Heuristic"]


@final
@dataclass(frozen=True, slots=True)
class Heuristic:
    """A score of a column and a label.

    Args:
        score: computes it; higher is better, and noise scores about zero.
        measure: what it is, with its unit.
        shuffles: whether rows are shuffled first.
        any_label: whether the label may have more than two values.
    """

    score: Callable[[Target, Column], float]
    measure: str
    shuffles: bool = True
    any_label: bool = True


HEURISTICS: Mapping[str, Heuristic] = {
    "corrected": Heuristic(
        Target.corrected,
        "mutual information, corrected for the number of values, in nats,",
    ),
    "published": Heuristic(
        Target.published,
        "mutual information, corrected for the number of values as in the code of "
        "OutRank, in nats,",
        shuffles=False,
    ),
    "plain": Heuristic(Target.plain, "mutual information in nats"),
    "adjusted": Heuristic(
        adjusted, "adjusted mutual information, 1 at best and 0 by chance,"
    ),
    "logloss": Heuristic(
        held_out_gain,
        "log loss saved on held-out rows by a model of it alone, in nats a row,",
    ),
    "auc": Heuristic(
        held_out_auc,
        "2 AUC - 1 on held-out rows of a model of it alone, 1 at best and 0 by chance,",
        any_label=False,
    ),
}
"""By name."""
