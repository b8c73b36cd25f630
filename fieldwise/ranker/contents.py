"""What a ranker is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from torch import nn

from fieldwise.calibration import Calibrator
from fieldwise.data.encoder import Encoder

__all__ = ["RankerContents"]


@final
@dataclass(frozen=True)
class RankerContents:
    """Everything a saved ranker holds.

    Args:
        encoder: the fitted encoder.
        model: the trained model.
        calibrators: one per label; None for real labels.
        model_name: name in ``MODELS``.
        model_arguments: what the model was built with, beside the schema.
        negative_rate: share of negatives kept in the log it was fitted on.
        info: metrics, recipe, fingerprints, environment: JSON types only.
    """

    encoder: Encoder
    model: nn.Module
    calibrators: Sequence[Calibrator | None]
    model_name: str
    model_arguments: Mapping[str, Any]
    negative_rate: float
    info: Mapping[str, Any]
