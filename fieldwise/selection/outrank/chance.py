r"""What mutual information chance alone makes, from how often values and labels come.

If the labels are handed to the rows at random, the rows $c$ with a value of $a$ rows
and a label of $b$ rows are hypergeometric, and the information of the columns is
$\frac1N \sum \varphi(c)$ with $\varphi(c) = c \ln \frac{c}{\mu}$, $\mu = \frac{ab}{N}$.

Source of the mean: Vinh, Epps, Bailey, "Information Theoretic Measures for Clusterings
Comparison", JMLR 2010, https://jmlr.org/papers/v11/vinh10a.html, eq. 24. Of the spread:
Holst, "Two Conditional Limit Theorems with Applications", Annals of Statistics 1979,
https://doi.org/10.1214/aos/1176344676: counts with a given sum are independent ones,
less what their sum explains.
Differences: equal counts are looked at once; only counts that are likely are; where
$\mu$ is large $\varphi$ is its series, and its variance that of a chi-squared one.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chance", "Moments"]

SERIES_FROM = 32.0
"""Rows expected from which the series is used: it is off by less than 0.001 rows."""
REACH = 9.0
"""Standard deviations on either side of what is expected that are looked at."""
MAX_VALUES = 2**14
"""Numbers of rows looked at together; each takes up to a hundred counts."""

Counts = NDArray[np.intp]
Floats = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True)
class Moments:
    """Mutual information of two columns of which neither knows the other.

    Args:
        mean: in nats.
        spread: its standard deviation, in nats.
    """

    mean: float
    spread: float


@final
class Chance:
    """Tells what columns say about labels by chance.

    Examples:
        >>> moments = Chance(np.array([2, 2])).of(np.array([2, 2]))
        >>> round(moments.mean, 4), round(moments.spread, 4)
        (0.231, 0.3268)

    Args:
        label_counts: rows of each label, ``(label,)``.
    """

    def __init__(self, label_counts: Counts) -> None:
        labels = label_counts[label_counts > 0]
        self._num_rows, self._num_labels = int(labels.sum()), len(labels)
        # The rows of one of two labels tell those of the other: one look does.
        self._has_twin = len(labels) == 2
        looked_at = labels[:1] if self._has_twin else labels
        if self._has_twin and labels[1] < labels[0]:
            looked_at = labels[1:]
        self._labels, self._num_equal = np.unique(looked_at, return_counts=True)
        steps = np.arange(1, self._num_rows + 1, dtype=np.float64)
        self._log_factorials = np.append(0.0, np.cumsum(np.log(steps)))

    def of(self, value_counts: Counts) -> Moments:
        """Mean and spread over all ways to hand the labels to the rows.

        Args:
            value_counts: rows of each value, ``(value,)``; they add up like the
                labels.

        Returns:
            The mean to about 0.001 rows, and the spread to the first order in one over
            the number of values.
        """
        counts = value_counts[value_counts > 0]
        if len(counts) < 2 or self._num_labels < 2:
            return Moments(0.0, 0.0)
        values, num_equal = np.unique(counts, return_counts=True)
        tables = [self._cells(values, label) for label in self._labels.tolist()]
        means, curved, slopes = np.stack(tables, axis=1)
        sums = self._num_equal @ np.stack((means, curved)) @ num_equal
        free = len(counts) / (len(counts) - 1)
        if not self._has_twin:
            free *= self._num_labels / (self._num_labels - 1)
        variance = sums[1] * free + self._straight(slopes, values, num_equal)
        mean, spread = float(sums[0]), float(variance**0.5)
        return Moments(mean / self._num_rows, spread / self._num_rows)

    def _straight(self, slopes: Floats, values: Counts, num_equal: Counts) -> float:
        """Variance of the sum of all counts times slopes; exact."""
        labels, times = self._labels, self._num_equal
        if self._has_twin:
            slopes = np.concatenate((slopes, np.zeros_like(slopes)))
            labels = np.append(labels, self._num_rows - labels)
            times = np.ones(2, dtype=np.intp)
        rows, columns = labels * times, values * num_equal
        # What the number of rows of a value, or of a label, explains does not vary.
        beyond = slopes - (rows @ slopes) / self._num_rows
        beyond -= (beyond @ columns / self._num_rows)[:, None]
        return float(rows @ beyond**2 @ columns) / (self._num_rows - 1)

    def _cells(self, values: Counts, label: int) -> Floats:
        """Mean, variance beside a line, and slope of that line: ``(3, value)``."""
        num_rows = self._num_rows
        expected = np.asarray(values * (label / num_rows), dtype=np.float64)
        found = np.empty((3, len(values)))
        is_large = expected > SERIES_FROM
        if is_large.any():
            found[:, is_large] = self._by_series(values[is_large], label)
        small = np.flatnonzero(~is_large)
        for start in range(0, len(small), MAX_VALUES):
            part = small[start : start + MAX_VALUES]
            found[:, part] = self._by_looking(values[part], label, expected[part])
        return found

    def _by_looking(self, values: Counts, label: int, expected: Floats) -> Floats:
        num_rows, log_of = self._num_rows, self._log_factorials
        reach = REACH * np.sqrt(expected)
        lowest = np.maximum(np.floor(expected - reach), label + values - num_rows)
        lowest = np.maximum(lowest, 0).astype(np.intp)
        highest = np.minimum(np.ceil(expected + reach) + REACH, values)
        highest = np.minimum(highest, label).astype(np.intp)
        # One value after another, each from its lowest to its highest count.
        lengths = highest - lowest + 1
        starts = np.cumsum(lengths) - lengths
        value = np.repeat(values, lengths)
        count = np.arange(lengths.sum()) - np.repeat(starts - lowest, lengths)
        rest = value - count
        chance = np.exp(
            np.repeat(log_of[values] + log_of[num_rows - values], lengths)
            + (log_of[label] + log_of[num_rows - label] - log_of[num_rows])
            - log_of[count]
            - log_of[rest]
            - log_of[label - count]
            - log_of[num_rows - label - rest]
        )
        mean_count = np.repeat(expected, lengths)
        worth = _worth(count, mean_count)
        if self._has_twin:
            worth += _worth(rest, value - mean_count)
        beyond = count - mean_count
        mean = np.add.reduceat(chance * worth, starts)
        worth -= np.repeat(mean, lengths)
        variance, together, varied = (
            np.add.reduceat(chance * product, starts)
            for product in (worth**2, worth * beyond, beyond**2)
        )
        # A count that cannot vary has no slope.
        slope = together / np.maximum(varied, np.finfo(np.float64).tiny)
        return np.stack((mean, np.maximum(variance - slope * together, 0.0), slope))

    def _by_series(self, values: Counts, label: int) -> Floats:
        mean = self._series_mean(values, label)
        variance = 0.5 * (1 - values / self._num_rows) ** 2
        if self._has_twin:
            mean = mean + self._series_mean(values, self._num_rows - label)
        else:
            variance *= (1 - label / self._num_rows) ** 2
        return np.stack((mean, variance, np.zeros_like(mean)))

    def _series_mean(self, values: Counts, label: int) -> Floats:
        """The terms of the second, third and fourth moment."""
        num_rows = self._num_rows
        share, part = label / num_rows, values / num_rows
        expected = values * share
        variance = expected * (1 - share) * (1 - part) * num_rows / (num_rows - 1)
        skew = variance * (1 - 2 * share) * (1 - 2 * part)
        return np.asarray(
            variance / (2 * expected)
            - skew / (6 * expected**2)
            + variance**2 / (4 * expected**3)
        )


def _worth(count: Counts, expected: Floats) -> Floats:
    """The part of one count, without the line through what is expected."""
    logs = np.log(np.maximum(count, 1) / expected)
    return np.asarray(count * logs - count + expected)
