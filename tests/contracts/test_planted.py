"""Who finds planted interactions: small twins of ``python -m benchmarks.planted``."""

from functools import cache

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from benchmarks.planted.finding import measure_auc, permuted_drops, train
from benchmarks.planted.sets import distractors, memory, numbers, pair, triple
from fieldwise.data.dataset import Dataset
from fieldwise.models import MODELS
from fieldwise.training import Recipe, Trainer, train_in_stages
from tests.contracts.small_models import make_model
from tests.contracts.systems import SYSTEMS

SMALL = {"embedding_dim": 8, "hidden_dims": (64, 32)}
RECIPE = {"learning_rate": 1e-2, "batch_size": 1024, "num_epochs": 3}


def fitted(name, rows, **recipe):
    system = SYSTEMS[name]
    model = make_model(name, rows.schema, **SMALL | dict(system.arguments))
    return train(model, rows, Recipe(**RECIPE | recipe | dict(system.recipe)))


@cache
def small_distractors():
    return distractors(36_000, num_values=10)


@cache
def on_distractors(name):
    return fitted(name, small_distractors().train)


def of_order(*orders):
    return [name for name, system in SYSTEMS.items() if system.order in orders]


def test_every_model_has_its_place():
    assert set(SYSTEMS) == set(MODELS)


@pytest.mark.parametrize("name", of_order("additive"))
def test_additive_models_see_nothing_in_a_pair(name):
    planted = pair(36_000, num_values=10)

    model = fitted(name, planted.train)

    # Chance. Over 6,000 rows its standard deviation is 0.0075.
    assert measure_auc(model, planted.test) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("name", of_order("pairs", "higher"))
def test_all_others_find_the_pair_among_twenty_fields(name):
    planted = small_distractors()

    # The codes themselves would score 0.98.
    assert measure_auc(on_distractors(name), planted.test) > 0.95


@pytest.mark.parametrize("name", of_order("pairs", "higher"))
def test_the_two_true_fields_matter_most(name):
    planted = small_distractors()

    drops = permuted_drops(on_distractors(name), planted)

    first, second, third = np.argsort(-drops)[:3]
    assert {first, second} == set(planted.fields)
    assert drops[second] > 10 * max(drops[third], 0.001)


@pytest.mark.parametrize("name", of_order("higher"))
def test_models_of_higher_order_find_the_triple(name):
    planted = triple(60_000, num_values=6, num_fields=6)

    model = fitted(name, planted.train, num_epochs=5)

    # The true logits would score 0.957, all that pairs tell 0.551.
    assert measure_auc(model, planted.test) > 0.85


@pytest.mark.parametrize("name", of_order("pairs"))
def test_models_of_pairs_do_not_see_the_triple(name):
    planted = triple(60_000, num_values=6, num_fields=6)

    model = fitted(name, planted.train)

    assert measure_auc(model, planted.test) < 0.6


@pytest.mark.parametrize("name", MODELS)
def test_products_of_numbers(name):
    planted = numbers(24_000, num_fields=4)

    model = fitted(name, planted.train)

    # The true logits score 0.729. AFN takes logarithms of lengths: it sees no sign.
    if SYSTEMS[name].order == "additive" or name == "afn":
        assert measure_auc(model, planted.test) == pytest.approx(0.5, abs=0.04)
    else:
        assert measure_auc(model, planted.test) > 0.7


def test_cells_without_structure_are_memorized():
    planted = memory(40_000, num_values=20, num_fields=3)
    arguments = {"embedding_dim": 2, "choices": "memorize", "hidden_dims": (16,)}
    trainer = Trainer(Recipe(**RECIPE), accelerator="cpu", progress=False)
    counts = np.ones(planted.train.schema.num_features, dtype=np.int64)
    parts = {"train": planted.train}

    crossed = train_in_stages("optinter", parts, arguments, trainer, counts=counts)
    factorized = train_in_stages(
        "fm", parts, {"embedding_dim": 2}, trainer, counts=counts
    )

    # The true logits score 0.861.
    assert measure_auc(crossed.model, planted.test) > 0.82
    assert measure_auc(factorized.model, planted.test) < 0.75


@pytest.mark.parametrize("name", [n for n in SYSTEMS if SYSTEMS[n].memorises])
def test_learns_a_small_table_by_heart(name):
    rows = pair(615, num_values=10).train
    matrix = np.array(rows.rows)[:512]
    coins = np.random.default_rng(1).integers(0, 2, 512).astype(np.float32)
    matrix[:, -1] = coins.view(np.int32)
    table = Dataset(rows.schema, matrix)

    model = fitted(name, table, batch_size=512, num_epochs=60)

    assert measure_auc(model, table) > 0.999


def test_the_sets_are_what_they_say():
    for planted, expected in (
        (pair(60_000), 0.98),
        (triple(60_000), 0.957),
    ):
        labels = planted.test.labels[:, 0]
        assert roc_auc_score(labels, planted.logits) == pytest.approx(
            expected, abs=0.01
        )
    assert np.array_equal(pair(600).train.rows, pair(600).train.rows)
