r"""Which fields make a model right, and not only which ones move it.

$$\mathrm{IGC}_f = \frac{\mathrm{cov}(c_f, y)}{\mathrm{std}(z)\,\mathrm{std}(y)}, \quad
\sum_f \mathrm{IGC}_f = \mathrm{corr}(z, y)$$

Source: Lelievre, Chen, "Integrated Gradient Correlation: a Dataset-wise Attribution
Method", 2024, https://arxiv.org/abs/2404.13910, version 2.
Differences from the paper: all rows share their baselines (its code draws new ones for
every batch, and loses the equality of the sums); rows may have weights; the split by
value is ours; where a correlation is not defined, an error says so.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fieldwise._checks import read_rows
from fieldwise.errors import DataError, SchemaError, ShapeError
from fieldwise.explanation.contributions import FieldContributions
from fieldwise.importance import Importance

__all__ = ["gradient_correlation", "value_correlation"]

METHOD = "integrated gradient correlation"

Array = NDArray[np.float64]


def gradient_correlation(
    contributions: FieldContributions,
    labels: ArrayLike,
    *,
    weights: ArrayLike | None = None,
) -> Importance:
    """Split the correlation of logits and labels among the fields.

    Use rows that the model was not trained on: on training rows, what it learned by
    heart looks like skill. The difference of both is a sign of overfitting.

    Args:
        contributions: what each field adds to the logits, ``(row, field)``.
        labels: of the same rows, ``(row,)``.
        weights: of the rows, ``(row,)``; None for one each.

    Returns:
        An importance of fields that adds up to the correlation. A field with a score
        near 0 may move logits a lot without making them right; one with a negative
        score makes them worse. The detail ``auto`` splits the correlation of the
        logits with themselves, needs no labels, and adds up to 1.

    Raises:
        DataError: if logits or labels do not vary, or there is no row.
        ShapeError: if there is not one label and weight for each row.
    """
    skill, auto = _shares(contributions, labels, weights)
    return Importance(
        unit="field",
        names=contributions.names,
        scores=skill.sum(axis=0),
        meaning="its part of the correlation of logits and labels",
        method=METHOD,
        data_fingerprint=contributions.data_fingerprint,
        seed=contributions.seed,
        details={"auto": auto.sum(axis=0)},
    )


def value_correlation(
    contributions: FieldContributions,
    labels: ArrayLike,
    field: str,
    values: Sequence[object],
    *,
    weights: ArrayLike | None = None,
) -> Importance:
    """Split the score of one field among its values: which of them carry its skill.

    Args:
        contributions: what each field adds to the logits, ``(row, field)``.
        labels: of the same rows, ``(row,)``.
        field: name of the field.
        values: of the field in the same rows, ``(row,)``.
        weights: of the rows, ``(row,)``; None for one each.

    Returns:
        An importance of values that adds up to the score of the field; the detail
        ``rows`` counts the rows of each value.

    Raises:
        DataError: if logits or labels do not vary, or there is no row.
        SchemaError: if there is no such field.
        ShapeError: if there is not one value, label and weight for each row.
    """
    if field not in contributions.names:
        message = f"field must be one of {list(contributions.names)}, got {field!r}."
        raise SchemaError(message)
    if len(values) != len(contributions):
        message = f"values must be {len(contributions)}, got {len(values)}."
        raise ShapeError(message)
    skill, _ = _shares(contributions, labels, weights)
    told = np.array([str(value) for value in values], dtype=object)
    names, places, counts = np.unique(told, return_inverse=True, return_counts=True)
    column = skill[:, contributions.names.index(field)]
    return Importance(
        unit="value",
        names=tuple((field, str(name)) for name in names),
        scores=np.bincount(places, column, len(names)).astype(np.float64),
        meaning=f"its part of the score of {field}",
        method=METHOD,
        data_fingerprint=contributions.data_fingerprint,
        seed=contributions.seed,
        details={"rows": counts.astype(np.float64)},
    )


def _shares(
    contributions: FieldContributions, labels: ArrayLike, weights: ArrayLike | None
) -> tuple[Array, Array]:
    """What each row and field adds to both correlations, ``(row, field)``."""
    columns = {"labels": (labels, "finite"), "logits": (contributions.logits, "finite")}
    y, z, w = read_rows(columns, weights)
    w = w / w.sum()
    y, z = y - w @ y, z - w @ z
    scales = {"labels": np.sqrt(w @ y**2), "logits": np.sqrt(w @ z**2)}
    flat = [name for name, scale in scales.items() if not scale > 0]
    if flat:
        message = f"{' and '.join(flat)} must vary, or there is no correlation."
        raise DataError(message)
    centred = w[:, None] * (contributions.values - w @ contributions.values)
    skill = centred * (y / (scales["labels"] * scales["logits"]))[:, None]
    return skill, centred * (z / scales["logits"] ** 2)[:, None]
