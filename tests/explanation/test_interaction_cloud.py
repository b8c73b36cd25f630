"""Interaction clouds: closed forms, borders that are kept, planted pairs, pictures."""

import json
import os
from pathlib import Path

import jaxtyping
import numpy as np
import pytest
import torch

import fieldwise as fw
from fieldwise.errors import DataError, SchemaError
from fieldwise.explanation.interaction_cloud import interaction_cloud
from fieldwise.explanation.masked_loss import EmbeddedLoss, MaskedLoss
from fieldwise.explanation.ranker_rows import labelled_rows
from fieldwise.explanation.rashomon_masks import LEVELS, search_masks
from fieldwise.metrics import auc
from tests.explanation.planted import (
    dataset_of,
    model_of,
    planted_pair,
    planted_schema,
    random_values,
    trained,
)


@pytest.fixture(autouse=True)
def _fast(monkeypatch):
    # Thousands of losses of tiny models: checking shapes would take most of the time.
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


class ArrayLoss:
    """Squared error of a function of numbers, against what it says itself."""

    def __init__(self, function, x, *, num_draws=10, noise=0.1):
        random = np.random.default_rng(0)
        self.names = tuple("abcdef"[: x.shape[1]])
        self.num_draws = num_draws
        self.function, self.x = function, x
        self.y = function(x) + noise * random.normal(size=len(x))
        tiled = np.tile(np.arange(len(x)), (num_draws, x.shape[1], 1))
        self.orders = random.permuted(tiled, axis=-1)

    def loss(self, factors, shuffled=(), draw=0):
        x = self.x.copy()
        for place in shuffled:
            x[:, place] = self.x[self.orders[draw, place], place]
        return float(np.mean((self.function(x * factors) - self.y) ** 2))


def normals(num_columns=2, *, correlation=0.0, num_rows=20_000):
    covariance = np.full((num_columns, num_columns), correlation)
    np.fill_diagonal(covariance, 1.0)
    random = np.random.default_rng(1)
    return random.multivariate_normal(np.zeros(num_columns), covariance, num_rows)


def effects(loss):
    ones = np.ones(len(loss.names))
    base = loss.loss(ones)

    def effect(places):
        draws = [loss.loss(ones, places, draw) for draw in range(loss.num_draws)]
        return np.mean(draws) - base

    return effect((0,)), effect((1,)), effect((0, 1))


@pytest.mark.parametrize(
    ("function", "mains", "joint"),
    [
        # E (x - x')^2 = 2 for a standard normal and a copy of it from another row.
        (lambda x: x[:, 0] + 2 * x[:, 1], (2, 8), 10),
        (lambda x: x[:, 0] * x[:, 1], (2, 2), 2),
        (lambda x: x[:, 0] + x[:, 1] + x[:, 0] * x[:, 1], (4, 4), 6),
    ],
)
def test_closed_forms(function, mains, joint):
    loss = ArrayLoss(function, normals())

    first, second, both = effects(loss)

    np.testing.assert_allclose([first, second, both], [*mains, joint], rtol=0.06)


def test_correlated_fields_interact_even_where_a_model_adds():
    loss = ArrayLoss(lambda x: x[:, 0] + x[:, 1], normals(correlation=0.6))

    first, second, both = effects(loss)

    # Shuffled one by one: twice the covariance.
    assert both - first - second == pytest.approx(1.2, abs=0.1)


def test_a_linear_model_has_a_circle_for_a_halo():
    x = normals(num_rows=4000)
    x -= x.mean(axis=0)
    x[:, 1] -= x[:, 0] * (x[:, 0] @ x[:, 1]) / (x[:, 0] @ x[:, 0])  # E x_i x_j = 0
    loss = ArrayLoss(lambda x: x[:, 0] + 2 * x[:, 1], x, noise=0.0, num_draws=2)
    loss.y += 1.0  # what the masks cannot mend

    cloud = interaction_cloud(loss, tolerance=0.05)

    np.testing.assert_allclose(cloud.added, cloud.epsilon, rtol=0.02)
    assert cloud.directions.shape == (36, 2)
    np.testing.assert_allclose(np.abs(cloud.directions).sum(axis=1), 1.0)
    np.testing.assert_allclose(cloud.references, 0.0, atol=0.3)


def product_of(columns):
    return lambda x: x[:, columns].prod(axis=1)


@pytest.mark.parametrize(
    ("function", "score", "beyond"),
    [
        (lambda x: x.sum(axis=1), 0, 0),
        # Each shuffle alone costs 2, and so do all of them.
        (product_of([0, 1, 2]), 2 - 3 * 2, 2 - 3 * 2 + 3 * 2),
        # A pair and a field beside it: nothing is beyond the pair.
        (lambda x: x[:, 0] * x[:, 1] + x[:, 2], 4 - 3 * 2, 0),
    ],
)
def test_closed_forms_of_three_fields(function, score, beyond):
    loss = ArrayLoss(function, normals(3, num_rows=2500), num_draws=2)

    cloud = interaction_cloud(loss, order=3)

    assert cloud.names == (("a", "b", "c"),)
    np.testing.assert_allclose(cloud.references, score, atol=0.6)
    np.testing.assert_allclose(cloud.beyond_pairs, beyond, atol=0.6)
    found = cloud.importance()
    assert (found.unit, found.names) == ("cross", cloud.names)


def test_a_linear_model_has_a_sphere_for_a_halo_of_three_fields():
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 3))
    x = np.linalg.qr(x - x.mean(axis=0))[0] * 500**0.5  # no means, no covariance
    loss = ArrayLoss(lambda x: x @ [1, 2, 3], x, noise=0.0, num_draws=1)
    loss.y += 1.0  # what the masks cannot mend

    cloud = interaction_cloud(loss, tolerance=0.05, order=3)

    assert cloud.added.shape == (1, 288)
    np.testing.assert_allclose(cloud.added, cloud.epsilon, rtol=0.02)
    np.testing.assert_allclose(np.abs(cloud.directions).sum(axis=1), 1.0)
    layers = json.loads(cloud.plot_halo(("a", "b", "c")).to_json())["layer"]
    assert [len(layer["data"]["values"]) for layer in layers] == [288, 8]


def test_masks_stay_within_their_levels():
    loss = ArrayLoss(lambda x: x[:, 0] * x[:, 1], normals(3, num_rows=500))

    masks = search_masks(loss, epsilon=0.01)

    assert (masks.added <= LEVELS[:, None] * 0.01).all()
    assert (masks.factors[:2, :, 0] >= 1).all()
    assert (masks.factors[:2, :, 1] <= 1).all()
    assert (np.diff(masks.factors[:2, :, 0], axis=1) >= 0).all()
    # The third column is not used: its search ends by itself.
    np.testing.assert_allclose(masks.added[2], 0.0)
    # What is stored is the loss of what is stored.
    mask = np.array([masks.factors[0, 7, 1], 1.0, 1.0])
    assert loss.loss(mask) - masks.reference == pytest.approx(masks.added[0, 7, 1])


def test_a_field_that_is_not_used_has_no_pairs():
    loss = ArrayLoss(lambda x: x[:, 0] * x[:, 1], normals(3, num_rows=300), num_draws=2)

    cloud = interaction_cloud(loss)

    assert cloud.names == (("a", "b"),)
    assert cloud.references[0] < 0


@pytest.fixture(scope="module")
def planted():
    schema = planted_schema(4)
    random = np.random.default_rng(0)
    values = random_values(schema, 8_000)
    table = random.normal(size=(8, 8)) * 1.5
    logit = random.normal(size=(2, 8))[np.arange(2), values[:, :2]].sum(axis=1)
    logit = logit + table[values[:, 2], values[:, 3]]
    labels = random.random(8_000) < 1 / (1 + np.exp(-logit))
    dataset = dataset_of(schema, values, labels)
    return trained(model_of(schema, std=0.1), dataset), dataset


def test_loss_of_a_model_is_that_of_the_masked_model(planted):
    model, dataset = planted
    loss = EmbeddedLoss(model, dataset, num_rows=10**6, num_draws=1)
    batch = dataset.batch(slice(None))
    labels = batch.labels[:, 0]

    with torch.no_grad():
        whole = torch.nn.functional.binary_cross_entropy_with_logits(
            model(batch), labels
        )
    assert isinstance(loss, MaskedLoss)
    assert loss.loss(np.ones(4)) == pytest.approx(whole.item(), rel=1e-5)
    # Twice the embeddings of a field are those of twice its rows of the tables.
    first = slice(0, dataset.schema.table_sizes[0])
    doubled = model_of(dataset.schema)
    doubled.load_state_dict(model.state_dict())
    with torch.no_grad():
        doubled.embedding.table[first] *= 2
        doubled.linear.weights.table[first] *= 2
        other = torch.nn.functional.binary_cross_entropy_with_logits(
            doubled(batch), labels
        )
    assert loss.loss(np.array([2.0, 1, 1, 1])) == pytest.approx(other.item(), rel=1e-5)


def test_the_planted_pair_has_the_largest_range(planted):
    model, dataset = planted
    loss = EmbeddedLoss(model, dataset, num_rows=500, num_draws=1)

    cloud = interaction_cloud(loss)

    importance = cloud.importance()
    assert importance.ranked[0] == ("hour", "user")
    low, high = importance.details["low"], importance.details["high"]
    assert (low <= importance.details["reference"]).all()
    assert (importance.details["reference"] <= high).all()
    widths = dict(zip(importance.names, high - low, strict=True))
    assert max(widths, key=widths.get) == ("hour", "user")
    assert cloud.is_within.any()
    drawn(cloud)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_pair_is_ranked_first(seed):
    dataset = planted_pair(seed)
    model = trained(model_of(dataset.schema, std=0.1, seed=seed), dataset)
    loss = EmbeddedLoss(model, dataset, num_rows=300, num_draws=1, seed=seed)

    found = interaction_cloud(loss, fields=["site", "hour", "user", "slot"])

    importance = found.importance()
    is_planted = np.array([name == ("hour", "user") for name in importance.names])
    assert auc(is_planted.astype(float), importance.scores) >= 0.95


def drawn(cloud):
    """Both pictures are complete charts."""
    swarm = json.loads(cloud.plot().to_json())
    halo = json.loads(cloud.plot_halo(cloud.names[0]).to_json())
    assert len(swarm["layer"]) == len(halo["layer"]) == 2
    assert len(halo["layer"][1]["data"]["values"]) == 36


def test_the_mode_of_the_code_takes_other_effects(planted):
    model, dataset = planted
    loss = EmbeddedLoss(model, dataset, num_rows=200, num_draws=1)

    exact, other = (
        interaction_cloud(loss, mode=mode, fields=["hour", "user"])
        for mode in ("exact", "paper_code")
    )

    assert exact.names == other.names == (("hour", "user"),)
    np.testing.assert_allclose(exact.added, other.added)
    assert not np.allclose(exact.scores, other.scores)


def test_what_is_wrong_is_refused(planted):
    model, dataset = planted
    loss = EmbeddedLoss(model, dataset, num_rows=50, num_draws=1)
    without = type(dataset)(
        dataset.schema, np.ascontiguousarray(dataset.rows[:, :4]), labelled=False
    )

    with pytest.raises(DataError, match="rows with one label"):
        EmbeddedLoss(model, without)
    with pytest.raises(SchemaError, match=r"got \['sit'\]"):
        interaction_cloud(loss, fields=["sit"])
    with pytest.raises(ValueError, match="order must be 2 or 3, got 4"):
        interaction_cloud(loss, order=4)
    with pytest.raises(ValueError, match="tolerance must be positive"):
        interaction_cloud(loss, tolerance=0.0)
    with pytest.raises(SchemaError, match="names must be one of the cloud"):
        interaction_cloud(loss, fields=["hour", "user"]).plot_halo(("a", "b"))


def test_compas(tmp_path):
    folder = os.environ.get("FIELDWISE_DATA")
    root = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = (Path(folder) if folder else root) / "compas.parquet"
    if not path.is_file():
        pytest.skip(f"{path.name} is not at hand: set FIELDWISE_DATA")
    ranker = fw.fit(
        path,
        label="two_year_recid",
        ignore=["is_recid"],
        model="fm",
        model_arguments={"embedding_dim": 4},
        recipe={"num_epochs": 3, "learning_rate": 0.02},
    )
    rows = labelled_rows(ranker, path)
    loss = EmbeddedLoss(ranker.model, rows, num_rows=400, num_draws=1)

    cloud = interaction_cloud(loss, fields=["age", "race", "priors_count"])

    assert len(cloud.names) == 3
    assert cloud.is_within.any()
    drawn(cloud)
    cloud.plot().save(str(tmp_path / "swarm.svg"))
    assert (tmp_path / "swarm.svg").stat().st_size > 1000
