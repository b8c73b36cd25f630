r"""How far two tables of counts are apart, and how far chance alone puts them.

$$JS(p, q) = \tfrac12 \sum_v p_v \ln \frac{p_v}{m_v} + \tfrac12 \sum_v q_v
  \ln \frac{q_v}{m_v}, \quad m = \tfrac12 (p + q)$$

Source: Lin, "Divergence Measures Based on the Shannon Entropy", IEEE Transactions on
Information Theory 1991, equation 3.1 (with equal weights). Yurdakul, Naranjo,
"Statistical Properties of the Population Stability Index", Journal of Risk Model
Validation 2020 (the index, and that its size by chance depends on counts and bins).
Differences from the papers: what chance does is not taken from the chi-square limit,
which is too small where most values occur once or twice, but found by dealing the
values of both tables to two tables of these sizes; the index counts half a row more in
every value, so that it is finite.
"""

from typing import NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import DataError, ShapeError

__all__ = [
    "ChanceLevel",
    "chance_level",
    "divergence_terms",
    "jensen_shannon",
    "stability_index",
]

Counts = NDArray[np.int64]

NUM_DEALS = 40
NORMAL_QUANTILE = 3.0902
"""Of 0.999: chance alone exceeds the level about once in a thousand fields."""
PRIOR_COUNT = 0.5


@final
class ChanceLevel(NamedTuple):
    """What chance alone makes of the divergence of two samples of one population.

    Args:
        mean: nats.
        most: nats; about one of a thousand such pairs exceeds it.
    """

    mean: float
    most: float


def jensen_shannon(before: Counts, after: Counts) -> float:
    """Measure how far two distributions are apart.

    Examples:
        >>> jensen_shannon(np.array([2, 2]), np.array([7, 7]))
        0.0
        >>> round(jensen_shannon(np.array([3, 0]), np.array([0, 5])), 4)  # ln 2
        0.6931

    Args:
        before: how often each value came, ``(value,)``.
        after: the same of another table.

    Returns:
        Nats, in [0, ln 2]; 0 for equal shares.

    Raises:
        DataError: if one of them counts nothing.
        ShapeError: if they are not of the same values.
    """
    return float(divergence_terms(before, after).sum())


def divergence_terms(before: Counts, after: Counts) -> NDArray[np.float64]:
    """Tell what each value adds to the divergence.

    Args:
        before: how often each value came, ``(value,)``.
        after: the same of another table.

    Returns:
        Nats, none below zero, ``(value,)``.

    Raises:
        DataError: if one of them counts nothing.
        ShapeError: if they are not of the same values.
    """
    p, q = _shares(before, after)
    middle = (p + q) / 2
    return np.maximum(0.0, (_term(p, middle) + _term(q, middle)) / 2)


def stability_index(before: Counts, after: Counts) -> float:
    """Compute the population stability index.

    Values that occur in neither table do not count. Of many rare values it is large by
    chance; the usual limits, 0.1 and 0.25, are meant for some ten buckets.

    Examples:
        >>> found = stability_index(np.array([50, 50]), np.array([25, 75]))
        >>> round(found, 3)  # 0.25 ln 2 + 0.25 ln 1.5 without the half rows: 0.275
        0.269

    Args:
        before: how often each value came, ``(value,)``.
        after: the same of another table.

    Returns:
        Nats, 0 or more: both Kullback-Leibler divergences together.

    Raises:
        DataError: if one of them counts nothing.
        ShapeError: if they are not of the same values.
    """
    _shares(before, after)
    occurs = (before + after) > 0
    p, q = before[occurs] + PRIOR_COUNT, after[occurs] + PRIOR_COUNT
    p, q = p / p.sum(), q / q.sum()
    return float(((q - p) * np.log(q / p)).sum())


def chance_level(before: Counts, after: Counts, *, seed: int = 0) -> ChanceLevel:
    """Find the divergence of two tables whose values differ by chance only.

    The values of both are dealt to two tables of about these sizes, many times; a gamma
    distribution of the same mean and deviation gives the quantile (Wilson, Hilferty).
    Values are taken to be independent of each other.

    Args:
        before: how often each value came, ``(value,)``.
        after: the same of another table.
        seed: of the deals.

    Returns:
        The level.

    Raises:
        DataError: if one of them counts nothing.
        ShapeError: if they are not of the same values.
    """
    _shares(before, after)
    pooled = before + after
    pooled = pooled[pooled > 0]
    share = float(before.sum() / pooled.sum())
    random = np.random.default_rng(seed)
    found = []
    for _ in range(NUM_DEALS):
        dealt = random.binomial(pooled, share)
        if 0 < dealt.sum() < pooled.sum():
            found.append(jensen_shannon(dealt, pooled - dealt))
    mean, deviation = (float(np.mean(found)), float(np.std(found))) if found else (0, 0)
    if mean < np.finfo(np.float64).eps:
        return ChanceLevel(0.0, 0.0)
    ninth = (deviation / mean) ** 2 / 9
    most = mean * (1 - ninth + NORMAL_QUANTILE * ninth**0.5) ** 3
    return ChanceLevel(mean, most)


def _shares(
    before: Counts, after: Counts
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if before.shape != after.shape or before.ndim != 1:
        message = (
            "before and after must be counts of the same values, (value,), got shapes "
            f"{before.shape} and {after.shape}."
        )
        raise ShapeError(message)
    if not before.sum() or not after.sum():
        message = "before and after must count at least one value each, got none."
        raise DataError(message)
    return before / before.sum(), after / after.sum()


def _term(p: NDArray[np.float64], middle: NDArray[np.float64]) -> NDArray[np.float64]:
    ratio = np.divide(p, middle, out=np.ones_like(p), where=p > 0)
    return np.asarray(p * np.log(ratio))
