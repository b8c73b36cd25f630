"""Beta calibration: probabilities that bend differently near 0 and near 1.

Source: Kull, Silva Filho, Flach, "Beta calibration: a well-founded and easily
implemented improvement on logistic calibration for binary classifiers", AISTATS 2017,
equation 3 and section 4.2.
Differences from the paper: Platt's smoothed targets and a faint pull of ``a`` and ``b``
towards 1 (standard deviation 100) keep the fit finite where rows are few or on one
side of 1/2; if dropping one negative coefficient leaves the other negative, both
become tiny, so that the order of the rows stays.
"""

from typing import ClassVar, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import read_vector
from fieldwise.calibration._logistic import fit_shift, fit_slopes, log_sigmoid, sigmoid
from fieldwise.calibration._rows import (
    has_signal,
    read_calibration_rows,
    smoothed_targets,
)
from fieldwise.calibration._state import StateReader
from fieldwise.errors import NotFittedError

__all__ = ["BetaCalibrator"]

Vector = NDArray[np.float64]

MIN_EXPONENT = 1e-6
"""Both exponents, if the labels contradict the order of the rows."""
PRIOR_DEVIATION = 100.0
"""How far from 1 the exponents may easily go."""


@final
class BetaCalibrator:
    r"""Weigh the two log-probabilities of the model.

    $$\operatorname{logit} p' = a \ln p - b \ln(1 - p) + c, \quad a, b \ge 0$$

    The order of the rows stays, up to rounding. With ``a = b = 1, c = 0`` it is the
    identity, with ``a = b`` it is Platt's line. Rows of one label, or of one logit, say
    nothing about ``a`` and ``b``: then both are 1, and ``c`` gives the mean of Platt's
    smoothed targets.

    Examples:
        >>> calibrator = BetaCalibrator().fit([-4.0, 4.0, -4.0, 4.0], [0, 1, 1, 0])
        >>> calibrator.transform([1.0, -3.0]).round(3).tolist()
        [0.5, 0.5]

    Attributes:
        name: what ``CALIBRATORS`` calls it.
        low_exponent_: ``a``, the power of ``p``, zero or positive; set by ``fit``.
        high_exponent_: ``b``, the power of ``1 - p``, zero or positive; set by ``fit``.
        intercept_: ``c``, in logits; set by ``fit``.
    """

    name: ClassVar[str] = "beta"
    low_exponent_: float
    high_exponent_: float
    intercept_: float

    def fit(
        self, logits: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None
    ) -> "BetaCalibrator":
        """Find the exponents and the intercept of least log loss.

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
            a, b, c = _fit_curve(z, targets, w)
        else:
            a, b, c = 1.0, 1.0, fit_shift(z, targets, w)
        self.low_exponent_, self.high_exponent_, self.intercept_ = a, b, c
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
        low, high = log_sigmoid(z), -log_sigmoid(-z)
        with np.errstate(over="ignore"):
            return sigmoid(
                self.low_exponent_ * low + self.high_exponent_ * high + self.intercept_
            )

    def to_dict(self) -> dict[str, object]:
        """Give the state in JSON types.

        Returns:
            The state, for ``from_dict``.

        Raises:
            NotFittedError: if ``fit`` was not called.
        """
        self._check_fitted("to_dict")
        return {
            "name": self.name,
            "low_exponent": self.low_exponent_,
            "high_exponent": self.high_exponent_,
            "intercept": self.intercept_,
        }

    @classmethod
    def from_dict(cls, state: object) -> "BetaCalibrator":
        """Restore a calibrator.

        Args:
            state: what ``to_dict`` gave.

        Returns:
            The calibrator.

        Raises:
            RankerFormatError: if ``state`` is damaged.
        """
        keys = ("low_exponent", "high_exponent", "intercept")
        reader = StateReader(state, name=cls.name, keys=keys)
        low, high, intercept = (reader.number(key) for key in keys)
        for key, value in (("low_exponent", low), ("high_exponent", high)):
            reader.check(key, is_right=not value < 0, rule="be zero or positive")
        both_zero = low == 0 and high == 0
        reader.check(
            "low_exponent", is_right=not both_zero, rule="be positive if the other is 0"
        )
        reader.finish()
        calibrator = cls()
        calibrator.low_exponent_ = low
        calibrator.high_exponent_ = high
        calibrator.intercept_ = intercept
        return calibrator

    def _check_fitted(self, action: str) -> None:
        if not hasattr(self, "intercept_"):
            message = f"Call BetaCalibrator.fit before {action}."
            raise NotFittedError(message)


def _fit_curve(
    logits: Vector, targets: Vector, weights: Vector
) -> tuple[float, float, float]:
    columns = np.stack([log_sigmoid(logits), -log_sigmoid(-logits)], axis=1)
    exponents, intercept = _fit_kept(columns, [0, 1], targets, weights)
    # If one exponent is negative, the best pair without has a zero in its place (the
    # loss is convex). If both are, either may have to go, or neither helps.
    for dropped in np.flatnonzero(exponents < 0).tolist():
        exponents, intercept = _fit_kept(columns, [1 - dropped], targets, weights)
        if exponents.max() > 0:
            break
    if exponents.min() < 0 or exponents.max() == 0:
        exponents = np.full(2, MIN_EXPONENT)
        intercept = fit_shift(MIN_EXPONENT * logits, targets, weights)
    return float(exponents[0]), float(exponents[1]), intercept


def _fit_kept(
    columns: NDArray[np.float64], kept: list[int], targets: Vector, weights: Vector
) -> tuple[Vector, float]:
    exponents = np.zeros(2)
    exponents[kept], intercept = fit_slopes(
        columns[:, kept], targets, weights, prior_deviation=PRIOR_DEVIATION
    )
    return exponents, intercept
