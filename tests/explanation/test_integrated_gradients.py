"""Integrated gradients: a loop over paths, sums that are exact, planted truths."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from fieldwise.data.loader import Loader
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.integrated_gradients import integrated_gradients
from fieldwise.schema import Label
from tests.contracts.small_models import make_model
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
    trained,
)


@pytest.fixture
def schema():
    return planted_schema()


@pytest.fixture
def dataset(schema):
    values = random_values(schema, 60)
    return dataset_of(schema, values, values[:, 0] > 3)


def baseline_model(model, dataset, num_baselines=3, **arguments):
    baselines = draw_baselines(dataset, num_baselines=num_baselines)
    return BaselineModel(model, dataset.schema, baselines, **arguments)


def by_loop(model, split, batch, baselines, num_steps):
    """Row by row, baseline by baseline, point by point, in float64."""
    rows, others = split.embed(batch), split.embed(baselines)
    found = np.zeros((len(batch), len(split.schema)))
    for row in range(len(batch)):
        for other in range(len(baselines)):
            for node in nodes(other, num_steps):
                points = [
                    (o[other] + node * (x[row] - o[other]))[None].requires_grad_()
                    for x, o in zip(rows.parts, others.parts, strict=True)
                ]
                at = replace(rows.take(slice(row, row + 1)), parts=tuple(points))
                split.forward_from_embeddings(at).sum().backward()
                for place, point in enumerate(points):
                    way = rows.parts[place][row] - others.parts[place][other]
                    for field in range(len(way)):
                        found[row, field] += (
                            float(way[field] @ point.grad[0, field]) / num_steps
                        ) / len(baselines)
    return found


def nodes(other, num_steps):
    """One in each step, other ones for each baseline, mirrored in the middle."""
    shift = (other + 0.5) * (5**0.5 - 1) / 2 % 1
    first = [(step + shift) / num_steps for step in range(num_steps // 2)]
    return first + [0.5] * (num_steps % 2) + [1 - node for node in reversed(first)]


@pytest.mark.parametrize("num_steps", [1, 4, 5])
@pytest.mark.parametrize("name", ["deepfm", "dcnv2"])
def test_equals_a_loop_over_rows_baselines_and_steps(name, num_steps, dataset):
    model = model_of(dataset.schema, name).double()
    compared = baseline_model(model, dataset)
    batch = dataset.batch(np.arange(5))

    found = integrated_gradients(compared, [batch], num_steps=num_steps)

    baselines = draw_baselines(dataset, num_baselines=3)
    expected = by_loop(model, compared.split, batch, baselines, num_steps)
    np.testing.assert_allclose(found.values - found.corrections, expected, atol=1e-10)


@pytest.mark.parametrize("name", ["lr", "deepfm", "dcnv2", "autoint", "optinter"])
def test_contributions_and_base_add_up_to_the_logit(name, mixed_schema, random_batch):
    model = make_model(name, mixed_schema).double().eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    rows = [as_double(random_batch(mixed_schema, 7, seed)) for seed in range(3)]

    found = integrated_gradients(BaselineModel(model, mixed_schema, rows[2]), rows[:2])

    logits = torch.cat([model(batch) for batch in rows[:2]]).detach().numpy()
    base = model(rows[2]).mean().item()
    np.testing.assert_allclose(found.logits, logits, atol=1e-12)
    assert found.base == pytest.approx(base)
    np.testing.assert_allclose(found.values.sum(axis=1) + base, logits, atol=1e-10)


def as_double(batch):
    vectors = tuple(vector.double() for vector in batch.vectors)
    return replace(batch, numbers=batch.numbers.double(), vectors=vectors)


@pytest.mark.parametrize("num_steps", [1, 2, 3])
def test_few_steps_are_exact_for_pairs_of_fields(dataset, num_steps):
    # The gradient of a sum of products is linear along a path.
    model = model_of(dataset.schema, "fm").double()
    rows = Loader(dataset, batch_size=16).epoch(0)

    compared = baseline_model(model, dataset)
    found = integrated_gradients(compared, rows, num_steps=num_steps)

    np.testing.assert_allclose(found.path_error, 0.0, atol=1e-12)


def test_a_linear_model_by_hand(schema, dataset):
    # c_f = w[x_f] - mean over the baselines of w[b_f]
    model = model_of(schema, "lr")
    baselines = draw_baselines(dataset, num_baselines=3)
    weights = model.linear.weights.table.detach().double().numpy()[:, 0]
    batch = dataset.batch(np.arange(4))

    found = integrated_gradients(BaselineModel(model, schema, baselines), [batch])

    expected = weights[batch.indices] - weights[baselines.indices].mean(axis=0)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_planted_contributions_are_found_in_each_row(schema, seed):
    # logit = sum of w_f[x_f], and the model is a trained one.
    random = np.random.default_rng(seed)
    values = random_values(schema, 20_000, seed)
    weights = random.normal(size=(6, 8)) * np.array([2, 1.5, 1, 1, 0.5, 0])[:, None]
    # A contribution is what a field says beside what it says in all rows.
    truth = (weights - weights.mean(axis=1, keepdims=True))[np.arange(6), values]
    labels = random.random(20_000) < 1 / (1 + np.exp(-truth.sum(axis=1)))
    dataset = dataset_of(schema, values, labels)
    model = trained(model_of(schema, std=0.05), dataset)
    compared = BaselineModel(model, schema, draw_baselines(dataset, seed=seed))

    found = integrated_gradients(compared, [dataset.batch(np.arange(500))])

    correlations = [
        np.corrcoef(one, other)[0, 1]
        for one, other in zip(found.values, truth, strict=False)
    ]
    assert np.mean(correlations) >= 0.95
    assert found.importance().ranked[-1] == "noise"


def test_batches_change_nothing(dataset):
    model = baseline_model(model_of(dataset.schema).double(), dataset)

    one, many = (
        integrated_gradients(model, Loader(dataset, batch_size=size).epoch(0))
        for size in (7, 60)
    )

    np.testing.assert_allclose(one.values, many.values, atol=1e-12)


def test_one_of_several_logits_is_explained(schema, dataset):
    labels = (*schema.labels, Label("sale", "binary", positive=1))
    model = model_of(replace(schema, labels=labels), "dnn")
    batch, baselines = dataset.batch(np.arange(4)), draw_baselines(dataset)

    first, second = (
        integrated_gradients(
            BaselineModel(model, schema, baselines, task=task), [batch]
        )
        for task in (0, 1)
    )

    logits = model(batch).detach().double().numpy()
    np.testing.assert_allclose(first.logits, logits[:, 0], rtol=1e-5)
    np.testing.assert_allclose(second.logits, logits[:, 1], rtol=1e-5)
    with pytest.raises(IndexError, match="task must be 0"):
        BaselineModel(model_of(schema), schema, baselines, task=1)


def test_no_rows_and_no_steps(dataset):
    model = baseline_model(model_of(dataset.schema), dataset)

    assert integrated_gradients(model, []).values.shape == (0, 6)
    with pytest.raises(ValueError, match="num_steps must be positive, got 0"):
        integrated_gradients(model, [], num_steps=0)
