"""Measures a ranker while its encoded rows are still there."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.diagnosis.diagnosis import Diagnosis
from fieldwise.diagnosis.field_facts import field_facts
from fieldwise.diagnosis.latency import measure_latency
from fieldwise.diagnosis.reliability import reliability_of
from fieldwise.diagnosis.segments import measure_segments, segmented_fields
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.ranker import Ranker
from fieldwise.ranker.evaluation import to_values, without_calibration
from fieldwise.scoring import score_batches
from fieldwise.sensitivity import permute_some_rows

__all__ = ["diagnose"]

NUM_SEGMENTED = 4
"""Fields whose values are measured one by one."""
SCORING_BATCH = 8192

Array = NDArray[np.float64]


def diagnose(ranker: Ranker, datasets: Mapping[str, Dataset]) -> Diagnosis:
    """Measure reliability, segments, fields, importance and latency of a ranker.

    Args:
        ranker: a fitted ranker.
        datasets: its encoded rows by part: ``train``, and ``test`` or ``valid``.

    Returns:
        The diagnosis, on the test rows if there are any, else on the validation rows.

    Raises:
        DataError: if there are no held-out rows.
    """
    part = next((x for x in ("test", "valid") if len(datasets.get(x, ()))), None)
    if part is None:
        message = f"datasets must have test or valid rows, got {sorted(datasets)}."
        raise DataError(message)
    dataset = datasets[part]
    logits = score_batches(
        ranker.model, Loader(dataset, batch_size=SCORING_BATCH).epoch(0)
    ).reshape(len(dataset), -1)
    after = _values(ranker, logits, calibrated=True)
    importance = permute_some_rows(ranker.model, dataset)
    return Diagnosis(
        part=part,
        num_rows=len(dataset),
        reliability=_reliability(ranker, dataset, logits, after),
        calibrators=_calibrators(ranker),
        segments=_segments(ranker, dataset, after, importance),
        fields=field_facts(ranker.encoder, datasets["train"]),
        latency=measure_latency(ranker, dataset),
        importance=importance,
        parameters=sum(weight.numel() for weight in ranker.model.parameters()),
    )


def _values(ranker: Ranker, logits: Array, *, calibrated: bool) -> Array:
    given = ranker.calibrators
    return to_values(
        logits,
        ranker.schema.labels,
        given if calibrated else without_calibration(given),
        negative_rate=ranker.negative_rate,
    )


def _binary(ranker: Ranker) -> list[tuple[int, str]]:
    labels = enumerate(ranker.schema.labels)
    return [(task, label.name) for task, label in labels if label.kind != "real"]


def _reliability(
    ranker: Ranker, dataset: Dataset, logits: Array, after: Array
) -> dict[str, Any]:
    before = _values(ranker, logits, calibrated=False)
    labels, weights = dataset.labels.astype(np.float64), _weights(dataset)
    return {
        name: reliability_of(
            labels[:, task], after[:, task], before=before[:, task], weights=weights
        )
        for task, name in _binary(ranker)
    }


def _calibrators(ranker: Ranker) -> dict[str, str]:
    labels = [label.name for label in ranker.schema.labels]
    pairs = zip(labels, ranker.calibrators, strict=True)
    return {name: each.name for name, each in pairs if each is not None}


def _segments(
    ranker: Ranker, dataset: Dataset, values: Array, importance: Importance | None
) -> list[dict[str, Any]]:
    names = ranker.schema.names
    ranked = names if importance is None else tuple(map(str, importance.ranked))
    chosen = segmented_fields(ranker.encoder, ranked, NUM_SEGMENTED)
    return [
        {
            "field": field,
            "label": label,
            "lines": measure_segments(
                ranker.encoder, dataset, field, values[:, task], task=task
            ),
        }
        for task, label in _binary(ranker)
        for field in chosen
    ]


def _weights(dataset: Dataset) -> Array | None:
    weights = dataset.weights
    return None if weights is None else weights.astype(np.float64)
