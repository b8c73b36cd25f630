"""How far rows are from a target as a whole, and which of them are too many."""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import MissingExtraError

__all__ = ["Transport", "distances", "transport"]

Floats = NDArray[np.float64]


@final
@dataclass(frozen=True)
class Transport:
    """The cheapest way to move rows onto targets.

    Args:
        cost: mean distance that mass moves.
        prices: of each row, ``(row,)``: how fast the cost grows with its weight, up to
            a constant. A low price fills what the targets lack.
    """

    cost: float
    prices: Floats


def distances(rows: Floats, targets: Floats) -> Floats:
    r"""Distances of vectors of length one.

    $$d_{ij} = \sqrt{2 - 2 u_i^\top u_j}$$

    Examples:
        >>> distances(np.eye(2)[:1], np.eye(2)).round(3)
        array([[0.   , 1.414]])

    Args:
        rows: ``(row, dim)``.
        targets: ``(target, dim)``.

    Returns:
        From 0 to 2, ``(row, target)``.
    """
    found: Floats = np.sqrt(np.maximum(2.0 - 2.0 * rows @ targets.T, 0.0))
    return found


def transport(rows: Floats, targets: Floats) -> Transport:
    """Move rows of equal weight onto targets of equal weight, exactly.

    Args:
        rows: vectors of length one, ``(row, dim)``, at least one.
        targets: likewise, ``(target, dim)``.

    Returns:
        Cost and prices.

    Raises:
        MissingExtraError: if POT is not installed.
    """
    try:
        import ot
    except ImportError as error:
        message = (
            "optimal transport needs POT. Install it with: "
            "pip install 'fieldwise[selection]'"
        )
        raise MissingExtraError(message) from error
    masses = (np.full(len(part), 1.0 / len(part)) for part in (rows, targets))
    _, found = ot.emd(*masses, distances(rows, targets), numItermax=10**7, log=True)
    return Transport(cost=float(found["cost"]), prices=np.asarray(found["u"]))
