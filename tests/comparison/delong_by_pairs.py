"""DeLong's variance from every pair of rows, counted one by one."""

import numpy as np


def placements(labels, scores):
    """Both kinds of placements by a loop over all pairs."""
    positives = [s for s, y in zip(scores, labels, strict=True) if y == 1]
    negatives = [s for s, y in zip(scores, labels, strict=True) if y == 0]

    def wins(high, low):
        return 1.0 if high > low else 0.5 if high == low else 0.0

    above = [sum(wins(p, n) for n in negatives) / len(negatives) for p in positives]
    below = [sum(wins(p, n) for p in positives) / len(positives) for n in negatives]
    return above, below


def variance_of_difference(labels, first, second):
    """Equation 8 for the contrast (1, -1), class by class."""
    total = 0.0
    for one, other in zip(
        placements(labels, first), placements(labels, second), strict=True
    ):
        covariance = np.cov(one, other, ddof=1) / len(one)
        total += covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return total
