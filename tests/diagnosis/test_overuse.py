"""A model that leans on one field more than it should."""

import numpy as np
import pytest
import torch
from torch import nn

from fieldwise.data.dataset import Dataset
from fieldwise.diagnosis.overuse import find_overuse
from fieldwise.errors import DataError, SchemaError
from fieldwise.importance import Importance
from fieldwise.metrics import log_loss
from fieldwise.schema import CategoricalField, Label, Schema
from fieldwise.scoring import score_batches

NAMES = ("core", "shortcut", "noise")
TRUE = np.array([0.6, 0.4, 0.0])


class Linear(nn.Module):
    """Each field adds its weight, or takes it away."""

    def __init__(self, weights):
        super().__init__()
        self.weights = torch.tensor(weights, dtype=torch.float32)

    def forward(self, batch):
        starts = torch.tensor([0, 2, 4])
        return (2.0 * (batch.indices - starts) - 1) @ self.weights


def planted(num_rows=20_000, kind="binary"):
    random = np.random.default_rng(0)
    codes = random.integers(0, 2, (num_rows, 3))
    logits = (2 * codes - 1) @ TRUE
    label = (random.random(num_rows) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    fields = tuple(
        CategoricalField(name, num_features=2, value_type="int") for name in NAMES
    )
    clicks = Label("click", kind, **({"positive": 1} if kind == "binary" else {}))
    schema = Schema(fields, (clicks,))
    matrix = np.column_stack(
        [
            (codes + np.array(schema.table_offsets)).astype(np.int32),
            label.view(np.int32),
        ]
    )
    return Dataset(schema, matrix)


def saved_alone(dataset):
    """Nats that the table of one field saves, over all rows."""
    label = dataset.labels[:, 0].astype(float)
    base = log_loss(label, np.full(len(label), label.mean()))
    scores = []
    for place, start in enumerate(dataset.schema.table_offsets):
        codes = dataset.rows[:, place] - start
        rates = np.array([label[codes == code].mean() for code in (0, 1)])
        scores.append(base - log_loss(label, rates[codes]))
    return Importance("field", NAMES, np.array(scores), "nats saved", "alone")


def test_a_fair_model_has_no_overuse():
    dataset = planted()

    found = find_overuse(Linear(TRUE), dataset, saved_alone(dataset))

    assert found.names == NAMES
    assert found.scores == pytest.approx(0, abs=0.05)
    assert found.scores.sum() == pytest.approx(0)
    assert found.unit == "field"


def test_a_model_that_leans_on_the_shortcut():
    dataset = planted()

    found = find_overuse(Linear(TRUE * [0.6, 2.0, 1]), dataset, saved_alone(dataset))

    assert found.above(0.1).kept == ("shortcut",)
    assert found.scores[0] < -0.1
    assert found.details["deviation"].max() < 0.05


def test_reliance_is_relative_and_equals_the_loop():
    dataset = planted(500)
    model, alone = Linear(TRUE), saved_alone(dataset)

    found = find_overuse(model, dataset, alone, num_repeats=1)

    label = dataset.labels[:, 0].astype(float)

    def loss(rows):
        batch = Dataset(dataset.schema, rows).batch(slice(None))
        logits = score_batches(model, [batch])
        terms = [
            np.log1p(np.exp(-z if y else z)) for y, z in zip(label, logits, strict=True)
        ]
        return sum(terms) / len(terms)

    base, added = loss(np.array(dataset.rows)), []
    for place in range(3):
        rows = np.array(dataset.rows)
        order = np.random.default_rng([0, place, 0]).permutation(len(rows))
        rows[:, place] = rows[order, place]
        added.append(loss(rows) - base)
    assert found.details["reliance"] == pytest.approx(np.array(added) / base, abs=1e-6)
    shares = np.maximum(0, added) / np.maximum(0, added).sum()
    told = np.maximum(0, alone.scores)
    assert found.scores == pytest.approx(shares - told / told.sum(), abs=1e-5)


def test_errors():
    dataset = planted(200)
    alone = saved_alone(dataset)

    with pytest.raises(DataError, match="must have one binary label"):
        find_overuse(Linear(TRUE), planted(200, kind="real"), alone)
    with pytest.raises(DataError, match="predictivity must be of fields"):
        find_overuse(
            Linear(TRUE), dataset, Importance("layer", ("a",), np.ones(1), "", "")
        )
    with pytest.raises(SchemaError, match="other"):
        find_overuse(
            Linear(TRUE), dataset, Importance("field", ("other",), np.ones(1), "", "")
        )
    with pytest.raises(DataError, match="must each see something"):
        find_overuse(Linear(0 * TRUE), dataset, alone)
