"""How much a measure varies from sample to sample of rows, by the paired bootstrap.

For rows with weights or in groups: of those, DeLong's formula knows nothing. Every
system meets the same samples, so that what they have in common cancels. Where rows come
in groups, whole groups are drawn: rows of one user or request are no independent
witnesses.

Source: Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 8;
Field, Welsh, "Bootstrapping clustered data", Journal of the Royal Statistical Society B
2007 (drawing whole groups).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.measures import row_losses, tasks_of

__all__ = ["num_replicates", "resample"]

MOST, FEWEST = 500, 100
"""Samples; a hundred tell a standard error to within a fourteenth."""
WORK = 3e9
"""Rows to look at, all samples and systems together, before samples are spared."""
BLOCK = 1_000_000
"""Weights held at once."""

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Values = NDArray[np.float32] | NDArray[np.float64]
Statistic = Callable[[Matrix], Vector]
"""From the weights of rows, ``(row, sample)``, to a value per sample."""


def num_replicates(num_rows: int, num_fits: int) -> int:
    """Choose how many samples to draw.

    Examples:
        >>> num_replicates(1_000, 3), num_replicates(10_000_000, 75)
        (500, 100)

    Args:
        num_rows: that systems are compared on.
        num_fits: whose values are computed in each sample.

    Returns:
        The number of samples.
    """
    affordable = WORK / max(1, num_rows * num_fits)
    return int(min(MOST, max(FEWEST, affordable)))


def resample(
    values: Mapping[str, Sequence[Values]],
    rows: MeasuredRows,
    measure: str,
    *,
    seed: int = 0,
) -> dict[str, tuple[float, Vector]]:
    """Measure systems on samples of the rows.

    Args:
        values: what each system says, ``(row, task)``, once per seed.
        rows: that systems are compared on.
        measure: name in ``MEASURES``.
        seed: of the samples.

    Returns:
        By system the value on all rows, and the values on the samples, ``(sample,)``;
        each is the mean over seeds and labels. NaN where a sample lacks a class.
    """
    tasks = tasks_of(measure, rows)
    statistics = {
        name: [
            _statistic(measure, rows, task, run[:, task])
            for run in runs
            for task in tasks
        ]
        for name, runs in values.items()
    }
    given = np.ones(len(rows)) if rows.weights is None else rows.weights
    num_fits = sum(map(len, statistics.values()))
    blocks = _blocks(rows, num_replicates(len(rows), num_fits), seed)
    found: dict[str, list[Vector]] = {name: [] for name in values}
    for counts in blocks:
        weights = counts * given[:, None]
        for name, parts in statistics.items():
            found[name].append(_mean(parts, weights))
    return {
        name: (float(_mean(parts, given[:, None])[0]), np.concatenate(found[name]))
        for name, parts in statistics.items()
    }


def _mean(statistics: Sequence[Statistic], weights: Matrix) -> Vector:
    return np.asarray(np.mean([one(weights) for one in statistics], axis=0))


def _blocks(rows: MeasuredRows, num_samples: int, seed: int) -> Iterator[Matrix]:
    """How often each row is drawn, ``(row, sample)``, some samples at a time."""
    groups, num_groups = None, len(rows)
    if rows.groups is not None:
        groups = np.unique(rows.groups, return_inverse=True)[1]
        num_groups = int(groups.max()) + 1
    width = max(1, min(num_samples, BLOCK // max(1, len(rows))))
    for start in range(0, num_samples, width):
        samples = range(start, min(start + width, num_samples))
        counts = np.empty((len(rows), len(samples)))
        for column, sample in enumerate(samples):
            # A generator per sample: blocks of another width hold the same samples.
            generator = np.random.default_rng((seed, sample))
            drawn = generator.integers(num_groups, size=num_groups)
            times = np.bincount(drawn, minlength=num_groups)
            counts[:, column] = times if groups is None else times[groups]
        yield counts


def _statistic(
    measure: str, rows: MeasuredRows, task: int, values: Values
) -> Statistic:
    observed = np.flatnonzero(rows.observed(task))
    said = values[observed].astype(np.float64)
    if measure == "auc":
        return _auc_statistic(rows.labels[observed, task], said, observed)
    losses = row_losses(measure, rows, task, said)

    def mean_loss(weights: Matrix) -> Vector:
        total = weights[observed].sum(axis=0)
        with np.errstate(invalid="ignore"):
            return np.asarray(losses @ weights[observed] / total)

    return mean_loss


def _auc_statistic(labels: Vector, scores: Vector, rows: NDArray[np.intp]) -> Statistic:
    # Sorted once: a sample changes how often a row counts, never its place.
    order = np.argsort(scores, kind="stable")
    is_positive = labels[order] == 1
    high, low = rows[order[is_positive]], rows[order[~is_positive]]
    ordered = scores[order]
    first, last = (
        np.searchsorted(ordered[~is_positive], ordered[is_positive], side)
        for side in ("left", "right")
    )

    def weighted_auc(weights: Matrix) -> Vector:
        below = np.zeros((len(low) + 1, weights.shape[1]))
        np.cumsum(weights[low], axis=0, out=below[1:])
        positive = weights[high]
        # Ties count half: the negatives strictly below, and half of the equal ones.
        wins = np.einsum("rs,rs->s", positive, below[first])
        wins += np.einsum("rs,rs->s", positive, below[last])
        with np.errstate(invalid="ignore"):
            return np.asarray(wins / 2 / (positive.sum(axis=0) * below[-1]))

    return weighted_auc
