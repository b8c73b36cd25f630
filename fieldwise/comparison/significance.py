r"""Whether a system is worse than the best by more than chance.

Two questions, two tests, and neither answers the other one:

- *Other rows?* Would the order be the same on other rows of the same kind? The trained
  models are taken as they are. DeLong's test of the difference of two correlated AUCs
  where rows are alike; a paired bootstrap where rows have weights or come in groups.
  With several seeds it tests the difference of the **mean** AUCs, which is what the
  leaderboard shows: that is a contrast of all AUCs on the same rows, and DeLong's
  covariance covers it. Scores averaged over seeds would be another system, an ensemble,
  whose AUC nobody gets from a single fit.
- *Other seeds?* Would the order be the same with other initial weights and another
  order of the training rows? A paired t-test of the values of each seed, from three
  seeds on.

Both are two-sided, and corrected for the number of systems that are held against the
best, after Holm.

Source: DeLong et al., Biometrics 1988, equation 8 (contrasts); Holm, "A Simple
Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics
1979.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from fieldwise.comparison.delong import auc_influence
from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.comparison.measures import row_losses, tasks_of
from fieldwise.comparison.resampling import resample

__all__ = ["FEWEST_SEEDS", "holm", "name_of_test", "over_rows", "over_seeds"]

FEWEST_SEEDS = 3
"""Two differences hardly tell how much they vary."""

Vector = NDArray[np.float64]
Matrix = NDArray[np.float32] | NDArray[np.float64]


def name_of_test(rows: MeasuredRows, measure: str) -> str:
    """Name the test that ``over_rows`` makes.

    Args:
        rows: that systems are compared on.
        measure: name in ``MEASURES``.

    Returns:
        Its name, for a report.
    """
    if rows.groups is not None:
        return "paired bootstrap over groups"
    if rows.weights is not None:
        return "paired bootstrap over rows"
    return "DeLong's test" if measure == "auc" else "paired test of the rows' losses"


def over_rows(
    values: Mapping[str, Sequence[Matrix]], best: str, rows: MeasuredRows, measure: str
) -> dict[str, float]:
    """Test each system against the best, over the rows.

    Args:
        values: what each system says, ``(row, task)``, once per seed.
        best: name of the best system.
        rows: that systems are compared on.
        measure: the one that decides.

    Returns:
        p by system, without the best; NaN where it cannot be told.
    """
    others = [name for name in values if name != best]
    if not others:
        return {}
    if rows.weights is None and rows.groups is None:
        mean, shares = _influence(values[best], rows, measure)
        found = {}
        for name in others:
            other_mean, other_shares = _influence(values[name], rows, measure)
            error = float(np.sqrt(np.sum((other_shares - shares) ** 2)))
            found[name] = _two_sided(other_mean - mean, error)
        return found
    samples = resample(values, rows, measure)
    value, drawn = samples[best]
    return {
        name: _two_sided(samples[name][0] - value, _spread(samples[name][1] - drawn))
        for name in others
    }


def over_seeds(
    values: Mapping[str, Mapping[int, float]], best: str
) -> dict[str, float]:
    """Test each system against the best, over the seeds.

    Examples:
        >>> aucs = {"a": {0: 0.82, 1: 0.85, 2: 0.84}, "b": {0: 0.81, 1: 0.83, 2: 0.81}}
        >>> round(over_seeds(aucs, "a")["b"], 4)
        0.0742

    Args:
        values: by system and seed.
        best: name of the best system.

    Returns:
        p by system, without the best; NaN with fewer than three common seeds.
    """
    from scipy.special import stdtr

    found = {}
    for name in (name for name in values if name != best):
        common = sorted(set(values[best]) & set(values[name]))
        steps = np.array([values[name][seed] - values[best][seed] for seed in common])
        if len(steps) < FEWEST_SEEDS:
            found[name] = math.nan
            continue
        mean = float(steps.mean())
        error = float(steps.std(ddof=1)) / math.sqrt(len(steps))
        if error == 0:
            found[name] = _two_sided(mean, error)
        else:
            found[name] = float(2 * stdtr(len(steps) - 1, -abs(mean) / error))
    return found


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Correct p for the number of tests.

    Examples:
        >>> holm({"a": 0.01, "b": 0.04, "c": 0.03})
        {'a': 0.03, 'b': 0.06, 'c': 0.06}

    Args:
        p_values: by system; NaN does not count as a test.

    Returns:
        Corrected p by system: the chance of a false claim among all that have a
        smaller or equal one, at most.
    """
    tested = sorted(
        (name for name, p in p_values.items() if not math.isnan(p)),
        key=lambda name: p_values[name],
    )
    corrected, largest = dict(p_values), 0.0
    for place, name in enumerate(tested):
        largest = max(largest, min(1.0, (len(tested) - place) * p_values[name]))
        corrected[name] = largest
    return corrected


def _influence(
    runs: Sequence[Matrix], rows: MeasuredRows, measure: str
) -> tuple[float, Vector]:
    """The mean over seeds and labels, and the share of each row in its error."""
    means, shares = [], np.zeros(len(rows))
    tasks = tasks_of(measure, rows)
    for run in runs:
        for task in tasks:
            observed = rows.observed(task)
            said = run[observed, task].astype(np.float64)
            if measure == "auc":
                mean, share = _auc(rows.labels[observed, task], said)
            else:
                mean, share = _mean_loss(row_losses(measure, rows, task, said))
            means.append(mean)
            shares[observed] += share
    return float(np.mean(means)), shares / len(means)


def _auc(labels: Vector, scores: Vector) -> tuple[float, Vector]:
    # Of a single row of a class nobody can tell how much others would differ.
    if min(np.sum(labels == 1), np.sum(labels == 0)) < 2:
        return math.nan, np.full(len(labels), math.nan)
    return auc_influence(labels, scores)


def _mean_loss(losses: Vector) -> tuple[float, Vector]:
    count = len(losses)
    if count < 2:
        return math.nan, np.full(count, math.nan)
    mean = float(losses.mean())
    return mean, (losses - mean) / math.sqrt(count * (count - 1))


def _spread(steps: Vector) -> float:
    known = steps[np.isfinite(steps)]
    return float(known.std(ddof=1)) if 2 * len(known) > len(steps) else math.nan


def _two_sided(difference: float, error: float) -> float:
    if math.isnan(difference) or math.isnan(error):
        return math.nan
    if error == 0:
        return 1.0 if difference == 0 else 0.0
    return math.erfc(abs(difference) / error / math.sqrt(2))
