"""Whether probabilities mean what they say.

Source: Naeini, Cooper, Hauskrecht, "Obtaining Well Calibrated Probabilities Using
Bayesian Binning", AAAI 2015, and Guo et al., "On Calibration of Modern Neural
Networks", ICML 2017, equation 3 (expected calibration error); Graepel et al.,
"Web-Scale Bayesian Click-Through Rate Prediction for Sponsored Search Advertising in
Microsoft's Bing Search Engine", ICML 2010 (ratio of predicted to observed clicks).
"""

from dataclasses import dataclass
from typing import Literal, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import check_choice, check_positive, read_rows
from fieldwise.errors import DataError

__all__ = [
    "ReliabilityTable",
    "calibration_ratio",
    "expected_calibration_error",
    "reliability_table",
]


@final
@dataclass(frozen=True, eq=False)
class ReliabilityTable:
    """What was predicted and what happened, in bins of the probability.

    Bin ``b`` holds the probabilities above ``bin_edges[b]``, up to and including
    ``bin_edges[b + 1]``; the first one also holds 0.

    Args:
        bin_edges: from 0 to 1, shape (bin + 1,).
        mean_probability: weighted mean of each bin, NaN where it is empty.
        mean_label: weighted mean of each bin, NaN where it is empty.
        weight: total weight of each bin; rows, when rows have no weights.
    """

    bin_edges: NDArray[np.float64]
    mean_probability: NDArray[np.float64]
    mean_label: NDArray[np.float64]
    weight: NDArray[np.float64]


def calibration_ratio(
    labels: ArrayLike, predictions: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    """Divide the sum of the predictions by the sum of the labels.

    No unit; 1 is best: above it the predictions are too high on the whole.

    Examples:
        >>> calibration_ratio([1, 0, 0, 1], [0.5, 0.25, 0.25, 0.5])
        0.75

    Args:
        labels: what happened: 0 or 1, or any number such as a value in money.
        predictions: what was expected, probabilities when labels are 0 or 1.
        weights: row weights, zero or positive; None means one each.

    Returns:
        The ratio.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, a value is not finite, or the labels do not sum
            to a positive number.
    """
    y, predicted, w = read_rows(
        {"labels": (labels, "finite"), "predictions": (predictions, "finite")}, weights
    )
    total = w @ y
    if not total > 0:
        message = (
            f"labels must have a positive sum, got {total}. Without one there is "
            "nothing to compare the predictions with."
        )
        raise DataError(message)
    return float(w @ predicted / total)


def reliability_table(
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    num_bins: int = 15,
    binning: Literal["width", "mass"] = "width",
) -> ReliabilityTable:
    """Compare probabilities with labels, bin by bin of the probability.

    Examples:
        >>> table = reliability_table([0, 1, 1], [0.2, 0.4, 0.9], num_bins=2)
        >>> table.bin_edges.tolist(), table.weight.tolist(), table.mean_label.tolist()
        ([0.0, 0.5, 1.0], [2.0, 1.0], [0.5, 1.0])

    Args:
        labels: what happened, 0 or 1.
        probabilities: probability of label 1, in [0, 1].
        weights: row weights, zero or positive; None means one each.
        num_bins: bins, some of which may be empty.
        binning: "width" for bins of one width, "mass" for bins of one total weight,
            as far as ties allow: equal probabilities always share a bin. Where
            clicks are rare, "width" puts nearly every row into its first bin.

    Returns:
        The table.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, or a value is out of range.
        ValueError: if ``num_bins`` is not positive or ``binning`` is unknown.
    """
    check_positive("num_bins", num_bins)
    check_choice("binning", binning, ("width", "mass"))
    y, p, w = read_rows(
        {"labels": (labels, "binary"), "probabilities": (probabilities, "share")},
        weights,
    )
    edges = np.linspace(0, 1, num_bins + 1)
    if binning == "mass":
        edges[1:-1] = _mass_quantiles(p, w, num_bins)
    bins = np.searchsorted(edges[1:-1], p, side="left")
    weight = np.bincount(bins, weights=w, minlength=num_bins).astype(np.float64)
    return ReliabilityTable(
        bin_edges=edges,
        mean_probability=_bin_means(p, bins, w, weight),
        mean_label=_bin_means(y, bins, w, weight),
        weight=weight,
    )


def expected_calibration_error(
    labels: ArrayLike,
    probabilities: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    num_bins: int = 15,
    binning: Literal["width", "mass"] = "width",
) -> float:
    """Average the distance of mean probability and mean label over the bins.

    In units of probability, in [0, 1]; lower is better. Noise in the bins adds to it,
    so compare it between models on the same rows and bins only.

    Examples:
        >>> round(expected_calibration_error([0, 1, 1], [0.2, 0.4, 0.9], num_bins=2), 6)
        0.166667

    Args:
        labels: what happened, 0 or 1.
        probabilities: probability of label 1, in [0, 1].
        weights: row weights, zero or positive; None means one each.
        num_bins: bins, as in ``reliability_table``.
        binning: "width" or "mass", as in ``reliability_table``.

    Returns:
        The expected calibration error.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, or a value is out of range.
        ValueError: if ``num_bins`` is not positive or ``binning`` is unknown.
    """
    table = reliability_table(
        labels, probabilities, weights=weights, num_bins=num_bins, binning=binning
    )
    filled = table.weight > 0
    gaps = np.abs(table.mean_probability - table.mean_label)
    return float(np.average(gaps[filled], weights=table.weight[filled]))


def _mass_quantiles(
    probabilities: NDArray[np.float64], weights: NDArray[np.float64], num_bins: int
) -> NDArray[np.float64]:
    """Probabilities at which one bin's share of the weight after another is full."""
    order = np.argsort(probabilities)
    filled = np.cumsum(weights[order])
    wanted = filled[-1] * np.arange(1, num_bins) / num_bins
    quantiles: NDArray[np.float64]
    quantiles = probabilities[order][np.searchsorted(filled, wanted, side="left")]
    return quantiles


def _bin_means(
    values: NDArray[np.float64],
    bins: NDArray[np.intp],
    weights: NDArray[np.float64],
    totals: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Weighted mean of the values of each bin, NaN where it is empty."""
    means = np.full(len(totals), np.nan)
    sums = np.bincount(bins, weights=weights * values, minlength=len(totals))
    np.divide(sums, totals, out=means, where=totals > 0)
    return means
