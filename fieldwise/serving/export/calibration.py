"""Calibrators as layers of torch, so that an exported file can hold them.

The references are ``fieldwise.calibration`` and ``fieldwise.ranker.evaluation``. All is
computed in float64, as there.
"""

from typing import assert_never, final

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor, nn

from fieldwise.calibration import Calibrator
from fieldwise.calibration.beta import BetaCalibrator
from fieldwise.calibration.identity import IdentityCalibrator
from fieldwise.calibration.isotonic import IsotonicCalibrator
from fieldwise.calibration.platt import PlattCalibrator
from fieldwise.schema import Label

__all__ = ["Curve", "DownSampling", "Line", "Staircase", "calibration_layer"]

Logits = Float[Tensor, " batch"]


@final
class Line(nn.Module):
    """``factor * z + constant``, in float64.

    Args:
        factor: slope, or scale of a real label.
        constant: added afterwards.
    """

    def __init__(self, factor: float, constant: float) -> None:
        super().__init__()
        self.factor = factor
        self.constant = constant

    def forward(self, logits: Logits) -> Logits:
        """Stretch and shift."""
        return logits * self.factor + self.constant


@final
class Curve(nn.Module):
    """``a ln p - b ln(1 - p) + c``: the logit that beta calibration gives.

    Args:
        low: ``a``.
        high: ``b``.
        constant: ``c``.
    """

    def __init__(self, low: float, high: float, constant: float) -> None:
        super().__init__()
        self.low = low
        self.high = high
        self.constant = constant

    def forward(self, logits: Logits) -> Logits:
        """Bend."""
        rising, falling = F.softplus(logits), F.softplus(-logits)
        return self.high * rising - self.low * falling + self.constant


@final
class Staircase(nn.Module):
    """Probabilities between the thresholds of an isotonic calibrator.

    Args:
        logits: thresholds, rising.
        probabilities: at the thresholds.
    """

    logits: Tensor
    probabilities: Tensor

    def __init__(
        self, logits: NDArray[np.float64], probabilities: NDArray[np.float64]
    ) -> None:
        super().__init__()
        self.low, self.high = float(logits[0]), float(logits[-1])
        self.last = len(logits) - 1
        self.register_buffer("logits", torch.tensor(logits))
        self.register_buffer("probabilities", torch.tensor(probabilities))

    def forward(self, logits: Logits) -> Logits:
        """Interpolate."""
        z = logits.clamp(self.low, self.high)
        right = torch.searchsorted(self.logits, z, right=True).clamp(max=self.last)
        left = (right - 1).clamp(min=0)
        start, low = self.logits[left], self.probabilities[left]
        rise = self.probabilities[right] - low
        # A staircase of one threshold has no width.
        width = torch.where(right > left, self.logits[right] - start, 1.0)
        return low + rise * ((z - start) / width)


@final
class DownSampling(nn.Module):
    """Probabilities of all rows, from those of rows some negatives are missing of.

    Args:
        negative_rate: share of the negatives that were kept.
    """

    def __init__(self, negative_rate: float) -> None:
        super().__init__()
        self.negative_rate = negative_rate

    def forward(self, probabilities: Logits) -> Logits:
        """Correct."""
        kept = probabilities * self.negative_rate
        return kept / (kept + (1 - probabilities))


def calibration_layer(
    label: Label, calibrator: Calibrator | None, negative_rate: float
) -> nn.Sequential:
    """Make the layer that does what a ranker does with logits.

    Args:
        label: what the logits are of.
        calibrator: of the ranker; None for a real label.
        negative_rate: share of negatives kept in the log the ranker was fitted on.

    Returns:
        Float64 logits ``(batch,)`` to probabilities, or to values of a real label.
    """
    if calibrator is None:
        return nn.Sequential(Line(label.scale, label.center))
    layers = _layers(calibrator)
    if negative_rate != 1:
        layers.append(DownSampling(negative_rate))
    return nn.Sequential(*layers)


def _layers(calibrator: Calibrator) -> list[nn.Module]:
    match calibrator:
        case IdentityCalibrator():
            return [nn.Sigmoid()]
        case PlattCalibrator():
            return [Line(calibrator.slope_, calibrator.intercept_), nn.Sigmoid()]
        case BetaCalibrator():
            low, high = calibrator.low_exponent_, calibrator.high_exponent_
            return [Curve(low, high, calibrator.intercept_), nn.Sigmoid()]
        case IsotonicCalibrator():
            if not len(calibrator.logit_thresholds_):
                return [Line(1.0, calibrator.shift_), nn.Sigmoid()]
            return [
                Staircase(
                    calibrator.logit_thresholds_, calibrator.probability_thresholds_
                )
            ]
        case _:
            assert_never(calibrator)
