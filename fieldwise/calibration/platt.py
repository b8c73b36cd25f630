"""A straight line through the logits.

Source: Platt, "Probabilistic Outputs for Support Vector Machines and Comparisons to
Regularized Likelihood Methods", Advances in Large Margin Classifiers 1999.
Differences from the paper: the slope may not become negative, and weighted rows count
as the number of rows they are worth.
"""

from typing import ClassVar, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import read_vector
from fieldwise.calibration._logistic import fit_shift, fit_slopes, sigmoid
from fieldwise.calibration._rows import (
    has_signal,
    read_calibration_rows,
    smoothed_targets,
)
from fieldwise.calibration._state import StateReader
from fieldwise.errors import NotFittedError

__all__ = ["PlattCalibrator"]

Vector = NDArray[np.float64]

MIN_SLOPE = 1e-6
"""Smallest slope: the order of the rows is the model's, whatever the labels say."""


@final
class PlattCalibrator:
    r"""Stretch and shift the logits.

    $$p = \sigma(a z + b), \quad a \ge 10^{-6}$$

    The order of the rows, and so the AUC, stays, up to rounding. Rows of one label, or
    of one logit, say nothing about the slope: then ``a = 1``, and ``b`` gives the mean
    of Platt's smoothed targets.

    Examples:
        >>> calibrator = PlattCalibrator().fit([-4.0, 4.0, -4.0, 4.0], [0, 1, 1, 0])
        >>> calibrator.transform([1.0, -3.0]).round(3).tolist()
        [0.5, 0.5]

    Attributes:
        name: what ``CALIBRATORS`` calls it.
        slope_: ``a``, positive; set by ``fit``.
        intercept_: ``b``, in logits; set by ``fit``.
    """

    name: ClassVar[str] = "platt"
    slope_: float
    intercept_: float

    def fit(
        self, logits: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None
    ) -> "PlattCalibrator":
        """Find the slope and the intercept of least log loss.

        Args:
            logits: of rows the model was not trained on, shape (row,).
            labels: what happened, 0 or 1.
            weights: row weights, zero or positive; None means one each.

        Returns:
            self.

        Raises:
            ShapeError: if an argument is not a vector of numbers, or lengths differ.
            DataError: if there is no row, or a value is out of range.
        """
        z, y, w = read_calibration_rows(logits, labels, weights)
        targets = smoothed_targets(y, w)
        if has_signal(z, y):
            self.slope_, self.intercept_ = _fit_line(z, targets, w)
        else:
            self.slope_, self.intercept_ = 1.0, fit_shift(z, targets, w)
        return self

    def transform(self, logits: ArrayLike) -> NDArray[np.float64]:
        """Turn logits into calibrated probabilities.

        Args:
            logits: shape (row,).

        Returns:
            Probabilities, shape (row,).

        Raises:
            NotFittedError: if ``fit`` was not called.
            ShapeError: if ``logits`` is not a vector of numbers.
            DataError: if a logit is not finite.
        """
        self._check_fitted("transform")
        z = read_vector("logits", logits, "finite")
        with np.errstate(over="ignore"):
            return sigmoid(self.slope_ * z + self.intercept_)

    def to_dict(self) -> dict[str, object]:
        """Give the state in JSON types.

        Returns:
            The state, for ``from_dict``.

        Raises:
            NotFittedError: if ``fit`` was not called.
        """
        self._check_fitted("to_dict")
        return {"name": self.name, "slope": self.slope_, "intercept": self.intercept_}

    @classmethod
    def from_dict(cls, state: object) -> "PlattCalibrator":
        """Restore a calibrator.

        Args:
            state: what ``to_dict`` gave.

        Returns:
            The calibrator.

        Raises:
            RankerFormatError: if ``state`` is damaged.
        """
        reader = StateReader(state, name=cls.name, keys=("slope", "intercept"))
        calibrator = cls()
        calibrator.slope_ = reader.number("slope")
        calibrator.intercept_ = reader.number("intercept")
        reader.check("slope", is_right=not calibrator.slope_ <= 0, rule="be positive")
        reader.finish()
        return calibrator

    def _check_fitted(self, action: str) -> None:
        if not hasattr(self, "slope_"):
            message = f"Call PlattCalibrator.fit before {action}."
            raise NotFittedError(message)


def _fit_line(logits: Vector, targets: Vector, weights: Vector) -> tuple[float, float]:
    slopes, intercept = fit_slopes(logits[:, np.newaxis], targets, weights)
    if slopes[0] >= MIN_SLOPE:
        return float(slopes[0]), intercept
    # The loss is convex: beyond the bound, the best slope is the bound itself.
    return MIN_SLOPE, fit_shift(MIN_SLOPE * logits, targets, weights)
