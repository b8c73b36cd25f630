"""How good a ranker is for each value of a field: a mean hides whom it fails."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.metrics import auc, calibration_ratio, log_loss
from fieldwise.schema import CategoricalField

__all__ = [
    "FEW_ROWS",
    "MAX_VALUES",
    "is_far_off",
    "measure_segments",
    "segment_lines",
    "segmented_fields",
]

MAX_VALUES = 12
"""Values of a field with a line of their own; the rest share one."""

FAR_OFF, FEW_ROWS = 1.5, 100
"""Predicted / happened that is worth a mark, up or down, in so many rows or more."""

UNKNOWN, NULL, OTHERS = "(unknown)", "(null)", "(all others)"

Vector = NDArray[np.float64]


def segmented_fields(encoder: Encoder, ranked: Sequence[str], count: int) -> list[str]:
    """Take the first fields whose values are names and more than one.

    Args:
        encoder: knows the values.
        ranked: fields by falling importance.
        count: how many at most.

    Returns:
        Their names.
    """
    fields = {field.name: field for field in encoder.schema}
    found = [
        name
        for name in ranked
        if isinstance(fields[name], CategoricalField)
        and len(encoder.vocabularies[name].values) > 1
    ]
    return found[:count]


def measure_segments(
    encoder: Encoder,
    dataset: Dataset,
    field: str,
    probabilities: Vector,
    *,
    task: int = 0,
) -> list[dict[str, Any]]:
    """Measure the rows of each frequent value of a field.

    Args:
        encoder: knows the values.
        dataset: encoded, labelled rows.
        field: a categorical field.
        probabilities: of its rows, ``(row,)``.
        task: number of a binary label.

    Returns:
        One line per value, most rows first; values beyond ``MAX_VALUES`` share the
        last one. What is undefined for a line, such as the AUC of one class, is None.
    """
    schema = dataset.schema
    place = [one.name for one in schema.index_fields].index(field)
    codes = dataset.rows[:, place] - schema.table_offsets[place]
    values = encoder.vocabularies[field].values

    def text_of(code: int) -> str:
        name = UNKNOWN if code == 0 else values[code - 1]
        return NULL if name is None else str(name)

    labels = dataset.labels[:, task].astype(np.float64)
    weights = dataset.weights
    used = None if weights is None else weights.astype(np.float64)
    return segment_lines(codes, text_of, labels, probabilities, weights=used)


def segment_lines(
    codes: NDArray[np.integer[Any]],
    text_of: Callable[[int], str],
    labels: Vector,
    probabilities: Vector,
    *,
    weights: Vector | None = None,
) -> list[dict[str, Any]]:
    """Measure the rows of each frequent value.

    Args:
        codes: number of the value of each row, ``(row,)``.
        text_of: names a value by its number.
        labels: 0, 1, or NaN where not observed, ``(row,)``.
        probabilities: of the same rows, ``(row,)``.
        weights: of the rows, or None.

    Returns:
        Lines as ``measure_segments`` returns them.
    """
    observed = ~np.isnan(labels)
    if weights is not None:
        observed &= weights > 0
    codes, labels = codes[observed], labels[observed]
    said = probabilities[observed]
    used = None if weights is None else weights[observed]
    counts = np.bincount(codes)
    order = np.argsort(-counts, kind="stable")
    order = order[counts[order] > 0]
    lines = []
    for code in order[:MAX_VALUES].tolist():
        chosen = codes == code
        lines.append({"value": text_of(code), **_measures(labels, said, used, chosen)})
    rest = ~np.isin(codes, order[:MAX_VALUES])
    if rest.any():
        more = len(order) - MAX_VALUES
        told = {"value": OTHERS, "num_values": more}
        lines.append({**told, **_measures(labels, said, used, rest)})
    return lines


def is_far_off(line: Mapping[str, Any]) -> bool:
    """Tell whether the probabilities of a segment are off by half or more.

    Examples:
        >>> is_far_off({"calibration_ratio": 0.5, "num_rows": 100})
        True
        >>> is_far_off({"calibration_ratio": 0.5, "num_rows": 99})
        False

    Args:
        line: as ``segment_lines`` returns it.

    Returns:
        Whether they are, in at least ``FEW_ROWS`` rows.
    """
    ratio = line["calibration_ratio"]
    is_off = bool(ratio) and max(ratio, 1 / ratio) >= FAR_OFF
    return is_off and line["num_rows"] >= FEW_ROWS


def _measures(
    labels: Vector, said: Vector, weights: Vector | None, chosen: NDArray[np.bool_]
) -> dict[str, Any]:
    y, p = labels[chosen], said[chosen]
    w = None if weights is None else weights[chosen]
    has_both = bool(0 < y.sum() < len(y))
    return {
        "num_rows": len(y),
        "positive_rate": float(np.average(y, weights=w)),
        "mean_probability": float(np.average(p, weights=w)),
        "log_loss": log_loss(y, p, weights=w),
        "auc": auc(y, p, weights=w) if has_both else None,
        "calibration_ratio": calibration_ratio(y, p, weights=w) if y.any() else None,
    }
