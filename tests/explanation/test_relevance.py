"""Relevance is conserved, equals gradient times input where that is exact."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError
from fieldwise.explanation.relevance import propagate_relevance
from fieldwise.explanation.relevance_rules import (
    back_through_cross,
    back_through_linear,
    back_through_mlp,
)
from fieldwise.models import build_model
from fieldwise.nn.interactions.cross_network import CrossNetwork
from fieldwise.nn.mlp import MLP
from fieldwise.schema import Label
from fieldwise.sensitivity import SplitModel
from tests.contracts.small_models import make_model

WITH_RULES = ("lr", "fm", "dnn", "widedeep", "deepfm", "dcnv2")


def randomised(model):
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.5)
        for name, buffer in model.named_buffers():
            if "running" in name:
                buffer.copy_(torch.rand_like(buffer) + 0.5)
    return model.double().eval()


def test_a_linear_map_by_hand():
    # z = 1 * 2 + 3 * 1 + 1 = 6, R = 12: inputs get 12 * 2/6 and 12 * 3/6, the bias 2.
    x, weight = torch.tensor([[2.0, 1.0]]).double(), torch.tensor([[1.0, 3.0]]).double()

    found, absorbed = back_through_linear(
        x, weight, torch.ones(1).double(), torch.full((1, 1), 12.0).double()
    )

    np.testing.assert_allclose(found, [[4.0, 6.0]], rtol=1e-6)
    np.testing.assert_allclose(absorbed, [2.0], rtol=1e-6)


def by_loop(x, weight, bias, relevance):
    found = np.zeros(x.shape)
    for row in range(len(x)):
        for out in range(len(weight)):
            z = sum(weight[out, i] * x[row, i] for i in range(x.shape[1])) + bias[out]
            for i in range(x.shape[1]):
                found[row, i] += x[row, i] * weight[out, i] * relevance[row, out] / z
    return found


def test_a_linear_map_equals_a_loop():
    random = torch.Generator().manual_seed(0)
    x, weight = (
        torch.randn(3, 4, generator=random).double(),
        torch.randn(5, 4, generator=random).double(),
    )
    bias = torch.randn(5, generator=random).double()
    relevance = torch.randn(3, 5, generator=random).double()

    found, absorbed = back_through_linear(x, weight, bias, relevance)

    expected = by_loop(x.numpy(), weight.numpy(), bias.numpy(), relevance.numpy())
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    total = found.sum(dim=1) + absorbed
    np.testing.assert_allclose(total, relevance.sum(dim=1), atol=1e-9)


@pytest.mark.parametrize("num_tasks", [1, 2])
@pytest.mark.parametrize("name", WITH_RULES)
def test_relevance_is_conserved(name, num_tasks, mixed_schema, random_batch):
    labels = (*mixed_schema.labels, Label("sale", "binary", positive=1))[:num_tasks]
    schema = replace(mixed_schema, labels=labels)
    model = randomised(make_model(name, schema, batch_norm=True))
    batch = as_double(random_batch(schema, 9))

    found = propagate_relevance(model, schema, [batch], task=num_tasks - 1)

    logits = model(batch).detach().numpy().reshape(9, num_tasks)[:, -1]
    np.testing.assert_allclose(found.logits, logits, atol=1e-12)
    total = found.values.sum(axis=1) + found.bias
    np.testing.assert_allclose(total, logits, atol=1e-5)


def as_double(batch):
    vectors = tuple(vector.double() for vector in batch.vectors)
    return replace(batch, numbers=batch.numbers.double(), vectors=vectors)


@pytest.mark.parametrize("name", ["dnn", "deepfm", "fm"])
def test_without_biases_a_model_gives_it_all_to_the_fields(
    name, categorical_schema, categorical_batch
):
    model = randomised(make_model(name, categorical_schema))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if key.endswith("bias"):
                parameter.zero_()

    found = propagate_relevance(model, categorical_schema, [categorical_batch])

    np.testing.assert_allclose(found.bias, 0.0, atol=1e-6)
    np.testing.assert_allclose(found.values.sum(axis=1), found.logits, atol=1e-5)


def test_a_tower_without_biases_is_gradient_times_input(
    categorical_schema, categorical_batch
):
    model = randomised(make_model("dnn", categorical_schema))
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if key.endswith("bias"):
                parameter.zero_()
    split = SplitModel(model, categorical_schema)
    rows = split.embed(categorical_batch)
    part = rows.parts[0].requires_grad_()
    (gradient,) = torch.autograd.grad(split.forward_from_embeddings(rows).sum(), part)

    found = propagate_relevance(model, categorical_schema, [categorical_batch])

    expected = (gradient * part).sum(dim=-1).detach()
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


def test_both_fields_of_a_pair_have_halves(categorical_schema, categorical_batch):
    model = randomised(make_model("fm", categorical_schema))
    with torch.no_grad():
        model.linear.weights.table.zero_()
        # Without the third field one product is left.
        model.embedding.table[categorical_schema.table_offsets[2] :] = 0.0

    found = propagate_relevance(model, categorical_schema, [categorical_batch])

    np.testing.assert_allclose(found.values[:, 0], found.values[:, 1], atol=1e-12)
    np.testing.assert_array_equal(found.values[:, 2], 0.0)


def test_a_cross_that_adds_nothing_passes_relevance_on():
    cross = CrossNetwork(4, num_layers=2).double()
    with torch.no_grad():
        for layer in cross.layers:
            layer.weight.zero_()
    x, relevance = torch.randn(3, 4).double(), torch.randn(3, 4).double()

    with torch.no_grad():
        found, absorbed = back_through_cross(cross, x, relevance)

    np.testing.assert_allclose(found, relevance)
    np.testing.assert_allclose(absorbed, 0.0)


def test_normalisation_is_folded_exactly():
    tower = randomised(MLP(4, hidden_dims=(6, 3), batch_norm=True))
    x = torch.randn(5, 4).double()
    with torch.no_grad():
        out = tower(x)
        found, absorbed = back_through_mlp(tower, x, out)

    np.testing.assert_allclose(found.sum(dim=1) + absorbed, out.sum(dim=1), atol=1e-6)


def test_layers_without_rules_are_named(categorical_schema, categorical_batch):
    for name, layer in (("gdcn", "GatedCrossNetwork"), ("autoint", "")):
        model = make_model(name, categorical_schema)
        with pytest.raises(ValueError, match=f"layers with rules .*, got {layer}"):
            propagate_relevance(model, categorical_schema, [categorical_batch])


def test_no_rows_have_no_summary(categorical_schema):
    found = propagate_relevance(
        build_model("lr", categorical_schema), categorical_schema, []
    )

    with pytest.raises(DataError, match="at least one"):
        found.importance()
