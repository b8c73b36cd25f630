"""Any rising staircase.

Source: Zadrozny, Elkan, "Transforming Classifier Scores into Accurate Multiclass
Probability Estimates", KDD 2002.
Differences from the paper: probabilities are kept away from 0 and 1, between the steps
the line is straight, and rows of one label shift the logits instead of losing all
order.
"""

from typing import ClassVar, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import read_vector
from fieldwise.calibration._logistic import fit_shift, sigmoid
from fieldwise.calibration._rows import (
    has_signal,
    read_calibration_rows,
    smoothed_targets,
)
from fieldwise.calibration._state import StateReader
from fieldwise.errors import NotFittedError

__all__ = ["IsotonicCalibrator"]


@final
class IsotonicCalibrator:
    """Give each logit the mean label of its neighbours, rising with the logit.

    Between two thresholds the probability is interpolated, outside it stays that of
    the nearest one. It stays in [1 / (n + 2), (n + 1) / (n + 2)], where n is the number
    of rows the weighted rows are worth, so that no later row costs an infinite loss.
    Rows on one step tie: the AUC can change a little.

    Rows of one label, or of one logit, have no staircase: then the logits are shifted
    to the mean of Platt's smoothed targets.

    Examples:
        >>> calibrator = IsotonicCalibrator().fit([0.0, 1.0, 2.0, 3.0], [0, 1, 0, 1])
        >>> calibrator.transform([1.0, 2.0]).tolist()
        [0.5, 0.5]

    Attributes:
        name: what ``CALIBRATORS`` calls it.
        logit_thresholds_: rising, shape (threshold,), empty if there is only a shift;
            set by ``fit``.
        probability_thresholds_: at these logits, shape (threshold,); set by ``fit``.
        shift_: added to the logits if there are no thresholds, else 0; set by ``fit``.
    """

    name: ClassVar[str] = "isotonic"
    logit_thresholds_: NDArray[np.float64]
    probability_thresholds_: NDArray[np.float64]
    shift_: float

    def fit(
        self, logits: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None
    ) -> "IsotonicCalibrator":
        """Find the rising staircase of least squared error.

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
        # A server that only applies a calibrator need not load scikit-learn.
        from sklearn.isotonic import IsotonicRegression

        z, y, w = read_calibration_rows(logits, labels, weights)
        if not has_signal(z, y):
            self.logit_thresholds_ = self.probability_thresholds_ = np.empty(0)
            self.shift_ = fit_shift(z, smoothed_targets(y, w), w)
            return self
        fitted = IsotonicRegression().fit(z, y, sample_weight=w)
        margin = 1 / (w.sum() + 2)
        self.logit_thresholds_ = fitted.X_thresholds_
        self.probability_thresholds_ = np.clip(fitted.y_thresholds_, margin, 1 - margin)
        self.shift_ = 0.0
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
        if not len(self.logit_thresholds_):
            return sigmoid(z + self.shift_)
        return np.interp(z, self.logit_thresholds_, self.probability_thresholds_)

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
            "logit_thresholds": self.logit_thresholds_.tolist(),
            "probability_thresholds": self.probability_thresholds_.tolist(),
            "shift": self.shift_,
        }

    @classmethod
    def from_dict(cls, state: object) -> "IsotonicCalibrator":
        """Restore a calibrator.

        Args:
            state: what ``to_dict`` gave.

        Returns:
            The calibrator.

        Raises:
            RankerFormatError: if ``state`` is damaged.
        """
        keys = ("logit_thresholds", "probability_thresholds", "shift")
        reader = StateReader(state, name=cls.name, keys=keys)
        logits, probabilities = (reader.numbers(key) for key in keys[:2])
        shift = reader.number("shift")
        reader.check(keys[0], is_right=_is_rising(logits), rule="rise")
        reader.check(
            keys[1], is_right=_are_probabilities(probabilities), rule="rise in (0, 1)"
        )
        same_length = len(logits) == len(probabilities)
        reader.check(keys[1], is_right=same_length, rule="be as long as the logits")
        no_shift = not len(logits) or shift == 0
        reader.check("shift", is_right=no_shift, rule="be 0 beside thresholds")
        reader.finish()
        calibrator = cls()
        calibrator.logit_thresholds_ = logits
        calibrator.probability_thresholds_ = probabilities
        calibrator.shift_ = shift
        return calibrator

    def _check_fitted(self, action: str) -> None:
        if not hasattr(self, "shift_"):
            message = f"Call IsotonicCalibrator.fit before {action}."
            raise NotFittedError(message)


def _is_rising(logits: NDArray[np.float64]) -> bool:
    return bool(np.all(logits[1:] > logits[:-1]))


def _are_probabilities(values: NDArray[np.float64]) -> bool:
    inside = np.all((values > 0) & (values < 1))
    return bool(inside and np.all(values[1:] >= values[:-1]))
