"""Every calibrator by name, from the simplest to the most flexible.

Source: none; the calibrators name theirs.
"""

from collections.abc import Mapping
from typing import TypeAlias

from fieldwise.calibration._state import describe
from fieldwise.calibration.beta import BetaCalibrator
from fieldwise.calibration.identity import IdentityCalibrator
from fieldwise.calibration.isotonic import IsotonicCalibrator
from fieldwise.calibration.platt import PlattCalibrator
from fieldwise.errors import RankerFormatError

__all__ = ["CALIBRATORS", "Calibrator", "load_calibrator"]

Calibrator: TypeAlias = (
    IdentityCalibrator | PlattCalibrator | BetaCalibrator | IsotonicCalibrator
)

CALIBRATORS: Mapping[str, type[Calibrator]] = {
    "identity": IdentityCalibrator,
    "platt": PlattCalibrator,
    "beta": BetaCalibrator,
    "isotonic": IsotonicCalibrator,
}


def load_calibrator(state: object) -> Calibrator:
    """Restore a calibrator of any kind.

    Examples:
        >>> state = {"name": "platt", "slope": 2.0, "intercept": 0.0}
        >>> load_calibrator(state).transform([0.0]).tolist()
        [0.5]

    Args:
        state: what ``to_dict`` of a calibrator gave.

    Returns:
        The calibrator.

    Raises:
        RankerFormatError: if ``state`` is damaged or of an unknown kind.
    """
    name = state.get("name") if isinstance(state, dict) else None
    if not isinstance(name, str) or name not in CALIBRATORS:
        known = ", ".join(map(repr, CALIBRATORS))
        message = (
            f"calibrator must be a dictionary whose name is one of {known}, "
            f"got {describe(name if isinstance(state, dict) else state)}."
        )
        raise RankerFormatError(message)
    return CALIBRATORS[name].from_dict(state)
