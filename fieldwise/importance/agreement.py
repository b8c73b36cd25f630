"""How far two importances agree: on the order of all units, and on the first ones.

Source: Kendall, "The Treatment of Ties in Ranking Problems", Biometrika 1945 (tau-b).
"""

import math

from fieldwise.errors import DataError
from fieldwise.importance.importance import Importance

__all__ = ["check_same_units", "kendall_tau", "top_overlap"]


def kendall_tau(one: Importance, other: Importance) -> float:
    """Say how far two importances agree on the order of the units.

    Examples:
        >>> import numpy as np
        >>> about = {"unit": "field", "meaning": "share", "method": "by hand"}
        >>> a = Importance(names=("x", "y", "z"), scores=np.array([3.0, 2, 1]), **about)
        >>> b = Importance(names=("z", "y", "x"), scores=np.array([2.0, 1, 3]), **about)
        >>> round(kendall_tau(a, b), 4)
        0.3333

    Args:
        one: scores of some units.
        other: scores of the same units, in any order.

    Returns:
        Kendall's tau-b, in [-1, 1]: 1 for the same order, -1 for the reversed one; NaN
        where one of the two does not tell units apart.

    Raises:
        DataError: if they are not about the same units.
    """
    from scipy.stats import kendalltau

    check_same_units(one, other)
    if len(one) < 2:
        return math.nan
    aligned = other.scores
    if one.names != other.names:
        places = {name: place for place, name in enumerate(other.names)}
        aligned = other.scores[[places[name] for name in one.names]]
    return float(kendalltau(one.scores, aligned).statistic)


def top_overlap(one: Importance, other: Importance, k: int) -> float:
    """Say how far two importances agree on the first units.

    Examples:
        >>> import numpy as np
        >>> about = {"unit": "field", "meaning": "share", "method": "by hand"}
        >>> a = Importance(names=("x", "y", "z"), scores=np.array([3.0, 2, 1]), **about)
        >>> b = Importance(names=("x", "y", "z"), scores=np.array([3.0, 1, 2]), **about)
        >>> round(top_overlap(a, b, 2), 4)
        0.3333

    Args:
        one: scores of some units.
        other: scores of the same units, in any order.
        k: how many units are kept.

    Returns:
        The units that both keep, as share of those that either keeps (Jaccard's
        index), in [0, 1]; 1 where nothing is kept.

    Raises:
        DataError: if they are not about the same units.
    """
    check_same_units(one, other)
    kept = [set(importance.top(k).kept) for importance in (one, other)]
    either = len(kept[0] | kept[1])
    return len(kept[0] & kept[1]) / either if either else 1.0


def check_same_units(one: Importance, other: Importance) -> None:
    """Raise unless two importances are about the same units.

    Args:
        one: scores of some units.
        other: scores of units.

    Raises:
        DataError: if they are not.
    """
    same = one.names == other.names or set(one.names) == set(other.names)
    if one.unit != other.unit or not same:
        message = (
            f"importances must be of the same units, got {len(one)} of {one.unit!r} by "
            f"{one.method} and {len(other)} of {other.unit!r} by {other.method}, which "
            "differ."
        )
        raise DataError(message)
