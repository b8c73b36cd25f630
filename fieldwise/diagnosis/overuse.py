r"""Fields a ranker relies on more than what they say alone would warrant.

With $a_f$ the log loss added when field $f$ is permuted and $g_f$ the log loss that a
model of $f$ alone saves on rows it has not seen, both not below zero,

$$\text{overuse}_f = \frac{a_f}{\sum_k a_k} - \frac{g_f}{\sum_k g_k}$$

Where fields are independent, add up and say little each, permuting one adds twice what
it saves: the shares are then equal, and the overuse is zero.

Source: Hermann, Mobahi, Fel, Mozer, "On the Foundations of Shortcut Learning", ICLR
2024, https://arxiv.org/abs/2310.16228 (reliance against predictivity).
Differences from the paper: permutation of fields of a table instead of a grid of
latents, which a real table does not have; predictivity in nats, as reliance is, not as
an AUC, which grows with the root of it.
"""

import numpy as np
from torch import nn

from fieldwise.data.dataset import Dataset
from fieldwise.data.loader import Loader
from fieldwise.errors import DataError
from fieldwise.importance import Importance
from fieldwise.metrics import log_loss
from fieldwise.scoring import score_batches
from fieldwise.sensitivity.permutation import permute_fields

__all__ = ["find_overuse"]

SCORING_BATCH = 8192


def find_overuse(
    model: nn.Module,
    dataset: Dataset,
    predictivity: Importance,
    *,
    num_repeats: int = 3,
    seed: int = 0,
) -> Importance:
    """Compare how far a model relies on each field with what the field says alone.

    A field above zero is a candidate for a shortcut, such as a position or a bucket of
    activity. It need not be one: a field that says something only together with another
    one is relied on, rightly, and says nothing alone.

    Examples:
        ``find_overuse(ranker.model, labelled_rows(ranker, "test.parquet"),
        rank_by_outrank(data, heuristic="logloss"))``.

    Args:
        model: the trained model.
        dataset: labelled rows it was not trained on, of one binary label.
        predictivity: of fields of this schema, nats of log loss that each saves alone
            on rows its model has not seen; fields it lacks are left out.
        num_repeats: permutations of each field.
        seed: of the permutations.

    Returns:
        An importance of fields: the share of all reliance less the share of all
        predictivity, in [-1, 1]. Details: ``reliance``, the relative increase of the
        log loss when the field is permuted; ``predictivity``, as given; ``deviation``
        of the share of reliance over the permutations.

    Raises:
        DataError: if the label is not one binary one, the importance is not of fields,
            or either side sees nothing in any field.
        SchemaError: if the importance is of other fields.
        ValueError: if ``num_repeats`` is not positive.
    """
    labels = dataset.schema.labels
    if len(labels) != 1 or labels[0].kind != "binary":
        message = f"dataset must have one binary label, got {len(labels)} labels."
        raise DataError(message)
    if predictivity.unit != "field":
        message = f"predictivity must be of fields, got unit {predictivity.unit!r}."
        raise DataError(message)
    added = permute_fields(
        model,
        dataset,
        metric="loss",
        fields=[str(name) for name in predictivity.names],
        num_repeats=num_repeats,
        seed=seed,
    )
    given = dict(zip(predictivity.names, predictivity.scores.tolist(), strict=True))
    saved = np.array([given[name] for name in added.names])
    relied, told = np.maximum(0.0, added.scores), np.maximum(0.0, saved)
    if not relied.any() or not told.any():
        message = (
            "model and predictivity must each see something in one field at least, got "
            f"{relied.max(initial=0.0):.3g} nats added and {told.max(initial=0.0):.3g} "
            "saved at most."
        )
        raise DataError(message)
    return Importance(
        unit="field",
        names=added.names,
        scores=relied / relied.sum() - told / told.sum(),
        meaning="share of all reliance less share of all predictivity",
        method="overuse",
        data_fingerprint=added.data_fingerprint,
        seed=seed,
        details={
            "reliance": added.scores / _loss(model, dataset),
            "predictivity": saved,
            "deviation": added.details["deviation"] / relied.sum(),
        },
    )


def _loss(model: nn.Module, dataset: Dataset) -> float:
    batches = Loader(dataset, batch_size=SCORING_BATCH).epoch(0)
    logits = score_batches(model, batches).reshape(-1)
    labels, weights = dataset.labels[:, 0].astype(np.float64), dataset.weights
    seen = ~np.isnan(labels)
    used = None if weights is None else weights[seen].astype(np.float64)
    probabilities = 1 / (1 + np.exp(-logits[seen]))
    return max(1e-12, log_loss(labels[seen], probabilities, weights=used))
