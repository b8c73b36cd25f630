r"""Adjusted mutual information of two columns.

$$\text{AMI} = \frac{I - E[I]}{\frac12 (H_F + H_L) - E[I]}$$

with $E[I]$ the mean over all ways to hand the values to other rows.

Source: Vinh, Epps, Bailey, "Information Theoretic Measures for Clusterings Comparison",
JMLR 2010, https://jmlr.org/papers/v11/vinh10a.html, eq. 8; the mean of the two
entropies is that of scikit-learn, and its expectation an oracle of the tests.
"""

import numpy as np

from fieldwise.selection.outrank.column import Column
from fieldwise.selection.outrank.target import Target

__all__ = ["adjusted"]


def adjusted(target: Target, column: Column) -> float:
    """Mutual information beyond chance, as a share of the most there could be.

    The most there could be grows with the number of values: of two columns that say
    the same, that of fewer values scores higher.

    Args:
        target: the labels.
        column: of the same rows.

    Returns:
        1 for columns that say the same, around 0 for noise; 0 if one is constant.
    """
    chance = target.chance(column).mean
    entropies = Target(column).plain(column), target.plain(target.column)
    most = float(np.mean(entropies)) - chance
    if min(entropies) <= 0 or most <= np.finfo(np.float64).eps:
        return 0.0
    return (target.plain(column) - chance) / most
