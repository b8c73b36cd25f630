"""Validation metrics, and which of them decides."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.errors import DataError, TrainingDivergedError
from fieldwise.metrics import auc, log_loss
from fieldwise.schema import Label
from fieldwise.training._evaluation import Evaluation

MONEY = Label("money", "real")
BUY = Label("buy", "binary", positive=1)


class Constant(nn.Module):
    """The same logits for every row, one per task."""

    def __init__(self, *logits):
        super().__init__()
        self.register_buffer("logits", torch.tensor(logits))

    def forward(self, batch):
        return self.logits.expand(len(batch), -1)


def test_metrics_equal_those_of_the_logits(sites, make_dataset, make_additive):
    model = make_additive(sites)
    indices = np.arange(10).reshape(-1, 1)
    labels = np.array([1, 0, 0, 1, 1, 0, 1, np.nan, 0, 1])
    schema = replace(sites, weight="weight")
    weights = np.linspace(0.5, 2, 10)
    dataset = make_dataset(schema, indices=indices, labels=labels, weights=weights)

    metrics = Evaluation(dataset, monitor="auc").measure(model)

    seen = ~np.isnan(labels)
    logits = model.embedding.table.detach().double().sum(1).numpy()[seen]
    heavy = np.float32(weights)[seen].astype(float)
    assert metrics["auc"] == pytest.approx(
        auc(labels[seen], logits, weights=heavy), abs=1e-7
    )
    assert metrics["logloss"] == pytest.approx(
        log_loss(labels[seen], 1 / (1 + np.exp(-logits)), weights=heavy), abs=1e-6
    )
    assert list(metrics) == ["auc", "logloss"]


def test_mean_over_the_tasks_that_have_the_metric(sites, make_dataset):
    schema = replace(sites, labels=(*sites.labels, BUY, MONEY))
    # buy has one class; money is 1 and 3
    labels = [[1, 1, 1], [0, 1, 3]]
    dataset = make_dataset(schema, indices=[[0], [1]], labels=labels)

    metrics = Evaluation(dataset, monitor="auc").measure(Constant(0.0, 0.0, 1.0))

    # a constant has AUC 1/2; log losses are ln 2 twice; errors are 0 and 4
    assert metrics["auc"] == 0.5
    assert metrics["logloss"] == pytest.approx(np.log(2))
    assert metrics["squared_error"] == pytest.approx(2.0)


@pytest.mark.parametrize("asked", ["auc", "logloss"])
def test_two_classes_monitor_what_was_asked(asked, schema, make_dataset):
    evaluation = Evaluation(make_dataset(schema), monitor=asked)

    assert evaluation.monitor == asked
    assert evaluation.higher_is_better == (asked == "auc")
    assert evaluation.notes == ()


def test_one_class_falls_back_to_logloss_and_says_so(sites, make_dataset):
    dataset = make_dataset(sites, indices=[[0], [1]], labels=[1, 1])

    evaluation = Evaluation(dataset, monitor="auc")

    assert evaluation.monitor == "logloss"
    assert not evaluation.higher_is_better
    assert "one class" in evaluation.notes[0]
    assert list(evaluation.measure(Constant(0.0))) == ["logloss"]


def test_a_class_without_weight_does_not_count(sites, make_dataset):
    schema = replace(sites, weight="weight")
    dataset = make_dataset(
        schema, indices=[[0], [1], [2]], labels=[1, 1, 0], weights=[1, 1, 0]
    )

    assert Evaluation(dataset, monitor="auc").monitor == "logloss"


@pytest.mark.parametrize("asked", ["auc", "logloss"])
def test_real_labels_are_judged_by_squared_error(asked, sites, make_dataset):
    schema = replace(sites, labels=(MONEY,))
    dataset = make_dataset(schema, indices=[[0], [1]], labels=[1, 5])

    evaluation = Evaluation(dataset, monitor=asked)

    assert evaluation.monitor == "squared_error"
    assert not evaluation.higher_is_better
    # errors of 2 and -2
    metrics = evaluation.measure(Constant(3.0))
    assert metrics == {"squared_error": pytest.approx(4.0)}


def test_more_rows_than_fit_one_batch(sites, make_dataset, monkeypatch):
    monkeypatch.setattr("fieldwise.training._evaluation.BATCH_SIZE", 3)
    dataset = make_dataset(sites, num_rows=10)

    metrics = Evaluation(dataset, monitor="auc").measure(Constant(0.0))

    assert metrics["logloss"] == pytest.approx(np.log(2))


def test_nothing_observed(sites, make_dataset):
    dataset = make_dataset(sites, indices=[[0]], labels=[np.nan])

    with pytest.raises(DataError, match="rows with an observed label, got none"):
        Evaluation(dataset, monitor="auc")


@pytest.mark.parametrize("logit", [float("nan"), float("inf")])
def test_logits_that_are_not_finite(sites, make_dataset, logit):
    evaluation = Evaluation(make_dataset(sites), monitor="auc")

    with pytest.raises(TrainingDivergedError, match="Lower learning_rate"):
        evaluation.measure(Constant(logit))
