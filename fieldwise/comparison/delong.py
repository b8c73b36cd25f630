r"""How much each row moves an AUC, after DeLong.

The AUC is a mean over pairs of a positive and a negative row, so rows are not
independent terms of it. DeLong's placements say what each row contributes: of positive
$i$ the share $V^{10}_i$ of negatives scored below it, of negative $j$ the share
$V^{01}_j$ of positives scored above it; ties count half. The variance of any weighted
sum of AUCs on the same rows follows from the same sum of placements, in which what the
systems have in common cancels.

Source: DeLong, DeLong, Clarke-Pearson, "Comparing the Areas under Two or More
Correlated Receiver Operating Characteristic Curves: A Nonparametric Approach",
Biometrics 1988, equations 5 to 8; Sun, Xu, "Fast Implementation of DeLong's Algorithm
for Comparing the Areas Under Correlated Receiver Operating Characteristic Curves",
IEEE Signal Processing Letters 2014 (placements from midranks).
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["auc_influence"]

Vector = NDArray[np.float64]


def auc_influence(labels: Vector, scores: Vector) -> tuple[float, Vector]:
    r"""Compute an AUC, and the share of each row in its error.

    $$\phi_i = \frac{V^{10}_i - A}{\sqrt{m (m - 1)}}, \quad
    \phi_j = \frac{V^{01}_j - A}{\sqrt{n (n - 1)}}$$

    for $m$ positives, $n$ negatives and the AUC $A$. So $\sum \phi^2$ is DeLong's
    variance $S_{10} / m + S_{01} / n$ of the AUC, and $\sum (\phi^a - \phi^b)^2$ that
    of the difference of two AUCs on the same rows.

    Examples:
        >>> labels = np.array([0.0, 1.0, 0.0, 1.0])
        >>> auc, shares = auc_influence(labels, np.array([0.1, 0.4, 0.4, 0.8]))
        >>> auc, round(float(shares @ shares), 6)
        (0.875, 0.03125)

    Args:
        labels: 0 or 1, ``(row,)``; at least two of each.
        scores: what the rows are ordered by, higher first, ``(row,)``.

    Returns:
        The AUC, and the shares, ``(row,)``.
    """
    from scipy.stats import rankdata

    is_positive = labels == 1
    num_positives = int(np.count_nonzero(is_positive))
    num_negatives = len(labels) - num_positives
    ranks = rankdata(scores)
    # A rank counts the rows below; less those of the own kind, those of the other.
    others = np.empty(len(labels))
    others[is_positive] = ranks[is_positive] - rankdata(scores[is_positive])
    others[~is_positive] = ranks[~is_positive] - rankdata(scores[~is_positive])
    placements = others / np.where(is_positive, num_negatives, num_positives)
    placements[~is_positive] = 1 - placements[~is_positive]
    auc = float(placements[is_positive].mean())
    sizes = np.where(is_positive, num_positives, num_negatives).astype(np.float64)
    return auc, (placements - auc) / np.sqrt(sizes * (sizes - 1))
