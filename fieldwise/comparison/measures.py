"""What systems are measured by, and which measure decides their order."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwise.comparison.measured_rows import MeasuredRows
from fieldwise.errors import DataError

__all__ = [
    "MEASURES",
    "choose_measure",
    "combine_metrics",
    "higher_is_better",
    "row_losses",
    "tasks_of",
]

MEASURES: Mapping[str, str] = {
    "auc": "AUC",
    "log_loss": "log loss",
    "ece": "ECE",
    "squared_error": "squared error",
}
"""Measures by name, as people call them. The first that the rows allow decides."""

Vector = NDArray[np.float64]


def higher_is_better(measure: str) -> bool:
    """Whether a measure grows with quality.

    Args:
        measure: name in ``MEASURES``.

    Returns:
        True for the AUC only.
    """
    return measure == "auc"


def choose_measure(rows: MeasuredRows) -> str:
    """Choose the measure that decides the order.

    Args:
        rows: that systems are compared on.

    Returns:
        ``auc`` where a binary label has both classes, ``log_loss`` where it has one,
        ``squared_error`` where every label is real.

    Raises:
        DataError: if no row has a label.
    """
    for measure in ("auc", "log_loss", "squared_error"):
        if tasks_of(measure, rows):
            return measure
    message = "the measured rows must have an observed label, got none."
    raise DataError(message)


def tasks_of(measure: str, rows: MeasuredRows) -> list[int]:
    """Labels that have a measure.

    Args:
        measure: name in ``MEASURES``.
        rows: that systems are compared on.

    Returns:
        Numbers of the labels; a measure is the mean over them.
    """
    found = []
    for task, kind in enumerate(rows.kinds):
        labels = rows.labels[rows.observed(task), task]
        if (kind == "real") != (measure == "squared_error") or not len(labels):
            continue
        if measure != "auc" or labels.min() < labels.max():
            found.append(task)
    return found


def row_losses(measure: str, rows: MeasuredRows, task: int, values: Vector) -> Vector:
    """What each row costs, by a measure that is a mean over rows.

    Args:
        measure: ``log_loss`` or ``squared_error``.
        rows: that systems are compared on.
        task: number of the label.
        values: what a system says, of the observed rows.

    Returns:
        The losses of the observed rows. Where several labels are real, in shares of
        their variance: their units cannot be added.
    """
    observed = rows.observed(task)
    labels = rows.labels[observed, task]
    if measure == "log_loss":
        eps = np.finfo(np.float32).eps
        right = np.clip(np.where(labels == 1, values, 1 - values), eps, 1.0)
        return np.asarray(-np.log(right))
    errors = (labels - values) ** 2
    if rows.kinds.count("real") == 1:
        return np.asarray(errors)
    weights = None if rows.weights is None else rows.weights[observed]
    deviations = labels - np.average(labels, weights=weights)
    variance = np.average(deviations**2, weights=weights)
    return np.asarray(errors / variance if variance > 0 else errors)


def combine_metrics(
    metrics: Mapping[str, Any], names: tuple[str, ...]
) -> dict[str, float]:
    """Bring the metrics of one fit into one row of numbers.

    Examples:
        >>> a, b = {"auc": 0.75, "ece": 0.125}, {"rmse": 2.0, "r2": 0.5}
        >>> combine_metrics(a, ("click",))
        {'auc': 0.75, 'ece': 0.125}
        >>> combine_metrics({"click": a, "pay": b}, ("click", "pay"))["squared_error"]
        4.0

    Args:
        metrics: by name; with several labels, by label and name.
        names: of the labels.

    Returns:
        Each measure as its mean over the labels that have it; with several labels also
        ``MEASURE_of_LABEL``. The squared error of several real labels is the mean share
        of their variance.
    """
    by_label = {names[0]: metrics} if len(names) == 1 else metrics
    real = [label for label in names if "rmse" in by_label[label]]
    found: dict[str, list[float]] = {}
    single: dict[str, float] = {}
    for label in names:
        values = dict(by_label[label])
        if "rmse" in values:
            values["squared_error"] = values["rmse"] ** 2
        for measure in (name for name in MEASURES if name in values):
            single[f"{measure}_of_{label}"] = float(values[measure])
            if measure == "squared_error" and len(real) > 1 and "r2" in values:
                values[measure] = 1 - values["r2"]
            found.setdefault(measure, []).append(float(values[measure]))
    together = {name: float(np.mean(found[name])) for name in MEASURES if name in found}
    return together | (single if len(names) > 1 else {})
