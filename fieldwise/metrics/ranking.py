"""How well scores order the rows, over all of them and within groups.

Ties are exact: tied rows count half in the AUC, and share their places in the NDCG.

Source: Hanley, McNeil, "The meaning and use of the area under a receiver operating
characteristic (ROC) curve", Radiology 1982 (AUC); Zhou et al., "Deep Interest Network
for Click-Through Rate Prediction", KDD 2018, equation 7 (group AUC); Järvelin,
Kekäläinen, "Cumulated gain-based evaluation of IR techniques", TOIS 2002 (NDCG);
McSherry, Najork, "Computing Information Retrieval Performance Measures Efficiently in
the Presence of Tied Scores", ECIR 2008 (ties).
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import check_positive, read_rows
from fieldwise.errors import DataError, ShapeError
from fieldwise.metrics._runs import (
    Positions,
    Vector,
    run_sizes,
    run_starts,
    spread,
    sums_before,
    tie_starts,
)

__all__ = ["GroupAUC", "auc", "group_auc", "ndcg"]


@final
@dataclass(frozen=True)
class GroupAUC:
    """The AUC within groups, and how many groups it speaks for.

    Args:
        value: average AUC of the groups that hold both labels, in [0, 1].
        num_groups: groups in the data.
        num_left_out: groups left out because they hold one label only.
    """

    value: float
    num_groups: int
    num_left_out: int


def auc(
    labels: ArrayLike, scores: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    """Measure how often a positive row is scored above a negative one.

    The area under the ROC curve; a tie counts half, and a pair of rows counts by the
    product of its weights. No unit, in [0, 1]; higher is better, 0.5 is chance.

    Examples:
        >>> auc([0, 1, 0, 1], [0.1, 0.4, 0.4, 0.8])
        0.875

    Args:
        labels: what happened, 0 or 1.
        scores: what the rows are ordered by, higher first: logits or probabilities.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The AUC.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, a value is out of range, or one of the labels
            does not occur with a positive weight.
    """
    y, s, w = read_rows(
        {"labels": (labels, "binary"), "scores": (scores, "finite")}, weights
    )
    order = np.argsort(s)
    value = _auc_of_groups(y[order], s[order], w[order], np.zeros(1, np.intp))[0]
    if np.isnan(value):
        message = (
            f"labels must hold both 0 and 1, got only {y[w > 0][0]:.0f}. The AUC of "
            "one class is undefined."
        )
        raise DataError(message)
    return float(value)


def group_auc(
    labels: ArrayLike,
    scores: ArrayLike,
    groups: ArrayLike,
    *,
    weights: ArrayLike | None = None,
) -> GroupAUC:
    """Average the AUC within groups, each group counting by its total weight.

    A group with one label only has no AUC: it is left out, and counted. No unit, in
    [0, 1]; higher is better, 0.5 is chance.

    Examples:
        >>> group_auc([0, 1, 1, 0, 1], [1, 2, 1, 2, 3], ["a", "a", "b", "b", "c"])
        GroupAUC(value=0.5, num_groups=3, num_left_out=1)

    Args:
        labels: what happened, 0 or 1.
        scores: what the rows of a group are ordered by, higher first.
        groups: the group of each row, integers or strings, in any order.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The average, the number of groups and the number of those left out.

    Raises:
        ShapeError: if an argument is not a vector of the right dtype, or lengths
            differ.
        DataError: if there is no row, a value is out of range, or no group holds
            both labels.
    """
    y, s, w = read_rows(
        {"labels": (labels, "binary"), "scores": (scores, "finite")}, weights
    )
    keys = _group_keys(groups, len(y))
    order = np.lexsort((s, keys))
    starts = run_starts(keys[order])
    values = _auc_of_groups(y[order], s[order], w[order], starts)
    defined = ~np.isnan(values)
    if not defined.any():
        message = (
            f"groups must hold both labels, got {len(starts)} groups of one label "
            "each. Check the group column."
        )
        raise DataError(message)
    shares = np.add.reduceat(w[order], starts)[defined]
    return GroupAUC(
        value=float(np.average(values[defined], weights=shares)),
        num_groups=len(starts),
        num_left_out=int(np.count_nonzero(~defined)),
    )


def ndcg(
    labels: ArrayLike, scores: ArrayLike, groups: ArrayLike, *, k: int | None = None
) -> float:
    r"""Average the normalised discounted cumulative gain of the groups.

    $$\frac{1}{G} \sum_g \frac{\sum_r y_{g,r} / \log_2(r + 1)}{\text{the same, ideally
    ordered}}$$

    The gain is the label itself. Rows with one score share the mean gain of their
    places. Groups without a positive label are left out. No unit, in [0, 1]; higher
    is better.

    Examples:
        >>> round(ndcg([0, 1, 1, 0], [3, 2, 5, 4], [7, 7, 8, 8]), 6)
        0.815465

    Args:
        labels: gain of each row, zero or positive.
        scores: what the rows of a group are ordered by, higher first.
        groups: the group of each row, integers or strings, in any order.
        k: places that count, from the top; None means all.

    Returns:
        The mean over the groups with at least one positive label.

    Raises:
        ShapeError: if an argument is not a vector of the right dtype, or lengths
            differ.
        DataError: if there is no row, a value is out of range, or no label is
            positive.
        ValueError: if ``k`` is not positive.
    """
    if k is not None:
        check_positive("k", k)
    gains, s, _ = read_rows(
        {"labels": (labels, "non-negative"), "scores": (scores, "finite")}, None
    )
    keys = _group_keys(groups, len(gains))
    order = np.lexsort((-s, keys))
    starts = run_starts(keys[order])
    places = np.arange(len(s)) - spread(starts, starts, len(s))
    discounts = 1 / np.log2(places + 2)
    if k is not None:
        discounts[places >= k] = 0
    ties = tie_starts(s[order], starts)
    mean_gains = np.add.reduceat(gains[order], ties) / run_sizes(ties, len(s))
    shared = mean_gains * np.add.reduceat(discounts, ties)
    reached = np.add.reduceat(shared, np.searchsorted(ties, starts))
    ideal_order = np.lexsort((-gains, keys))
    ideal = np.add.reduceat(gains[ideal_order] * discounts, starts)
    counted = ideal > 0
    if not counted.any():
        message = "labels must hold a positive one, got only 0."
        raise DataError(message)
    return float(np.mean(reached[counted] / ideal[counted]))


def _group_keys(groups: ArrayLike, num_rows: int) -> NDArray[np.generic]:
    """Number the groups, unless they are numbers: strings are slow to sort."""
    array = np.asarray(groups)
    if array.shape != (num_rows,):
        message = f"groups must have shape ({num_rows},), got {array.shape}."
        raise ShapeError(message)
    if array.dtype.kind in "iu":
        return array
    values = array.tolist()
    kinds = set(map(type, values))
    if not kinds <= {str}:
        got = sorted(kind.__name__ for kind in kinds)
        message = f"groups must be integers or strings, got {got}."
        raise ShapeError(message)
    numbers = {value: number for number, value in enumerate(dict.fromkeys(values))}
    # Looked up without a Python loop, and far faster than sorting strings.
    return np.fromiter(map(numbers.__getitem__, values), np.intp, count=num_rows)


def _auc_of_groups(
    labels: Vector, scores: Vector, weights: Vector, starts: Positions
) -> Vector:
    """AUC of each group, NaN where one label has no weight; rows are sorted."""
    # Scaled by a power of two, so that no sum over groups mixes large and small
    # weights, and sums of whole weights stay exact.
    totals = np.add.reduceat(weights, starts)
    scales = np.ldexp(1.0, -np.frexp(totals)[1])
    scaled = weights * spread(scales, starts, len(weights))
    ties = tie_starts(scores, starts)
    first_ties = np.searchsorted(ties, starts)
    positive = np.add.reduceat(scaled * labels, ties)
    negative = np.add.reduceat(scaled * (1 - labels), ties)
    below = sums_before(negative, first_ties)
    wins = np.add.reduceat(positive * (below + 0.5 * negative), first_ties)
    pairs = np.add.reduceat(positive, first_ties) * np.add.reduceat(
        negative, first_ties
    )
    values = np.full(len(starts), np.nan)
    np.divide(wins, pairs, out=values, where=pairs > 0)
    return values
