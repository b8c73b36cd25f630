"""Numeric fields by the mutual information with the label.

Source: Yang, "Fast Mutual Information Estimation for High-Dimensional Data"
(fastHDMI), 2024, https://arxiv.org/abs/2410.10082; number of bins after Birge,
Rozenholc, "How many bins should be put in a regular histogram", ESAIM P&S 2006.
Differences from the paper: numbers are first replaced by their ranks, which information
does not see and outliers do not spoil: bins hold equally many rows, and densities are
estimated of normal scores; the bandwidth is Silverman's, of which the authors' code
computes one and uses another; the bias of the histogram is taken off.
"""

import numpy as np
from numpy.typing import NDArray

from fieldwise.importance import Importance
from fieldwise.selection.design_matrix import one_label
from fieldwise.selection.numeric_columns import numeric_columns
from fieldwise.selection.ranking_data import RankingData

__all__ = [
    "class_information",
    "linfoot",
    "mutual_information",
    "rank_by_mi_screening",
    "representatives",
]

MAX_BINS = 99
GRID = 300
"""Points of a density in each direction."""

MARGIN = 3.0
"""Bandwidths of the grid beyond the last number."""

MAX_PAIR_ROWS = 20_000
"""Rows that pairs of fields are compared on."""


def rank_by_mi_screening(
    data: RankingData, *, seed: int = 0, correlation: float | None = None
) -> Importance:
    """Rank numeric fields by the information they have about the label.

    Reads training rows only. A binary label is counted in bins, a real one gets a
    kernel density. A field that only says something together with another one has 0.
    Other fields are not ranked.

    Args:
        data: the rows; one label.
        seed: of the rows on which fields are compared with each other.
        correlation: two fields are redundant from the information of two normal
            numbers of this correlation on, for example 0.6; None compares none.

    Returns:
        An importance of the numeric fields, in nats. The detail ``linfoot`` is the
        correlation of normal numbers with that information; where fields are compared,
        ``representative`` is the place of the first field by score that a field is
        redundant to, which may be itself.

    Raises:
        DataError: if there is not one label.
        SchemaError: if there is no numeric field.
    """
    names, columns = numeric_columns(data.train)
    label, labels = one_label(data.train)
    measure = class_information if label.kind == "binary" else mutual_information
    scores = np.array([measure(column, labels) for column in columns.T])
    details = {"linfoot": linfoot(scores)}
    if correlation is not None:
        sample = np.random.default_rng(seed).permutation(len(columns))[:MAX_PAIR_ROWS]
        found = representatives(columns[sample], scores, correlation)
        details["representative"] = found
    return Importance(
        unit="field",
        names=names,
        scores=scores,
        meaning="mutual information with the label, in nats",
        method="mi_screening",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details=details,
    )


def linfoot(information: NDArray[np.float64]) -> NDArray[np.float64]:
    """The correlation of two normal numbers with this information.

    Examples:
        >>> linfoot(np.array([0.0, 0.223144])).round(4)
        array([0. , 0.6])

    Args:
        information: in nats; below zero counts as zero.

    Returns:
        Numbers in [0, 1], of the same shape.
    """
    found: NDArray[np.float64] = np.sqrt(-np.expm1(-2 * np.maximum(information, 0)))
    return found


def class_information(
    numbers: NDArray[np.float64], classes: NDArray[np.float64]
) -> float:
    r"""Estimate the information between a number and a class from a histogram.

    Of 2 to 99 bins with equally many rows the number $D$ is chosen that maximises
    $\sum_{kb} n_{kb} \ln n_{kb} + N \ln D - (D - 1 + (\ln D)^{2.5})$. Equal numbers
    share a bin. Independent ones would have about $(K - 1)(D - 1) / 2N$ nats, which
    are taken off.

    Args:
        numbers: ``(row,)``; rows with NaN are left out.
        classes: ``(row,)``, integers; rows with NaN are left out.

    Returns:
        Nats; may be slightly negative.
    """
    x, y = _complete(numbers, classes)
    kinds, codes = np.unique(y, return_inverse=True)
    num_rows, num_kinds = len(x), len(kinds)
    if num_kinds < 2 or x.min() == x.max():
        return 0.0
    order = np.argsort(x, kind="stable")
    cumulated = np.zeros((num_rows + 1, num_kinds))
    np.cumsum(np.eye(num_kinds)[codes[order]], axis=0, out=cumulated[1:])
    starts = np.flatnonzero(np.diff(x[order], prepend=-np.inf))
    ends = np.append(starts, num_rows)
    best, information = -np.inf, 0.0
    for num_bins in range(2, MAX_BINS + 1):
        wanted = np.arange(num_bins + 1) * num_rows / num_bins
        # A bin begins where the first of some equal numbers stands.
        edges = ends[np.searchsorted(ends, wanted)]
        counts = np.diff(cumulated[edges], axis=0)
        fit = _sum_log(counts) + num_rows * np.log(num_bins)
        worth = fit - (num_bins - 1 + np.log(num_bins) ** 2.5)
        if worth > best:
            best = worth
            bias = (num_kinds - 1) * (num_bins - 1) / (2 * num_rows)
            information = _information(counts / num_rows) - bias
    return information


def mutual_information(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> float:
    """Estimate the information between two numbers from a kernel density.

    Ranks become normal scores; counts on a grid are smoothed with an Epanechnikov
    kernel of Silverman's bandwidth by fast Fourier transform. The estimate is a few
    percent low, as smoothing loosens what it smooths.

    Args:
        first: ``(row,)``; rows with NaN are left out.
        second: ``(row,)``; rows with NaN are left out.

    Returns:
        Nats, zero or positive.
    """
    from scipy.signal import fftconvolve

    x, y = _complete(first, second)
    if len(x) < 2 or x.min() == x.max() or y.min() == y.max():
        return 0.0
    (x_places, x_kernel), (y_places, y_kernel) = map(_on_grid, (x, y))
    counts = np.zeros((GRID, GRID))
    for x_cells, x_share in x_places:
        for y_cells, y_share in y_places:
            counts += np.bincount(
                x_cells * GRID + y_cells, x_share * y_share, GRID * GRID
            ).reshape(GRID, GRID)
    kernel = np.outer(x_kernel, y_kernel)
    density = np.maximum(fftconvolve(counts, kernel, mode="same"), 0.0)
    return _information(density / density.sum())


def representatives(
    columns: NDArray[np.float64], scores: NDArray[np.float64], correlation: float
) -> NDArray[np.float64]:
    """Find out which columns say again what a better one says.

    By falling score, a column is kept unless its information with one that was kept
    exceeds that of two normal numbers of a correlation.

    Args:
        columns: ``(row, column)``; NaN means missing.
        scores: of the columns, ``(column,)``.
        correlation: in [0, 1).

    Returns:
        For each column the place of the kept one that stands for it, ``(column,)``;
        its own where it is kept.
    """
    limit = -0.5 * np.log1p(-(correlation**2))
    found = np.arange(columns.shape[1], dtype=np.float64)
    kept: list[int] = []
    for place in np.argsort(-scores, kind="stable").tolist():
        for other in kept:
            if mutual_information(columns[:, other], columns[:, place]) > limit:
                found[place] = other
                break
        else:
            kept.append(place)
    return found


def _complete(
    first: NDArray[np.float64], second: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rows where neither is missing."""
    seen = ~np.isnan(first) & ~np.isnan(second)
    return first[seen], second[seen]


Places = list[tuple[NDArray[np.int64], NDArray[np.float64]]]


def _on_grid(numbers: NDArray[np.float64]) -> tuple[Places, NDArray[np.float64]]:
    """Normal scores shared out to the points beside them, and a kernel for the grid."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores = ndtri((rankdata(numbers) - 0.5) / len(numbers))
    bandwidth = scores.std() * len(numbers) ** (-1 / 6)
    low = scores.min() - MARGIN * bandwidth
    step = (scores.max() + MARGIN * bandwidth - low) / (GRID - 1)
    places = (scores - low) / step
    cells = places.astype(np.int64)
    above = places - cells
    # An Epanechnikov kernel of variance 1 ends at the root of five.
    reach = np.sqrt(5) * bandwidth / step
    points = np.arange(-int(reach), int(reach) + 1)
    return [(cells, 1 - above), (cells + 1, above)], 1 - (points / reach) ** 2


def _sum_log(counts: NDArray[np.float64]) -> float:
    seen = counts[counts > 0]
    return float((seen * np.log(seen)).sum())


def _information(shares: NDArray[np.float64]) -> float:
    """Of a table of joint probabilities, in nats."""
    return (
        _sum_log(shares) - _sum_log(shares.sum(axis=0)) - _sum_log(shares.sum(axis=1))
    )
