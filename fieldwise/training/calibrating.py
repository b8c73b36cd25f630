"""Calibrate a trained model on rows it was not trained on."""

import numpy as np
from numpy.typing import NDArray
from torch import nn

from fieldwise.calibration import (
    CALIBRATORS,
    Calibrator,
    IdentityCalibrator,
    choose_calibrator,
)
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.scoring import score_batches

__all__ = ["fit_calibrators"]

SCORING_BATCH = 8192


def fit_calibrators(
    model: nn.Module, dataset: Dataset, calibration: str
) -> list[Calibrator | None]:
    """Fit one calibrator per label.

    Args:
        model: a trained model.
        dataset: labelled rows it was not trained on.
        calibration: a name in ``CALIBRATORS``, or ``auto`` for the one with the best
            cross-validated log loss.

    Returns:
        The calibrators, on rows with an observed label and a weight; None for real
        labels, the identity where there are no such rows.
    """
    batches = Loader(dataset, batch_size=SCORING_BATCH).epoch(0)
    logits = score_batches(model, batches).reshape(len(dataset), -1)
    labels = dataset.labels.astype(np.float64)
    given = dataset.weights
    weights = np.ones(len(dataset)) if given is None else given.astype(np.float64)
    return [
        None
        if label.kind == "real"
        else _fit(logits[:, task], labels[:, task], weights, calibration)
        for task, label in enumerate(dataset.schema.labels)
    ]


def _fit(
    logits: NDArray[np.float64],
    labels: NDArray[np.float64],
    weights: NDArray[np.float64],
    calibration: str,
) -> Calibrator:
    counts = ~np.isnan(labels) & (weights > 0)
    if not counts.any():
        return IdentityCalibrator()
    rows = logits[counts], labels[counts]
    if calibration == "auto":
        return choose_calibrator(*rows, weights=weights[counts])
    return CALIBRATORS[calibration]().fit(*rows, weights=weights[counts])
