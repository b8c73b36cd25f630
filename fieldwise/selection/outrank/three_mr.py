r"""An order that asks of each next field what it adds to those before it.

Source: the 3MR ranking of OutRank (relevance, less redundancy, plus relation),
https://github.com/outbrain/outrank.
Differences: relation is measured whenever the order is asked for (there only with
combinations), by the score that ranks the fields (there by plain mutual information).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["three_mr_order"]


def three_mr_order(
    relevance: NDArray[np.float64],
    redundancy: NDArray[np.float64],
    relation: NDArray[np.float64],
) -> list[int]:
    r"""Order fields by relevance, redundancy and relation.

    Each table is stretched to [0, 1]. The most relevant field is the first of the order
    $S$; the next one is, each time, the field $f$ with the highest

    $$\text{rel}_f - \operatorname{med}_{g \in S} \text{red}_{gf}
      + \operatorname{med}_{g \in S} \text{rlt}_{gf}$$

    Examples:
        >>> copies = np.array([[0, 0.6, 0], [0.6, 0, 0], [0, 0, 0]])
        >>> joint = np.array([[0, 0.6, 0.7], [0.6, 0, 0.7], [0.7, 0.7, 0]])
        >>> three_mr_order(np.array([0.6, 0.6, 0.1]), copies, joint)
        [0, 2, 1]

    Args:
        relevance: what each field says about the label, ``(field,)``.
        redundancy: what two fields say about each other, ``(field, field)``; symmetric,
            NaN where it is not known, which counts as the lowest.
        relation: what two fields together say about the label, likewise.

    Returns:
        Places of the fields; the first of equal ones comes first.
    """
    num_fields = len(relevance)
    relevance = _stretched(relevance)
    off = ~np.eye(num_fields, dtype=bool)
    gains = [
        _stretched(np.where(off, table, np.nan)) for table in (redundancy, relation)
    ]
    order = [int(np.argmax(relevance))]
    left = [place for place in range(num_fields) if place != order[0]]
    while left:
        redundant, related = (
            np.median(table[np.ix_(left, order)], axis=1) for table in gains
        )
        best = int(np.argmax(relevance[left] - redundant + related))
        order.append(left.pop(best))
    return order


def _stretched(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Numbers from 0 to 1; all 0 where they are equal, and 0 where there is none."""
    known = table[~np.isnan(table)]
    spread = np.ptp(known) if len(known) else 0.0
    if not spread:
        return np.zeros_like(table)
    return np.asarray(np.nan_to_num((table - known.min()) / spread, nan=0.0))
