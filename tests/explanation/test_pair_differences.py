"""Second differences: a loop, models that add, and planted pairs."""

import numpy as np
import pytest

from fieldwise.data.loader import Loader
from fieldwise.errors import DataError, SchemaError
from fieldwise.explanation.ablation import ablate_fields
from fieldwise.explanation.baselines import BaselineModel, draw_baselines
from fieldwise.explanation.pair_differences import pair_differences
from fieldwise.metrics import auc
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_schema,
    random_values,
    trained,
)


def compared(name="deepfm", num_baselines=3, num_rows=40):
    schema = planted_schema()
    values = random_values(schema, num_rows)
    dataset = dataset_of(schema, values, values[:, 0] > 3)
    model = model_of(schema, name).double()
    baselines = draw_baselines(dataset, num_baselines=num_baselines)
    return BaselineModel(model, schema, baselines), model, dataset


def by_loop(model, dataset, baselines, rows, i, j):
    """Whole rows, put together index by index."""
    found = np.zeros(len(rows))
    for place, row in enumerate(rows):
        batch = dataset.batch(np.array([row]))
        for other in baselines.indices:
            for replaced, sign in (((), 1), ((i,), -1), ((j,), -1), ((i, j), 1)):
                indices = batch.indices.clone()
                indices[0, list(replaced)] = other[list(replaced)]
                changed = type(batch)(indices, *list(vars(batch).values())[1:])
                found[place] += sign * model(changed).item() / len(baselines)
    return found


def test_equals_a_loop_over_whole_rows():
    explained, model, dataset = compared()
    rows, baselines = np.arange(4), draw_baselines(dataset, num_baselines=3)

    found = pair_differences(explained, [dataset.batch(rows)])

    for pair in ((0, 1), (2, 5)):
        names = tuple(dataset.schema.names[place] for place in pair)
        expected = by_loop(model, dataset, baselines, rows, *pair)
        column = found.values[:, found.names.index(names)]
        np.testing.assert_allclose(column, expected, atol=1e-12)


def test_a_model_that_adds_has_none():
    explained, _, dataset = compared("lr")

    found = pair_differences(explained, [dataset.batch(slice(None))])

    np.testing.assert_allclose(found.values, 0.0, atol=1e-12)
    np.testing.assert_allclose(found.importance().details["h_statistic"], 0, atol=1e-10)


def test_fields_are_chosen_and_batches_change_nothing():
    explained, _, dataset = compared()
    whole = pair_differences(explained, Loader(dataset, batch_size=40).epoch(0))

    some = pair_differences(
        explained,
        Loader(dataset, batch_size=7).epoch(0),
        fields=["hour", "site", "noise"],
    )

    assert some.names == (("site", "hour"), ("site", "noise"), ("hour", "noise"))
    places = [whole.names.index(name) for name in some.names]
    np.testing.assert_allclose(some.values, whole.values[:, places], atol=1e-12)
    row = some.of_row(3)
    np.testing.assert_allclose(row.details["signed"], some.values[3])
    assert row.unit == "pair"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_pair_comes_first(seed):
    schema = planted_schema()
    random = np.random.default_rng(seed)
    values = random_values(schema, 8_000, seed)
    table = random.normal(size=(8, 8)) * 1.5
    mains = random.normal(size=(6, 8))[np.arange(6), values].sum(axis=1) * 0.7
    logit = mains + table[values[:, 2], values[:, 3]]
    labels = random.random(8_000) < 1 / (1 + np.exp(-logit))
    dataset = dataset_of(schema, values, labels)
    model = trained(model_of(schema, std=0.1, seed=seed), dataset)
    explained = BaselineModel(model, schema, draw_baselines(dataset, seed=seed))

    found = pair_differences(explained, [dataset.batch(np.arange(200))]).importance()

    is_planted = np.array([name == ("hour", "user") for name in found.names])
    assert auc(is_planted.astype(float), found.scores) >= 0.95


def test_ablation_by_hand_of_a_linear_model():
    explained, model, dataset = compared("lr")
    weights = model.linear.weights.table.detach().numpy()[:, 0]
    baselines = draw_baselines(dataset, num_baselines=3)
    batch = dataset.batch(np.arange(5))

    found = ablate_fields(explained, [batch])

    lost = weights[batch.indices] - weights[baselines.indices].mean(axis=0)
    np.testing.assert_allclose(found.scores, np.abs(lost).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.details["signed"], lost.mean(axis=0), atol=1e-12)


def test_no_rows_and_unknown_fields():
    explained, _, _ = compared()

    assert len(pair_differences(explained, [])) == 0
    with pytest.raises(DataError, match="rows must be at least one"):
        pair_differences(explained, []).importance()
    with pytest.raises(DataError, match="at least one row"):
        ablate_fields(explained, [])
    with pytest.raises(SchemaError, match=r"fields must be among .* got \['sit'\]"):
        pair_differences(explained, [], fields=["sit"])
