"""Choose the calibrator by cross-validation.

Source: Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning", Springer
2009, section 7.10 (cross-validation and the one-standard-error rule).
Differences from the book: the standard error is that of the difference to the best
calibrator, row by row, which is far smaller than that of the loss itself.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise.calibration._rows import read_calibration_rows
from fieldwise.calibration.identity import IdentityCalibrator
from fieldwise.calibration.registry import CALIBRATORS, Calibrator

__all__ = ["choose_calibrator"]

Vector = NDArray[np.float64]


def choose_calibrator(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    num_folds: int = 5,
    seed: int = 0,
) -> Calibrator:
    """Fit the calibrator whose cross-validated log loss is lowest.

    Of those that are worse than the best by at most one standard error of the
    difference, the simplest is taken: identity, Platt, beta, isotonic. One row alone
    cannot be divided, and gives the identity.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> logits = rng.normal(size=1000)
        >>> labels = rng.random(1000) < 1 / (1 + np.exp(-3 * logits))
        >>> choose_calibrator(logits, labels).name
        'platt'

    Args:
        logits: of rows the model was not trained on, shape (row,).
        labels: what happened, 0 or 1.
        weights: row weights, zero or positive; None means one each.
        num_folds: parts of the rows, each of which judges what the others taught.
        seed: seed of the division into parts.

    Returns:
        The calibrator, fitted on all rows.

    Raises:
        ShapeError: if an argument is not a vector of numbers, or lengths differ.
        DataError: if there is no row, or a value is out of range.
        ValueError: if ``num_folds`` is below 2.
    """
    if num_folds < 2:
        message = f"num_folds must be at least 2, got {num_folds}."
        raise ValueError(message)
    z, y, w = read_calibration_rows(logits, labels, weights)
    if len(z) < 2:
        return IdentityCalibrator()
    folds = _assign_folds(y, min(num_folds, len(z)), seed)
    losses = {name: _held_out_losses(name, z, y, w, folds) for name in CALIBRATORS}
    best = min(losses.values(), key=lambda loss: float(w @ loss))
    chosen = next(
        name for name in CALIBRATORS if _is_as_good(losses[name], best, weights=w)
    )
    return CALIBRATORS[chosen]().fit(z, y, weights=w)


def _assign_folds(labels: Vector, num_folds: int, seed: int) -> NDArray[np.intp]:
    """Deal the shuffled rows out, one label after the other: folds are alike."""
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    folds = np.empty(len(labels), np.intp)
    folds[order] = np.arange(len(labels)) % num_folds
    return folds


def _held_out_losses(
    name: str, logits: Vector, labels: Vector, weights: Vector, folds: NDArray[np.intp]
) -> Vector:
    """Log loss of each row under the calibrator fitted without its fold, in nats."""
    probabilities = np.empty(len(labels))
    for fold in range(folds.max() + 1):
        held_out = folds == fold
        rest = ~held_out
        calibrator = CALIBRATORS[name]().fit(
            logits[rest], labels[rest], weights=weights[rest]
        )
        probabilities[held_out] = calibrator.transform(logits[held_out])
    eps = np.finfo(np.float64).eps
    true_label = np.where(labels == 1, probabilities, 1 - probabilities)
    losses: Vector = -np.log(np.clip(true_label, eps, None))
    return losses


def _is_as_good(losses: Vector, best: Vector, *, weights: Vector) -> bool:
    excess = losses - best
    mean = np.average(excess, weights=weights)
    error = np.sqrt(np.sum((weights * (excess - mean)) ** 2)) / weights.sum()
    return bool(mean <= error)
