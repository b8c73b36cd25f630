"""The scores a ranking can go by, by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from fieldwise.selection.outrank.adjusted import adjusted
from fieldwise.selection.outrank.column import Column
from fieldwise.selection.outrank.held_out import held_out_auc, held_out_gain
from fieldwise.selection.outrank.target import Target

__all__ = ["HEURISTICS", "Heuristic"]

Number = Callable[[Target, Column], float]


def _alone(number: Number) -> Callable[[Target, Column], tuple[float, float]]:
    return lambda target, column: (number(target, column), 0.0)


@final
@dataclass(frozen=True, slots=True)
class Heuristic:
    """A score of a column and a label.

    Args:
        score: computes it, higher is better; and its standard deviation by chance, of
            which twice as much is taken off, or 0.
        between: the score of two fields of many values.
        measure: what it is, with its unit.
        as_published: read rows in the order of the file, and count every last block of
            1,024 rows or more, as the authors' code does; others shuffle the rows of a
            block, and leave a last one out that is shorter than half of one.
        any_label: whether the label may have more than two values.
    """

    score: Callable[[Target, Column], tuple[float, float]]
    between: Number
    measure: str
    as_published: bool = False
    any_label: bool = True


HEURISTICS: Mapping[str, Heuristic] = {
    "corrected": Heuristic(
        Target.beyond_chance,
        Target.shifted,
        "mutual information beyond chance, in nats,",
    ),
    "published": Heuristic(
        _alone(Target.published),
        Target.published,
        "mutual information, corrected for the number of values as in the code of "
        "OutRank, in nats,",
        as_published=True,
    ),
    "plain": Heuristic(
        _alone(Target.plain), Target.plain, "mutual information in nats"
    ),
    "adjusted": Heuristic(
        _alone(adjusted),
        adjusted,
        "adjusted mutual information, 1 at best and 0 by chance,",
    ),
    "logloss": Heuristic(
        _alone(held_out_gain),
        held_out_gain,
        "log loss saved on held-out rows by a model of it alone, in nats a row,",
    ),
    "auc": Heuristic(
        _alone(held_out_auc),
        held_out_auc,
        "2 AUC - 1 on held-out rows of a model of it alone, 1 at best and 0 by chance,",
        any_label=False,
    ),
}
"""By name."""
