"""The probabilities of the model itself.

Source: Berkson, "Application of the Logistic Function to Bio-Assay", Journal of the
American Statistical Association 1944 (a logit and its probability).
"""

from typing import ClassVar, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import read_vector
from fieldwise.calibration._logistic import sigmoid
from fieldwise.calibration._rows import read_calibration_rows
from fieldwise.calibration._state import StateReader

__all__ = ["IdentityCalibrator"]


@final
class IdentityCalibrator:
    """Leave the logits as they are: ``p = sigmoid(z)``.

    Examples:
        >>> IdentityCalibrator().transform([0.0]).tolist()
        [0.5]

    Attributes:
        name: what ``CALIBRATORS`` calls it.
    """

    name: ClassVar[str] = "identity"

    def fit(
        self, logits: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None
    ) -> "IdentityCalibrator":
        """Check the rows; there is nothing to learn.

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
        read_calibration_rows(logits, labels, weights)
        return self

    def transform(self, logits: ArrayLike) -> NDArray[np.float64]:
        """Turn logits into probabilities.

        Args:
            logits: shape (row,).

        Returns:
            Probabilities, shape (row,).

        Raises:
            ShapeError: if ``logits`` is not a vector of numbers.
            DataError: if a logit is not finite.
        """
        return sigmoid(read_vector("logits", logits, "finite"))

    def to_dict(self) -> dict[str, object]:
        """Give the state in JSON types.

        Returns:
            The state, for ``from_dict``.
        """
        return {"name": self.name}

    @classmethod
    def from_dict(cls, state: object) -> "IdentityCalibrator":
        """Restore a calibrator.

        Args:
            state: what ``to_dict`` gave.

        Returns:
            The calibrator.

        Raises:
            RankerFormatError: if ``state`` is damaged.
        """
        StateReader(state, name=cls.name, keys=()).finish()
        return cls()
