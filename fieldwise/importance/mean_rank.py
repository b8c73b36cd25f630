"""One order out of several: of seeds, of methods, or of both.

Scores of different methods cannot be added, and those of different seeds hardly; places
in an order can.

Source: Borda, "Mémoire sur les élections au scrutin", 1781.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import DataError
from fieldwise.importance.agreement import check_same_units
from fieldwise.importance.importance import Importance

__all__ = ["mean_rank"]


def mean_rank(importances: Sequence[Importance]) -> Importance:
    """Average the places that several importances give to the same units.

    Units with equal scores share their places: each gets the mean of them.

    Examples:
        >>> about = {"unit": "field", "meaning": "share", "method": "by hand"}
        >>> a = Importance(names=("x", "y", "z"), scores=np.array([3.0, 2, 1]), **about)
        >>> b = Importance(names=("x", "y", "z"), scores=np.array([7.0, 0, 7]), **about)
        >>> mean_rank([a, b])
        Importance of 3 fields by mean rank of by hand: share of the other units ...
             score  best_rank  worst_rank
          x  0.875  1          1.5
          z  0.375  1.5        3
          y  0.25   2          3

    Args:
        importances: scores of the same units, in any order; one at least.

    Returns:
        For each unit the mean share of the other units that stand below it, in [0, 1],
        units in the order of the first importance; in ``details`` its best and its
        worst rank, 1 for the first place.

    Raises:
        DataError: if there is none, or they are not about the same units.
    """
    if not importances:
        message = "importances must be one at least, got none."
        raise DataError(message)
    first = importances[0]
    for other in importances[1:]:
        check_same_units(first, other)
    num_units = len(first)
    ranks = np.array([_ranks(importance, first) for importance in importances])
    methods = dict.fromkeys(importance.method for importance in importances)
    rows = {importance.data_fingerprint for importance in importances}
    # Halves add up exactly: equal sums stay equal, whatever the order of summation.
    below = num_units - ranks.sum(axis=0) / len(importances)
    return Importance(
        unit=first.unit,
        names=first.names,
        scores=below / max(1, num_units - 1),
        meaning="share of the other units that stand below it, on average",
        method=f"mean rank of {', '.join(methods)}",
        data_fingerprint=rows.pop() if len(rows) == 1 else "",
        details={"best_rank": ranks.min(axis=0), "worst_rank": ranks.max(axis=0)},
    )


def _ranks(importance: Importance, like: Importance) -> NDArray[np.float64]:
    """The place of each unit from 1 on, in the order of another importance."""
    _, groups, counts = np.unique(
        -importance.scores, return_inverse=True, return_counts=True
    )
    ends = np.cumsum(counts)
    places = {name: place for place, name in enumerate(importance.names)}
    in_order = np.array([places[name] for name in like.names], dtype=np.intp)
    return np.asarray((ends - (counts - 1) / 2)[groups[in_order]])
