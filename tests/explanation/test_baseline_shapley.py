"""Shapley values of baselines: every order by hand, additive models, sums."""

from itertools import permutations

import numpy as np
import pytest
import torch

from fieldwise.explanation.baseline_shapley import baseline_shapley
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.gradient_correlation import gradient_correlation
from fieldwise.explanation.integrated_gradients import integrated_gradients
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
)


def explained(name="deepfm", num_fields=6, num_rows=40):
    schema = planted_schema(num_fields)
    values = random_values(schema, num_rows)
    dataset = dataset_of(schema, values, values[:, 0] > 3)
    model = model_of(schema, name).double()
    baselines = draw_baselines(dataset, num_baselines=3)
    return BaselineModel(model, schema, baselines), dataset


def test_all_orders_by_a_loop():
    model, dataset = explained(num_fields=3)
    rows = model.embed(dataset.batch(np.arange(4)))

    # Six orders are few: these seeds draw enough of them to come close to the mean.
    found = baseline_shapley(model, [rows], num_orders=400)

    expected = np.zeros((4, 3))
    for order in permutations(range(3)):
        gone, before = np.ones(3, dtype=bool), np.full(4, model.base)
        for field in order:
            gone[field] = False
            after = model.score_replaced(rows, torch.from_numpy(gone)[None, None])[:, 0]
            expected[:, field] += (after - before) / 6
            before = after
    np.testing.assert_allclose(found.values, expected, atol=0.03)


def test_sums_are_exact_for_any_number_of_orders():
    model, dataset = explained()
    halves = [dataset.batch(np.arange(15)), dataset.batch(np.arange(15, 40))]

    found = baseline_shapley(model, halves, num_orders=1, seed=3)

    np.testing.assert_allclose(
        found.values.sum(axis=1) + found.base, found.logits, atol=1e-12
    )
    np.testing.assert_array_equal(found.path_error, 0.0)
    whole = baseline_shapley(model, [dataset.batch(slice(None))], num_orders=1, seed=3)
    np.testing.assert_allclose(found.values, whole.values, atol=1e-12)


@pytest.mark.parametrize("name", ["lr", "fm"])
def test_models_of_pairs_have_the_integrated_gradients(name):
    model, dataset = explained(name)
    batch = dataset.batch(slice(None))

    found = baseline_shapley(model, [batch], num_orders=1)

    # Both halve what a pair says; with an order and its reverse the halves are exact.
    gradients = integrated_gradients(model, [batch], num_steps=1)
    np.testing.assert_allclose(found.values, gradients.values, atol=1e-10)


def test_both_ways_split_the_correlation_of_any_model_alike():
    model, dataset = explained("dnn", num_rows=200)
    batch, labels = dataset.batch(slice(None)), dataset.labels[:, 0]

    shapley = gradient_correlation(baseline_shapley(model, [batch]), labels)
    gradients = gradient_correlation(integrated_gradients(model, [batch]), labels)

    correlation = np.corrcoef(model.score(model.embed(batch)), labels)[0, 1]
    assert shapley.scores.sum() == pytest.approx(correlation, abs=1e-12)
    assert gradients.scores.sum() == pytest.approx(correlation, abs=1e-12)
    np.testing.assert_allclose(shapley.scores, gradients.scores, atol=0.05)


@pytest.mark.parametrize("explain", [baseline_shapley, integrated_gradients])
def test_an_exclusive_or_goes_half_to_each_of_its_fields(explain):
    schema = planted_schema(4, num_values=2)
    values = random_values(schema, 4_000)
    labels = values[:, 0] != values[:, 1]
    dataset = dataset_of(schema, values, labels)
    model = model_of(schema, "fm").double()
    with torch.no_grad():
        model.linear.weights.table.zero_()
        model.embedding.table.zero_()
        # Opposite signs for both values: the product is 1 where they differ.
        first, second = schema.table_offsets[:2]
        model.embedding.table[first : first + 2, 0] = torch.tensor([1.0, -1.0])
        model.embedding.table[second : second + 2, 0] = torch.tensor([-1.0, 1.0])
    compared = BaselineModel(model, schema, draw_baselines(dataset, num_baselines=64))

    found = gradient_correlation(
        explain(compared, [dataset.batch(slice(0, 1000))]), labels[:1000]
    )

    assert found.scores[:2] == pytest.approx([0.5, 0.5], abs=0.03)
    np.testing.assert_allclose(found.scores[2:], 0.0, atol=1e-12)


def test_one_field_and_what_is_refused():
    model, dataset = explained("lr", num_fields=1)
    batch = dataset.batch(slice(None))

    found = baseline_shapley(model, [batch])

    np.testing.assert_allclose(found.values[:, 0] + found.base, found.logits)
    with pytest.raises(ValueError, match="num_orders must be positive"):
        baseline_shapley(model, [batch], num_orders=0)
