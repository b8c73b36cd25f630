"""Vectors on a sphere on which no direction is more common than another."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from fieldwise.errors import DataError, ShapeError

__all__ = ["whitened"]

RIDGE = 1e-5
"""Of the mean variance, added to each: with fewer rows than numbers some have none."""

FLOOR = 1e-3
"""Of the median length; a shorter vector is all noise once it is scaled to one."""

Vectors = NDArray[np.float64]


def whitened(*several: Vectors) -> tuple[Vectors, ...]:
    """Whiten vectors together, and scale each to the length one.

    Inner products of the results do not change when all vectors go through the same
    invertible matrix before.

    Args:
        *several: vectors of the same length, ``(row, dim)`` each.

    Returns:
        As many arrays of the same shapes; a row of zeros where a vector is so short
        that its direction says nothing.

    Raises:
        ShapeError: if lengths differ.
        DataError: if there is no vector, or a number is not finite.
    """
    if len({vectors.shape[1] for vectors in several}) != 1:
        shapes = [vectors.shape for vectors in several]
        message = f"several must have vectors of one length, got shapes {shapes}."
        raise ShapeError(message)
    stacked = np.concatenate(several)
    if not (stacked.size and np.isfinite(stacked).all()):
        message = (
            "several must hold finite numbers, got none or some that are not. "
            "Did the training of the model diverge?"
        )
        raise DataError(message)
    centered = stacked - stacked.mean(axis=0)
    covariance = centered.T @ centered / len(centered)
    ridge = RIDGE * float(np.trace(covariance)) / len(covariance) or 1.0
    root = np.linalg.cholesky(covariance + ridge * np.eye(len(covariance)))
    white = solve_triangular(root, centered.T, lower=True).T
    lengths = np.linalg.norm(stacked, axis=1)
    says_something = lengths > FLOOR * np.median(lengths)
    norms = np.linalg.norm(white, axis=1, keepdims=True)
    unit = np.where(says_something[:, None], white / np.maximum(norms, 1e-300), 0.0)
    ends = np.cumsum([len(vectors) for vectors in several])
    return tuple(np.split(unit, ends[:-1]))
