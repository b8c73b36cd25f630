r"""What a model of one column alone predicts on rows it has not seen.

The model is a table: how often each label came with each value in one half of the rows,
drawn towards its share in all of them as if ``PRIOR_ROWS`` more rows had it,

$$p(l \mid f) = \frac{c_{fl} + m\, p(l)}{c_f + m}, \quad
  p(l) = \frac{n_l + 1}{N + L}$$

It predicts the other half, and the other way round. A logistic regression on one
indicator per value, and a tree with one leaf per value, learn the same table, up to how
much they are held back.

Source: the surrogate models of OutRank, https://github.com/outbrain/outrank (logistic
regression by stochastic gradients, or a support vector machine, twofold).
Differences: the table in closed form; log loss that is saved, not one plus its
negative, which gives the same order; the mean over the two halves, not the median,
which is the same of two.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fieldwise.errors import DataError
from fieldwise.metrics import auc
from fieldwise.selection.outrank.column import Column, renumber
from fieldwise.selection.outrank.target import Target

__all__ = ["PRIOR_ROWS", "held_out_auc", "held_out_gain"]

PRIOR_ROWS = 10.0
"""Rows that the label's share counts for, in every value."""


def held_out_gain(target: Target, column: Column) -> float:
    """Log loss that the column saves on rows the model has not seen.

    Args:
        target: the labels.
        column: of the same rows, in an order that says nothing.

    Returns:
        Nats a row, 0 for a constant; below zero where the model is worse than that.
    """
    labels = target.column
    cells = renumber(
        column.codes * labels.size + labels.codes, column.size * labels.size
    )
    gained = 0.0
    for seen, other in _halves(len(column)):
        shares = _shares(labels.codes[seen], labels.size)
        prior = shares[labels.codes[other]]
        alike = np.bincount(labels.codes[seen], minlength=labels.size)
        base = (alike + PRIOR_ROWS * shares) / (alike.sum() + PRIOR_ROWS)
        both = np.bincount(cells.codes[seen], minlength=cells.size)[cells.codes[other]]
        rows = np.bincount(column.codes[seen], minlength=column.size)
        known = rows[column.codes[other]]
        rates = (both + PRIOR_ROWS * prior) / (known + PRIOR_ROWS)
        gained += float(np.log(rates / base[labels.codes[other]]).sum())
    return gained / len(column)


def held_out_auc(target: Target, column: Column) -> float:
    """Twice the area under the ROC curve on rows the model has not seen, less one.

    Args:
        target: the labels, two different ones.
        column: of the same rows, in an order that says nothing.

    Returns:
        1 where the column orders the rows perfectly, around 0 for noise.

    Raises:
        DataError: if there are more than two labels.
    """
    labels = target.column
    if labels.size > 2:
        message = f"label must have two values to rank by AUC, got {labels.size}."
        raise DataError(message)
    found = []
    for seen, other in _halves(len(column)):
        prior = _shares(labels.codes[seen], 2)[1]
        codes, clicks = column.codes[seen], labels.codes[seen]
        rows = np.bincount(codes, minlength=column.size)
        positive = np.bincount(codes[clicks == 1], minlength=column.size)
        rates = (positive + PRIOR_ROWS * prior) / (rows + PRIOR_ROWS)
        truth = labels.codes[other]
        if 0 < truth.sum() < len(truth):
            found.append(2 * auc(truth, rates[column.codes[other]]) - 1)
    return sum(found) / len(found) if found else 0.0


def _halves(num_rows: int) -> Iterator[tuple[slice, slice]]:
    middle = num_rows // 2
    if middle:
        yield slice(middle), slice(middle, None)
        yield slice(middle, None), slice(middle)


def _shares(labels: NDArray[np.intp], size: int) -> NDArray[np.float64]:
    """The share of each label, none of which is zero."""
    counts = np.bincount(labels, minlength=size)
    return np.asarray((counts + 1) / (len(labels) + size))
