r"""What a column says about another one, corrected for how many values it has.

A column of many values seems to know everything: among few rows each of its values
meets few labels, so that plain mutual information grows with the number of values.
A corrected score subtracts what a column with the same values would seem to know if it
knew nothing.

Source: Skrlj, Mramor, "OutRank: Speeding up AutoML-Based Model Search for Large Sparse
Data Sets with Cardinality-Aware Feature Ranking", RecSys 2023,
https://doi.org/10.1145/3604915.3610636.
Differences from the paper's code: it reads the column some rows further on, one
reference of many. ``beyond_chance`` subtracts the mean over all of them, and tells how
far they lie apart; ``shifted`` reads all rows equally far on, so that the reference
holds the same values equally often; ``published`` is the score as it is there, by
contingency counts instead of a loop over values, and without the exception for a column
scored against itself (a test on sums there, which permuted columns pass, too).
"""

from functools import cached_property
from typing import final

import numpy as np
from numpy.typing import NDArray

from fieldwise.selection.outrank.chance import Chance, Moments
from fieldwise.selection.outrank.column import MAX_CELLS_PER_ROW, Codes, Column

__all__ = ["Target"]


@final
class Target:
    r"""A column that others are scored against, in nats.

    With $c_{fl}$ the rows that have value $f$ and label $l$, $n_l$ those of a label,
    $\tilde c_{fl}$ the counts of the column whose row $i$ is read at row
    $i + \lfloor N / 2 \rfloor$, around the end, and $\hat c_{fl}$ those where it is
    read at row $i + n_l$:

    $$I = \ln N - \frac1N \Big(\sum_f c_f \ln c_f + \sum_l n_l \ln n_l
          - \sum_{fl} c_{fl} \ln c_{fl}\Big)$$

    $$S_\text{beyond chance} = I(F; L) - E[I(F; L)]$$

    $$S_\text{shifted} = I(F; L) - I(\tilde F; L)
        = \frac1N \Big(\sum_{fl} c_{fl} \ln c_{fl}
          - \sum_{fl} \tilde c_{fl} \ln \tilde c_{fl}\Big)$$

    $$S_\text{published} = \sum_l \frac{n_l}{N} \big[H(\hat F \mid l) - H(F \mid l)\big]
        = \frac1N \Big(\sum_{fl} c_{fl} \ln c_{fl}
          - \sum_{fl} \hat c_{fl} \ln \hat c_{fl}\Big)$$

    Examples:
        >>> label = Column(np.array([0, 0, 1, 1]), 2)
        >>> same = Target(label).plain(label)
        >>> round(same, 4)
        0.6931

    Args:
        column: the labels, at least one row; labels of one row count nothing.

    Attributes:
        column: the labels.
    """

    def __init__(self, column: Column) -> None:
        self.column = column
        self._counts = np.bincount(column.codes)
        self._own_sum = _sum_of_logs(self._counts)

    def plain(self, column: Column) -> float:
        """Mutual information.

        Args:
            column: of the same rows.

        Returns:
            Nats; zero or more.
        """
        num_rows = len(column)
        alone = _sum_of_logs(np.bincount(column.codes)) + self._own_sum
        joint = self._joint_sum(column.codes, column.size)
        return float(np.log(num_rows)) - (alone - joint) / num_rows

    def chance(self, column: Column) -> Moments:
        """Mutual information if labels were handed to the rows at random.

        Args:
            column: of the same rows.

        Returns:
            Its mean and its standard deviation, in nats.
        """
        return self._chance.of(np.bincount(column.codes))

    def beyond_chance(self, column: Column) -> tuple[float, float]:
        """Mutual information, less what labels handed out at random would make.

        Args:
            column: of the same rows.

        Returns:
            Nats, around zero for a column of noise, on either side; and the standard
            deviation they would have if it were noise.
        """
        if np.bincount(column.codes).max() == 1:
            return 0.0, 0.0  # All that is known of a value is by chance; no rounding.
        chance = self.chance(column)
        return self.plain(column) - chance.mean, chance.spread

    def shifted(self, column: Column) -> float:
        """Mutual information, less what the same values in other rows seem to have.

        The faster correction where labels have many values, and a noisier one. Rows
        must be in an order that says nothing.

        Args:
            column: of the same rows.

        Returns:
            Nats, around zero for a column of noise, on either side.
        """
        return self._beyond(column, np.roll(column.codes, -(len(column) // 2)))

    def published(self, column: Column) -> float:
        """The score of the paper's code, whose reference differs from label to label.

        The reference then reads some rows twice and others not at all: its values do
        not come as often as those of the column, which adds noise of either sign.

        Args:
            column: of the same rows.

        Returns:
            Nats.
        """
        return self._beyond(column, column.codes[self._published_rows])

    @cached_property
    def _chance(self) -> Chance:
        return Chance(self._counts)

    @cached_property
    def _published_rows(self) -> Codes:
        rows = np.arange(len(self.column), dtype=np.intp)
        return (rows + self._counts[self.column.codes]) % len(rows)

    def _beyond(self, column: Column, shifted: Codes) -> float:
        real = self._joint_sum(column.codes, column.size)
        return (real - self._joint_sum(shifted, column.size)) / len(column)

    def _joint_sum(self, codes: Codes, size: int) -> float:
        cells = codes * self.column.size + self.column.codes
        if size * self.column.size > MAX_CELLS_PER_ROW * len(cells):
            return _sum_of_logs(np.unique(cells, return_counts=True)[1])
        return _sum_of_logs(np.bincount(cells))


def _sum_of_logs(counts: NDArray[np.intp]) -> float:
    """The sum of ``c ln c``; counts of 0 and 1 add nothing."""
    repeated = counts[counts > 1].astype(np.float64)
    return float(repeated @ np.log(repeated))
