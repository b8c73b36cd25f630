"""Make probabilities mean what they say, on rows the model was not trained on."""

from fieldwise.calibration.beta import BetaCalibrator
from fieldwise.calibration.choosing import choose_calibrator
from fieldwise.calibration.down_sampling import (
    correct_down_sampling,
    down_sampling_logit_shift,
)
from fieldwise.calibration.identity import IdentityCalibrator
from fieldwise.calibration.isotonic import IsotonicCalibrator
from fieldwise.calibration.platt import PlattCalibrator
from fieldwise.calibration.prior_shift import prior_logit_shift
from fieldwise.calibration.registry import CALIBRATORS, Calibrator, load_calibrator

__all__ = [
    "CALIBRATORS",
    "BetaCalibrator",
    "Calibrator",
    "IdentityCalibrator",
    "IsotonicCalibrator",
    "PlattCalibrator",
    "choose_calibrator",
    "correct_down_sampling",
    "down_sampling_logit_shift",
    "load_calibrator",
    "prior_logit_shift",
]
