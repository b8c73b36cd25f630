"""Keep the values of fields that a model needs, and train it again with those alone.

Source: Lyu et al., "Optimizing Feature Set for Click-Through Rate Prediction", WWW
2023, https://arxiv.org/abs/2301.10909, and its code.
Differences from the paper: the penalty is on the mean of the gates, not on their sum,
so that its strength does not depend on the size of the vocabulary; a removed value is
read as an unknown one, whose row is always kept, instead of as a zero vector, so that
the result is an ordinary model with a smaller vocabulary; kept values have the gate 1
when the model is trained again, where the code has 1.6; whole fields are scored, too.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import Parameter

from fieldwise._checks import check_choice, check_non_negative
from fieldwise.data.dataset import Dataset
from fieldwise.data.encoder import Encoder
from fieldwise.errors import SchemaError
from fieldwise.importance import Importance
from fieldwise.models import build_model
from fieldwise.nn.gates.value_gate import ValueGate, continued
from fieldwise.selection.gated_model import Backbone
from fieldwise.selection.kept_values import KeptValues
from fieldwise.selection.ranking_data import RankingData
from fieldwise.training import History, Recipe, Trainer, default_recipe

__all__ = ["ValueSearch", "fit_kept_values", "rank_by_optfs", "search_values"]

STARTS = ("rewind", "scratch")
TIE = 1e-9
"""What a mean logit counts beside a share, of which a billionth is no training row."""


@final
@dataclass(frozen=True, eq=False)
class ValueSearch:
    """What a search among the values of all fields found.

    Args:
        logits: of the gate of each row of the shared table, ``(feature,)``; values
            above zero are kept.
        kept: these values.
        early_weights: of the model, without gates, after the first epochs.
        importance: of the fields: the share of their values, by training occurrences,
            that are kept; equal ones are ordered by the mean logit of their gates.
        history: of the training.
    """

    logits: NDArray[np.float32]
    kept: KeptValues
    early_weights: Mapping[str, Tensor]
    importance: Importance
    history: History

    def values_of(self, field: str, encoder: Encoder) -> Importance:
        """Name the values of one field.

        Args:
            field: a categorical or sequence field.
            encoder: knows the values.

        Returns:
            An importance of values: the logits of their gates. A value is called
            by its field and what Python writes for it.

        Raises:
            SchemaError: if the field has no vocabulary.
        """
        if field not in encoder.vocabularies:
            known = list(encoder.vocabularies)
            message = f"field must be one with a vocabulary, {known}, got {field!r}."
            raise SchemaError(message)
        values = encoder.vocabularies[field].values.to_list()
        return replace(
            self.importance,
            unit="value",
            names=tuple((field, repr(value)) for value in values),
            # The first row is that of unknown values, which has no name.
            scores=self.logits[self.kept.part(field)][1:].astype(np.float64),
            meaning="logit of its gate; kept above 0",
            details={},
        )


def rank_by_optfs(
    data: RankingData,
    *,
    seed: int = 0,
    backbone: Backbone | None = None,
    penalty: float = 0.01,
    num_epochs: int = 5,
    log: Callable[[str], None] | None = None,
) -> Importance:
    """Rank fields by the share of their values that a search keeps.

    Values are what is chosen: a field all of whose values are kept is not ahead of
    another one of which that is true, except by the mean logit of its gates.

    Args:
        data: the rows; ``data.train`` alone is used.
        seed: of everything random.
        backbone: the model behind the gates; None for a small tower.
        penalty: on the mean of all gates.
        num_epochs: of the search.
        log: called after each epoch with a line of text.

    Returns:
        An importance of all fields, in the order of the schema.
    """
    return search_values(
        data,
        seed=seed,
        backbone=backbone,
        penalty=penalty,
        num_epochs=num_epochs,
        log=log,
    ).importance


def search_values(
    data: RankingData,
    *,
    seed: int = 0,
    backbone: Backbone | None = None,
    penalty: float = 0.01,
    num_epochs: int = 5,
    last_temperature: float = 1000.0,
    rewind_epoch: int = 1,
    log: Callable[[str], None] | None = None,
) -> ValueSearch:
    """Train a model with a gate for each value, and see which gates stay open.

    Args:
        data: the rows; ``data.train`` alone is used.
        seed: of everything random.
        backbone: the model behind the gates; None for a small tower.
        penalty: on the mean of all gates.
        num_epochs: exactly so many; the temperature of the gates grows after each.
        last_temperature: of the gates, in the last epoch.
        rewind_epoch: epochs after which the weights are remembered, to begin with
            when the model is trained again.
        log: called after each epoch with a line of text.

    Returns:
        What was found.

    Raises:
        ValueError: if ``rewind_epoch`` is not before the last epoch, or a number is
            negative.
    """
    check_non_negative("penalty", penalty)
    if not 0 <= rewind_epoch < num_epochs:
        message = f"rewind_epoch must be in [0, {num_epochs}), got {rewind_epoch}."
        raise ValueError(message)
    continued(0, num_epochs=num_epochs, last=last_temperature)
    backbone = backbone or Backbone()
    gated, gate = backbone.build(
        data.train,
        lambda layer: ValueGate(layer.schema),
        seed=seed,
        between=lambda gate: lambda layer, batch, x: gate(x, batch, layer),
    )
    early: dict[str, Tensor] = {}

    def go_on(epoch: int) -> None:
        """Remember the weights, and set the temperature of the epoch to come."""
        if epoch == rewind_epoch:
            early.update(_copied(gated.model))
        if epoch < num_epochs:
            gate.temperature.fill_(
                continued(epoch, num_epochs=num_epochs, last=last_temperature)
            )

    def penalise(logits: Parameter) -> None:
        if logits.grad is not None:
            logits.grad.add_(gate.penalty_gradient(), alpha=penalty)

    go_on(0)
    handle = gate.logits.register_post_accumulate_grad_hook(  # type: ignore[no-untyped-call]
        penalise
    )
    recipe = replace(backbone.full_recipe(data.train, seed=seed), num_epochs=num_epochs)
    try:
        history = Trainer(recipe, progress=False).fit(
            gated,
            data.train,
            on_epoch_end=lambda record: go_on(record.epoch),
            log=log,
        )
    finally:
        handle.remove()
    logits = gate.logits.detach().cpu().numpy()
    kept = KeptValues(data.schema, logits > 0)
    return ValueSearch(
        logits, kept, early, _importance(data, logits, kept, seed), history
    )


def fit_kept_values(
    found: ValueSearch,
    data: RankingData,
    *,
    seed: int = 0,
    backbone: Backbone | None = None,
    recipe: Recipe | None = None,
    start: Literal["rewind", "scratch"] = "rewind",
    log: Callable[[str], None] | None = None,
) -> tuple[nn.Module, History]:
    """Train the model again, with the kept values only.

    Args:
        found: by a search with the same backbone.
        data: the rows of the search; ``data.stop`` chooses the best epoch.
        seed: of everything random.
        backbone: the model; None for a small tower. How it was searched does not count.
        recipe: how to train; None for the default of the model.
        start: from the weights early in the search, or with fresh ones.
        log: called after each epoch with a line of text.

    Returns:
        A model of ``found.kept.small_schema``, in eval mode, and what happened.
    """
    check_choice("start", start, STARTS)
    backbone = backbone or Backbone()
    kept = found.kept
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = build_model(
            backbone.model, kept.small_schema, **backbone.all_arguments()
        )
    if start == "rewind":
        model.load_state_dict(kept.weights(found.early_weights, model))
    train = kept.dataset(data.train)
    # The penalty of the whole table: what differs are the values, not the recipe.
    recipe = recipe or default_recipe(
        backbone.model, num_rows=len(train), num_features=data.schema.num_features
    )
    trainer = Trainer(replace(recipe, seed=seed), progress=False)
    history = trainer.fit(model, train, kept.dataset(data.stop), log=log)
    return model, history


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.cpu().clone() for name, value in model.state_dict().items()}


def _importance(
    data: RankingData, logits: NDArray[np.float32], kept: KeptValues, seed: int
) -> Importance:
    """Score each field; one without rows in the table has nothing to remove."""
    counts = _occurrences(data.train)
    scores, means = [], []
    for name in data.schema.names:
        part = kept.part(name)
        own, times = logits[part].astype(np.float64), counts[part]
        total = max(1, int(times.sum()))
        means.append(times @ own / total)
        share = times @ (own > 0) / total if len(own) else 1.0
        scores.append(share + TIE * math.tanh(means[-1]))
    per_field = [kept.per_field().get(name, (0, 0)) for name in data.schema.names]
    return Importance(
        unit="field",
        names=data.schema.names,
        scores=np.array(scores),
        meaning="share of its values, by training occurrences, that are kept",
        method="OptFS",
        data_fingerprint=data.fingerprint,
        seed=seed,
        details={
            "kept": np.array([num_kept for num_kept, _ in per_field], dtype=np.float64),
            "values": np.array([size for _, size in per_field], dtype=np.float64),
            "logit": np.array(means),
        },
    )


def _occurrences(dataset: Dataset) -> NDArray[np.int64]:
    """How often each row of the table is looked up."""
    num_features = dataset.schema.num_features
    counts = np.zeros(num_features, dtype=np.int64)
    for column in range(dataset.layout.num_indices):
        counts += np.bincount(dataset.rows[:, column], minlength=num_features)
    for ragged in dataset.sequences:
        counts += np.bincount(ragged.values, minlength=num_features)
    return counts
