"""What a model loses when a field says nothing: its column in another order.

Source: Fisher, Rudin, Dominici, "All Models are Wrong, but Many are Useful: Learning a
Variable's Importance by Studying an Entire Class of Prediction Models Simultaneously",
JMLR 2019, https://arxiv.org/abs/1801.01489, "Model Reliance".
Differences from the paper: the difference to the whole, not the ratio; rows are
permuted once or several times, not paired with every other row.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from fieldwise._checks import check_choice, check_positive
from fieldwise.batch import Batch
from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.losses import binary_cross_entropy, squared_error
from fieldwise.metrics import auc
from fieldwise.schema import Schema
from fieldwise.scoring import score_batches

__all__ = ["permute_fields"]

MEANINGS = {
    "auc": "AUC lost when its values are permuted",
    "loss": "loss added when its values are permuted",
}
"""By metric. A loss is in nats, of real labels in the square of their encoded unit."""


def permute_fields(
    model: nn.Module,
    dataset: Dataset,
    *,
    metric: str = "auc",
    fields: Sequence[str] | None = None,
    num_repeats: int = 3,
    seed: int = 0,
    batch_size: int = 8192,
) -> Importance:
    """Measure what each field is worth to a model on some rows.

    The values of a field, of whichever kind, are handed to other rows, and all rows are
    scored again. What is measured is the field's worth to this model: of two fields
    that say the same, each may seem worthless. Permutations of a field depend on the
    seed and its place in the schema only.

    Args:
        model: the trained model.
        dataset: labelled rows, best ones it was not trained on.
        metric: what is lost, ``auc`` (binary labels only) or ``loss`` (log loss, of
            real labels squared error); of several labels the mean.
        fields: measure these only; None for all.
        num_repeats: permutations of each field.
        seed: of the permutations.
        batch_size: rows per batch.

    Returns:
        An importance of fields, in the order of the schema: the mean over the
        permutations; the detail ``deviation`` is their standard deviation.

    Raises:
        DataError: if the rows have no labels, or the metric is not defined for them.
        SchemaError: if there is no such field.
        ValueError: if there is no such metric, or a number is not positive.
    """
    check_choice("metric", metric, MEANINGS)
    check_positive("num_repeats", num_repeats)
    check_positive("batch_size", batch_size)
    schema = dataset.schema
    names = _chosen(schema, fields)
    whole = score_batches(model, Loader(dataset, batch_size=batch_size).epoch(0))
    base = _worth(dataset, whole, metric)
    losses = np.empty((len(names), num_repeats))
    for place, name in enumerate(names):
        for repeat in range(num_repeats):
            random = np.random.default_rng([seed, schema.names.index(name), repeat])
            order = random.permutation(len(dataset))
            batches = _permuted(dataset, name, order, batch_size)
            worth = _worth(dataset, score_batches(model, batches), metric)
            losses[place, repeat] = base - worth
    return Importance(
        unit="field",
        names=names,
        scores=losses.mean(axis=1),
        meaning=MEANINGS[metric],
        method="permutation",
        data_fingerprint=dataset.checksum(),
        seed=seed,
        details={"deviation": losses.std(axis=1)},
    )


def _chosen(schema: Schema, fields: Sequence[str] | None) -> tuple[str, ...]:
    return schema.names if fields is None else schema.select(fields).names


def _worth(dataset: Dataset, logits: NDArray[np.float64], metric: str) -> float:
    """The metric, turned so that higher is better."""
    labels, weights = dataset.labels.astype(np.float64), dataset.weights
    kinds = [label.kind for label in dataset.schema.labels]
    if not labels.shape[1]:
        message = "dataset must have labels, got rows without."
        raise DataError(message)
    columns = zip(kinds, labels.T, logits.reshape(labels.shape).T, strict=True)
    if metric == "auc":
        return float(np.mean([_auc(*column, weights) for column in columns]))
    return -float(np.mean([_loss(*column, weights) for column in columns]))


def _auc(
    kind: str | None,
    labels: NDArray[np.float64],
    logits: NDArray[np.float64],
    weights: NDArray[np.float32] | None,
) -> float:
    if kind != "binary":
        message = "metric must be 'loss' for labels that are not binary, got 'auc'."
        raise DataError(message)
    seen = ~np.isnan(labels)
    return auc(
        labels[seen], logits[seen], weights=None if weights is None else weights[seen]
    )


def _loss(
    kind: str | None,
    labels: NDArray[np.float64],
    logits: NDArray[np.float64],
    weights: NDArray[np.float32] | None,
) -> float:
    loss = binary_cross_entropy if kind == "binary" else squared_error
    row_weights = None if weights is None else torch.from_numpy(weights).double()
    return loss(torch.from_numpy(logits), torch.from_numpy(labels), row_weights).item()


def _permuted(
    dataset: Dataset, name: str, order: NDArray[np.intp], batch_size: int
) -> Iterator[Batch]:
    """All rows in order, one field taken from the rows of another order."""
    for start in range(0, len(dataset), batch_size):
        rows = np.arange(start, min(start + batch_size, len(dataset)))
        yield _with_field_of(
            dataset.batch(order[rows]), dataset.batch(rows), dataset.schema, name
        )


def _with_field_of(donor: Batch, batch: Batch, schema: Schema, name: str) -> Batch:
    """A batch with one field of another one of as many rows."""
    parts = {
        part: [field.name for field in fields]
        for part, fields in (
            ("indices", schema.index_fields),
            ("numbers", schema.number_fields),
            ("vectors", schema.vector_fields),
            ("sequences", schema.sequence_fields),
        )
    }
    part = next(part for part, names in parts.items() if name in names)
    place = parts[part].index(name)
    if part == "sequences":
        return _with_bags_of(donor, batch, place)
    if part == "vectors":
        vectors = list(batch.vectors)
        vectors[place] = donor.vectors[place]
        return replace(batch, vectors=tuple(vectors))
    columns = getattr(batch, part).clone()
    columns[:, place] = getattr(donor, part)[:, place]
    return replace(batch, **{part: columns})


def _with_bags_of(donor: Batch, batch: Batch, place: int) -> Batch:
    """A batch with the bags of one sequence field of another one of as many rows."""
    first, last = place * len(batch), (place + 1) * len(batch)
    old, new = batch.sequence_offsets, donor.sequence_offsets
    items = torch.cat(
        [
            batch.sequence_indices[: old[first]],
            donor.sequence_indices[new[first] : new[last]],
            batch.sequence_indices[old[last] :],
        ]
    )
    lengths = torch.cat([old.diff()[:first], new.diff()[first:last], old.diff()[last:]])
    offsets = torch.cat([old[:1], lengths.cumsum(0).to(old.dtype)])
    return replace(batch, sequence_indices=items, sequence_offsets=offsets)
