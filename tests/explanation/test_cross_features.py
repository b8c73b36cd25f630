"""Crosses of exponential neurons: counted against a loop over rows and neurons."""

from collections import Counter

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError, ShapeError
from fieldwise.explanation.cross_features import (
    cross_features,
    field_importance,
    row_fields,
)
from fieldwise.models.armnet import ARMNet
from fieldwise.models.armnetplus import ARMNetPlus
from fieldwise.models.dnn import DNN
from fieldwise.schema import CategoricalField, Label, Schema

SMALL = {"num_heads": 2, "num_neurons": 3, "hidden_dims": (4,)}


def randomised(kind, schema, **settings):
    torch.manual_seed(0)
    model = kind(schema, embedding_dim=3, **SMALL | settings)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    return model


@pytest.fixture
def model(categorical_schema):
    return randomised(ARMNet, categorical_schema)


@pytest.fixture
def batches(categorical_schema, random_batch):
    return [random_batch(categorical_schema, 9), random_batch(categorical_schema, 4, 1)]


def gates_of(model, batch):
    return model.eval().neurons.gates(model.embedding(batch)).tolist()


def powers_of(model, batch):
    powers = model.eval().neurons.powers(model.embedding(batch))
    return powers.detach().double().numpy()


def test_one_neuron_by_hand(categorical_schema, categorical_batch):
    model = ARMNet(
        categorical_schema, embedding_dim=1, num_heads=1, num_neurons=1, hidden_dims=()
    )
    with torch.no_grad():
        # Site and device say 2, hour 0: sparsemax opens the first two.
        model.embedding.table.fill_(2.0)
        model.embedding.table[8:].fill_(0.0)
        model.neurons.key_maps.fill_(1.0)
        model.neurons.queries.fill_(1.0)
        model.neurons.value_vectors.copy_(torch.tensor([[[3.0, -1.0, 5.0]]]))
    names = categorical_schema.names

    crosses = cross_features(model, [categorical_batch], names)
    fields = field_importance(model, [categorical_batch], names)

    assert crosses.names == (("site", "device"),)
    assert crosses.scores.tolist() == [1.0]
    assert crosses.details["order"].tolist() == [2.0]
    assert crosses.details["count"].tolist() == [8.0]
    # Gates of a half each: powers 3 / 2, -1 / 2 and 0.
    assert fields.scores.tolist() == [1.5, 0.5, 0.0]
    assert fields.details["signed"].tolist() == [1.5, -0.5, 0.0]


def test_counts_as_the_loop_counts(model, batches, categorical_schema):
    names = categorical_schema.names
    expected = Counter(
        tuple(name for name, gate in zip(names, gates, strict=True) if gate > 0)
        for batch in batches
        for row in gates_of(model, batch)
        for gates in row
    )

    found = cross_features(model, iter(batches), names, num_crosses=None)

    counts = found.details["count"].tolist()
    assert dict(zip(found.names, counts, strict=True)) == expected
    assert counts == sorted(counts, reverse=True)
    np.testing.assert_allclose(found.scores, np.array(counts) / (13 * 6))
    assert found.scores.sum() == pytest.approx(1.0)
    assert found.details["order"].tolist() == [len(name) for name in found.names]
    assert found.unit == "cross"
    assert len(found) > 1


def test_keeps_the_most_frequent(model, batches, categorical_schema):
    names = categorical_schema.names
    every = cross_features(model, batches, names, num_crosses=None)

    some = cross_features(model, batches, names, num_crosses=2, data_fingerprint="abc")

    assert some.names == every.names[:2]
    assert some.scores.tolist() == every.scores[:2].tolist()
    assert some.data_fingerprint == "abc"


@pytest.mark.parametrize("num_fields", [1, 8, 9, 64, 65, 130])
def test_any_number_of_fields(num_fields, random_batch):
    fields = (
        CategoricalField(f"f{place:03}", num_features=3, value_type="int")
        for place in range(num_fields)
    )
    schema = Schema(tuple(fields), (Label("click", "binary", positive=1),))
    model = randomised(ARMNet, schema)
    batch = random_batch(schema, 6)
    expected = {
        tuple(name for name, gate in zip(schema.names, gates, strict=True) if gate > 0)
        for row in gates_of(model, batch)
        for gates in row
    }

    found = cross_features(model, [batch], schema.names, num_crosses=None)

    assert set(found.names) == expected


def test_field_importance_is_the_mean_over_rows(model, batches, categorical_schema):
    powers = np.concatenate([powers_of(model, batch) for batch in batches])

    found = field_importance(model, iter(batches), categorical_schema.names)

    np.testing.assert_allclose(found.scores, np.abs(powers).sum(axis=1).mean(axis=0))
    np.testing.assert_allclose(
        found.details["signed"], powers.sum(axis=1).mean(axis=0), atol=1e-7
    )
    assert found.names == categorical_schema.names
    assert found.unit == "field"


def test_fields_of_one_row(model, categorical_batch, categorical_schema):
    powers = powers_of(model, categorical_batch)[5]

    found = row_fields(model, categorical_batch, 5, categorical_schema.names)

    np.testing.assert_allclose(found.scores, np.abs(powers).sum(axis=0))
    np.testing.assert_allclose(found.details["signed"], powers.sum(axis=0), atol=1e-7)


def test_crosses_of_one_row(model, categorical_batch, categorical_schema, take_rows):
    row = take_rows(categorical_batch, [3])

    found = cross_features(model, [row], categorical_schema.names)

    assert found.details["count"].sum() == 6


def test_every_kind_of_field(mixed_schema, mixed_batch):
    model = randomised(ARMNetPlus, mixed_schema, alpha=2.0)

    crosses = cross_features(model, [mixed_batch], mixed_schema.names)
    fields = field_importance(model, [mixed_batch], mixed_schema.names)

    assert crosses.details["order"].max() < len(mixed_schema)
    assert fields.names == mixed_schema.names


def test_softmax_crosses_everything(categorical_schema, categorical_batch):
    model = randomised(ARMNet, categorical_schema, alpha=1.0)

    found = cross_features(model, [categorical_batch], categorical_schema.names)

    assert found.names == (categorical_schema.names,)


def test_the_model_is_left_as_it_was(model, categorical_batch, categorical_schema):
    model.train()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    cross_features(model, [categorical_batch], categorical_schema.names)

    assert model.training
    assert not model.neurons._forward_pre_hooks
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, before[name])


def test_other_models_are_refused(categorical_schema, categorical_batch):
    model = DNN(categorical_schema, embedding_dim=2, hidden_dims=(3,))

    with pytest.raises(ValueError, match=r"a layer ExponentialNeurons, got DNN\."):
        cross_features(model, [categorical_batch], categorical_schema.names)


def test_no_rows_are_refused(model, categorical_schema, random_batch):
    for batches in ([], [random_batch(categorical_schema, 0)]):
        with pytest.raises(DataError, match="must hold at least one row, got none"):
            field_importance(model, batches, categorical_schema.names)


def test_names_must_be_those_of_the_fields(model, categorical_batch):
    with pytest.raises(ShapeError, match=r"names must be 3 fields, got 2\."):
        row_fields(model, categorical_batch, 0, ["site", "device"])
    assert not model.neurons._forward_pre_hooks


def test_a_row_that_is_not_there(model, categorical_batch, categorical_schema):
    with pytest.raises(IndexError):
        row_fields(model, categorical_batch, 8, categorical_schema.names)
    assert not model.neurons._forward_pre_hooks
