"""Attention as importance: means of the maps, pair by pair and field by field."""

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError, ShapeError
from fieldwise.explanation.attention import attention_fields, attention_pairs
from fieldwise.models.autoint import AutoInt
from fieldwise.models.autointplus import AutoIntPlus
from fieldwise.models.dnn import DNN
from fieldwise.models.hiformer import Hiformer

SIZES = {"embedding_dim": 4, "num_layers": 2, "num_heads": 2, "head_dim": 3}


def randomised(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return model


@pytest.fixture
def batches(categorical_schema, random_batch):
    return [random_batch(categorical_schema, 7), random_batch(categorical_schema, 2, 1)]


def maps_of(model, batches):
    """(layer, row, head, field, field) of all rows."""
    with torch.no_grad():
        parts = [
            torch.stack(model.attention.attention(model.embedding(batch)))
            for batch in batches
        ]
    return torch.cat(parts, dim=1).double().numpy()


@pytest.mark.parametrize(("layer", "taken"), [(None, slice(None)), (0, [0]), (1, [1])])
def test_pairs_are_means_of_both_directions(categorical_schema, batches, layer, taken):
    model = randomised(AutoInt(categorical_schema, **SIZES))
    mean = maps_of(model, batches)[taken].mean(axis=(0, 1, 2))

    found = attention_pairs(model, iter(batches), categorical_schema.names, layer=layer)

    assert found.unit == "pair"
    assert found.names == (("site", "device"), ("site", "hour"), ("device", "hour"))
    expected = [mean[i, j] + mean[j, i] for i, j in ((0, 1), (0, 2), (1, 2))]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-5)


def test_fields_are_means_over_who_looks(categorical_schema, batches):
    model = randomised(AutoInt(categorical_schema, **SIZES))

    found = attention_fields(model, iter(batches), categorical_schema.names)

    expected = maps_of(model, batches).mean(axis=(0, 1, 2, 3))
    np.testing.assert_allclose(found.scores, expected, rtol=1e-5)
    assert found.scores.sum() == pytest.approx(1.0)
    assert (found.unit, found.names) == ("field", categorical_schema.names)


def test_without_queries_everybody_looks_everywhere(categorical_schema, batches):
    model = AutoInt(categorical_schema, **SIZES | {"num_layers": 1})
    with torch.no_grad():
        # A layer projects to queries first, two heads of three each.
        model.attention.stack.layers[0].project.weight[:6] = 0.0

    pairs = attention_pairs(model, batches, categorical_schema.names)

    # A third of the attention in each direction.
    np.testing.assert_allclose(pairs.scores, 2 / 3, rtol=1e-6)


def test_gates_before_the_attention_count(categorical_schema, batches):
    model = randomised(
        AutoIntPlus(categorical_schema, **SIZES, hidden_dims=(4,), gaussian_gate=True)
    )
    with torch.no_grad():
        x = torch.cat([model.gate(model.embedding(batch)) for batch in batches])
        maps = torch.stack(model.attention.attention(x)).mean(dim=(0, 1, 2, 3))

    found = attention_fields(model, batches, categorical_schema.names)

    np.testing.assert_allclose(found.scores, maps.numpy(), rtol=1e-5)


def test_tasks_look_at_fields(categorical_schema, batches):
    model = randomised(
        Hiformer(categorical_schema, embedding_dim=4, token_dim=8, num_layers=2)
    )
    with torch.no_grad():
        weights = torch.cat([model.eval().attend(batch) for batch in batches])

    found = attention_fields(model, iter(batches), categorical_schema.names)

    np.testing.assert_allclose(
        found.scores, weights.mean(dim=(0, 1, 2)).numpy(), rtol=1e-5
    )
    assert "tasks" in found.meaning
    # What is missing goes to the task itself.
    assert 0 < found.scores.sum() < 1


def test_models_without_attention_are_refused(categorical_schema, categorical_batch):
    model = DNN(categorical_schema, embedding_dim=2, hidden_dims=(3,))

    for explain in (attention_pairs, attention_fields):
        with pytest.raises(ValueError, match=r"a layer SelfAttention, got DNN\."):
            explain(model, [categorical_batch], categorical_schema.names)


def test_a_layer_that_is_not_there(categorical_schema, categorical_batch):
    model = AutoInt(categorical_schema, **SIZES)

    with pytest.raises(IndexError):
        attention_pairs(model, [categorical_batch], categorical_schema.names, layer=2)
    assert not model.attention.stack._forward_pre_hooks


def test_names_and_rows_are_checked(categorical_schema, categorical_batch):
    model = AutoInt(categorical_schema, **SIZES)

    with pytest.raises(ShapeError, match=r"names must be 3 fields, got 1\."):
        attention_pairs(model, [categorical_batch], ["site"])
    with pytest.raises(DataError, match="must hold at least one row"):
        attention_fields(model, [], categorical_schema.names)
