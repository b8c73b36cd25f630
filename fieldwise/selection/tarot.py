"""Rows that teach a model what the rows of a target would teach it.

Source: Feng, Nie, Liu, Alahi, "TAROT: Targeted Data Selection via Optimal Transport",
ICML 2025, https://arxiv.org/abs/2412.00420.
Differences from the paper: gradients are those of gates behind the embeddings
(``gate_gradients``) of one trained model; transport is exact, without blur, which the
few thousand rows that it is asked about allow; rows are ordered for every number of
them at once, by rank, then by the dual potential, lowest first, since that is how fast
the cost grows with the weight of a row (its code takes the highest); the search for a
number keeps the best one, not the one after it, and does not stop at the first that is
no better; rows whose gradient is next to nothing come last, since their direction is
noise.
"""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from fieldwise._checks import check_positive
from fieldwise.data.dataset import Dataset
from fieldwise.errors import DataError
from fieldwise.importance import Importance, RowNames, Selection
from fieldwise.selection.gate_gradients import gate_gradients
from fieldwise.selection.target_rows import check_target
from fieldwise.selection.transport import transport
from fieldwise.selection.whitening import whitened

__all__ = ["order_vectors", "rank_by_tarot", "select_by_tarot", "select_vectors"]

LONGEST_LIST = 2000
"""Nearest rows that a target names; all others follow by their nearest target."""

PRICED_ROWS = 4000
"""First rows whose prices are asked for."""

PATIENCE = 3
ROWS_PER_NUMBER = 4
"""Rows for each number of a vector, at least: fewer cannot tell how they vary."""

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


def rank_by_tarot(
    rows: Dataset, target: Dataset, *, model: nn.Module, seed: int = 0, dim: int = 256
) -> Importance:
    """Order rows so that the first ones cover the target, all its parts alike.

    Each target names the row whose whitened gradient is most like its own, then each
    the next one, and so on. Labels count: for what values alone say, and for millions
    of rows, take ``rank_by_dsir``. Up to some 50,000 rows and 2,000 targets.

    Args:
        rows: labelled rows that are chosen from.
        target: labelled rows of the same encoder.
        model: trained on rows like these, but on none of the targets.
        seed: of the projection of gradients.
        dim: numbers of a gradient at most.

    Returns:
        An importance of rows, the number of rows that come after each. The details are
        ``rank``, the place in the list of the target that named it first, and
        ``similarity`` to the nearest target, from -1 to 1.

    Raises:
        DataError: if there are no rows, no targets, or no labels.
        MissingExtraError: if POT is not installed.
        SchemaError: if both were not encoded alike.
        ValueError: if ``dim`` is not positive.
    """
    order, rank, similarity = order_vectors(
        *_unit_gradients(rows, target, model, seed=seed, dim=dim)
    )
    scores = np.empty(len(order))
    scores[order] = np.arange(len(order))[::-1]
    return Importance(
        unit="row",
        names=RowNames.first(len(rows)),
        scores=scores,
        meaning="number of rows that come after it",
        method="tarot",
        data_fingerprint=rows.checksum(),
        seed=seed,
        details={"rank": rank.astype(np.float64), "similarity": similarity},
    )


def select_by_tarot(
    rows: Dataset,
    target: Dataset,
    *,
    model: nn.Module,
    seed: int = 0,
    dim: int = 256,
    num_folds: int = 10,
) -> Selection:
    """Choose rows for a target, and how many.

    Part of the targets name rows, the others say how far these are from them; as soon
    as more rows do not bring them nearer, it is enough. What is kept is the union over
    the parts, and so more than any of them asked for.

    Args:
        rows: labelled rows that are chosen from.
        target: labelled rows of the same encoder.
        model: as for ``rank_by_tarot``.
        seed: of the projection, and of the parts.
        dim: numbers of a gradient at most.
        num_folds: parts of the targets, two or more.

    Returns:
        A selection of rows.

    Raises:
        DataError: if there are no rows, no labels, or fewer targets than parts.
        MissingExtraError: if POT is not installed.
        SchemaError: if both were not encoded alike.
        ValueError: if a number is out of range.
    """
    vectors = _unit_gradients(rows, target, model, seed=seed, dim=dim)
    kept = select_vectors(*vectors, num_folds=num_folds, seed=seed)
    return Selection("row", RowNames(kept), RowNames.first(len(rows)))


def order_vectors(rows: Floats, targets: Floats) -> tuple[Places, Places, Floats]:
    """Order vectors so that the first ones cover others.

    Args:
        rows: vectors of length one, or of zeros, ``(row, dim)``.
        targets: likewise, ``(target, dim)``.

    Returns:
        Numbers of the rows from the first to the last; the rank of each row, which is
        ``LONGEST_LIST`` or the number of rows where no target named it; and its
        similarity to the nearest target.
    """
    similarity = rows @ targets.T
    nearest = similarity.max(axis=1)
    lists = _lists(similarity, LONGEST_LIST)
    rank = np.full(len(rows), len(lists), dtype=np.int64)
    for place in reversed(range(len(lists))):
        rank[lists[place]] = place
    # No direction, no place: what says nothing is not near anything.
    rank[~rows.any(axis=1)] = len(lists)
    order = np.lexsort((-nearest, rank))
    first = order[:PRICED_ROWS]
    prices = np.full(len(rows), np.inf)
    prices[first] = transport(rows[first], targets).prices
    return np.lexsort((-nearest, prices, rank)), rank, nearest


def select_vectors(
    rows: Floats, targets: Floats, *, num_folds: int = 10, seed: int = 0
) -> Places:
    """Choose vectors that are near others, as many as it takes.

    Args:
        rows: vectors of length one, or of zeros, ``(row, dim)``.
        targets: likewise, ``(target, dim)``.
        num_folds: parts of the targets, two or more.
        seed: of the parts.

    Returns:
        Numbers of the chosen rows, rising.

    Raises:
        DataError: if there are fewer targets than parts.
        ValueError: if ``num_folds`` is not positive.
    """
    check_positive("num_folds", num_folds)
    if num_folds < 2 or len(targets) < num_folds:
        message = (
            "num_folds must be at least 2 and at most the number of targets "
            f"({len(targets)}), got {num_folds}."
        )
        raise DataError(message)
    places = np.random.default_rng(seed).permutation(len(targets))
    chosen = np.zeros(len(rows), dtype=bool)
    for fold in np.array_split(places, num_folds):
        others = np.setdiff1d(places, fold)
        chosen[_enough(rows, targets[fold], targets[others])] = True
    return np.flatnonzero(chosen)


def _enough(rows: Floats, naming: Floats, measuring: Floats) -> Places:
    """What some targets name, up to the rank at which others are nearest."""
    similarity = rows @ naming.T
    lists = _lists(similarity, LONGEST_LIST)
    columns = np.arange(len(naming))
    best: Places = np.empty(0, dtype=np.int64)
    kept, lowest, waited = best, np.inf, 0
    for named in lists:
        near = named[similarity[named, columns] > 0]
        if not near.size:
            break
        kept = np.union1d(kept, near)
        cost = transport(rows[kept], measuring).cost
        best, lowest, waited = (
            (kept, cost, 0) if cost < lowest else (best, lowest, waited + 1)
        )
        if waited == PATIENCE:
            break
    return best


def _lists(similarity: Floats, length: int) -> Places:
    """The rows most like each target, ``(place, target)``; ties by number."""
    return np.argsort(-similarity, axis=0, kind="stable")[:length]


def _unit_gradients(
    rows: Dataset, target: Dataset, model: nn.Module, *, seed: int, dim: int
) -> tuple[Floats, Floats]:
    check_target(rows, target)
    check_positive("dim", dim)
    dim = min(dim, max(1, (len(rows) + len(target)) // ROWS_PER_NUMBER))
    vectors = (
        gate_gradients(model, part, dim=dim, seed=seed).double().numpy()
        for part in (rows, target)
    )
    candidates, targets = whitened(*vectors)
    return candidates, targets
