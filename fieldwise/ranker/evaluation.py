"""From logits to what a ranker says, and how right that is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwise._checks import read_vector
from fieldwise.calibration import (
    Calibrator,
    IdentityCalibrator,
    correct_down_sampling,
    down_sampling_logit_shift,
)
from fieldwise.data.dataset import Dataset
from fieldwise.metrics.summary import summarise
from fieldwise.schema import Label

__all__ = ["measure", "to_values", "without_calibration"]

Calibrators = Sequence[Calibrator | None]
Array = NDArray[np.float64]


def without_calibration(calibrators: Calibrators) -> list[Calibrator | None]:
    """Calibrators that leave probabilities as they are.

    Args:
        calibrators: one per label; None for real labels.

    Returns:
        The identity where there is a calibrator.
    """
    return [None if item is None else IdentityCalibrator() for item in calibrators]


def to_values(
    logits: Array,
    labels: Sequence[Label],
    calibrators: Calibrators,
    *,
    negative_rate: float,
) -> Array:
    """Turn logits into probabilities, or values in the unit of a real label.

    Args:
        logits: ``(row, task)``.
        labels: one per task.
        calibrators: one per label; None for real labels.
        negative_rate: share of negatives kept in the log the logits are about.

    Returns:
        Probabilities of the full log, and values, ``(row, task)``.

    Raises:
        DataError: if a logit or a value is not finite.
    """
    values = np.empty_like(logits)
    for task, (label, calibrator) in enumerate(zip(labels, calibrators, strict=True)):
        column = logits[:, task]
        if calibrator is None:
            with np.errstate(over="ignore", invalid="ignore"):
                real = column * label.scale + label.center
            values[:, task] = read_vector("values", real, "finite")
        else:
            values[:, task] = correct_down_sampling(
                calibrator.transform(column), negative_rate=negative_rate
            )
    return values


def measure(
    dataset: Dataset,
    values: Array,
    *,
    uncalibrated: Array | None = None,
    negative_rate: float = 1.0,
) -> dict[str, Any]:
    """Compare predictions with labels.

    Args:
        dataset: labelled rows.
        values: probabilities, or values in the unit of a real label, ``(row, task)``.
        uncalibrated: the same before calibration.
        negative_rate: share of negatives that were kept in these rows; each counts
            for those that were dropped, too.

    Returns:
        Metrics by name; with several labels, by label and name.
    """
    targets = dataset.labels.astype(np.float64)
    weights = dataset.weights
    found = {}
    for task, label in enumerate(dataset.schema.labels):
        target = targets[:, task]
        is_real = label.kind == "real"
        before = None if uncalibrated is None or is_real else uncalibrated[:, task]
        found[label.name] = summarise(
            target * label.scale + label.center if is_real else target,
            values[:, task],
            kind="real" if is_real else "binary",
            uncalibrated=before,
            weights=weights if is_real else _scaled(weights, target, negative_rate),
            groups=dataset.groups,
        )
    return found if len(found) > 1 else next(iter(found.values()))


def _scaled(
    weights: NDArray[np.float32] | None, target: Array, negative_rate: float
) -> NDArray[np.float32] | Array | None:
    if negative_rate == 1:
        return weights
    per_negative = np.exp(-down_sampling_logit_shift(negative_rate))
    scales = np.where(target == 0, per_negative, 1.0)
    return scales if weights is None else weights * scales
