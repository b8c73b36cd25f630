"""Permutations within a budget: all fields, fewer rows of wide tables."""

import numpy as np
import pytest
import torch

from fieldwise.sensitivity import permute_some_rows
from fieldwise.sensitivity import some_permutations as module
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
)


@pytest.fixture
def dataset():
    schema = planted_schema()
    values = random_values(schema, 3_000)
    return dataset_of(schema, values, values[:, 2] > 3)


def test_the_field_that_tells_all_is_first(dataset):
    model = model_of(dataset.schema, "lr", std=0.0)
    with torch.no_grad():
        start = dataset.schema.table_offsets[2]
        model.linear.weights.table[start + 4 : start + 8] = 1.0

    found = permute_some_rows(model, dataset)

    assert (found.names, found.ranked[0]) == (dataset.schema.names, "hour")
    assert found.meaning.startswith("AUC")
    # Of two rows in the same class each, and nothing else.
    assert found.scores[2] == pytest.approx(0.5, abs=0.05)
    np.testing.assert_allclose(np.delete(found.scores, 2), 0.0, atol=1e-12)


def test_many_fields_are_permuted_in_fewer_rows(dataset, monkeypatch):
    monkeypatch.setattr(module, "MIN_ROWS", 10)
    model = model_of(dataset.schema)

    few = permute_some_rows(model, dataset, max_scored=6 * 2 * 50)

    places = np.linspace(0, len(dataset) - 1, 50).astype(np.intp)
    assert few.data_fingerprint == dataset.take(places).checksum()


def test_one_class_has_a_loss_but_no_auc(dataset):
    values = random_values(dataset.schema, 100)
    clicks = dataset_of(dataset.schema, values, np.ones(100, dtype=bool))

    found = permute_some_rows(model_of(dataset.schema), clicks)

    assert found.meaning.startswith("loss")
