"""One door to what layers say of fields and pairs."""

from itertools import combinations

import numpy as np
import pytest
import torch

from fieldwise.data.loader import Loader
from fieldwise.errors import DataError, ShapeError
from fieldwise.explanation import (
    attention_pairs,
    intrinsic_fields,
    intrinsic_pairs,
)
from fieldwise.explanation.mixed_pairs import mixed_pairs
from fieldwise.explanation.token_pairs import token_pairs
from fieldwise.fitting import fit
from fieldwise.metrics import auc
from fieldwise.models import build_model
from tests.explanation.planted import (
    dataset_of,
    planted_frame,
    planted_pair,
    planted_schema,
    random_values,
    sigmoid,
    trained,
)

PAIR = ("hour", "user")
RECIPE = {"num_epochs": 3, "learning_rate": 0.02, "batch_size": 256}
ARGUMENTS = {
    "armnet": {"embedding_dim": 4, "num_heads": 2, "num_neurons": 8},
    "autoint": {"embedding_dim": 4, "num_layers": 1, "num_heads": 2, "head_dim": 4},
    "fcn": {"embedding_dim": 4},
    "dcnv2": {"embedding_dim": 4, "hidden_dims": (8,)},
    "optinter": {"embedding_dim": 4, "hidden_dims": (8,)},
    "hiformer": {"embedding_dim": 4, "token_dim": 8, "num_heads": 2, "rank": 8},
}
METHODS = {
    "armnet": "exponential neurons",
    "autoint": "attention layers",
    "fcn": "cross weights",
    "dcnv2": "cross weights",
    "optinter": "OptInter",
    "hiformer": "task tokens",
}


@pytest.fixture(scope="module")
def frame():
    return planted_frame(6_000)


def fitted(frame, model):
    arguments = ARGUMENTS.get(model, {})
    # A transformer learns a pair in small steps only.
    slow = {"learning_rate": 0.005, "num_epochs": 6} if model == "hiformer" else {}
    recipe = RECIPE | slow
    return fit(
        frame, label="click", model=model, model_arguments=arguments, recipe=recipe
    )


@pytest.mark.parametrize("model", ARGUMENTS)
def test_every_such_system_tells_its_pairs(frame, model):
    ranker = fitted(frame, model)

    pairs = intrinsic_pairs(ranker, frame.head(500))
    fields = intrinsic_fields(ranker, frame.head(500))

    assert (pairs.unit, pairs.method, len(pairs.names)) == ("pair", METHODS[model], 15)
    assert (fields.unit, fields.names) == ("field", ranker.schema.names)
    # The effect of the site alone may be told as pairs of it.
    assert PAIR in pairs.ranked[:2]
    assert np.isfinite(fields.scores).all()


def test_a_model_without_such_layers_is_refused(frame):
    ranker = fitted(frame.head(300), "lr")

    for tell in (intrinsic_pairs, intrinsic_fields):
        with pytest.raises(DataError, match="whose layers tell pairs, got one of 'lr'"):
            tell(ranker, frame.head(5))


def test_task_tokens_by_a_loop():
    dataset = planted_pair(0, num_rows=120)
    schema, names = dataset.schema, dataset.schema.names
    model = build_model("hiformer", schema, **ARGUMENTS["hiformer"]).double()

    found = token_pairs(model, Loader(dataset, batch_size=50).epoch(0), names)

    tokens = model.projection(model.embedding(dataset.batch(slice(None)))).detach()
    mean = tokens.mean(dim=0)

    def logit(row, *places):
        own = tokens[row].clone()
        for place in places:
            own[place] = mean[place]
        x = torch.cat([own, model.task_tokens])[None]
        for layer in model.layers:
            x = layer(x)
        return model.heads[0](x[:, -1]).item()

    for place in (0, 8, 14):
        (i, j), score = list(combinations(range(6), 2))[place], found.scores[place]
        sizes = [
            abs(logit(row) - logit(row, i) - logit(row, j) + logit(row, i, j))
            for row in range(100)
        ]
        assert score == pytest.approx(np.mean(sizes), abs=1e-9)
    with pytest.raises(ShapeError, match="names must be 6 fields, got 2"):
        token_pairs(model, [dataset.batch(slice(0, 5))], names[:2])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_task_tokens_take_up_a_planted_pair(seed):
    dataset = planted_pair(seed)
    torch.manual_seed(seed)
    model = build_model("hiformer", dataset.schema, **ARGUMENTS["hiformer"])
    model = trained(model, dataset, learning_rate=0.01, num_steps=200)

    found = token_pairs(model, [dataset.batch(slice(0, 500))], dataset.schema.names)

    is_planted = np.array([name == PAIR for name in found.names])
    assert auc(is_planted.astype(float), found.scores) >= 0.95


def test_attention_layers_by_a_loop():
    dataset = planted_pair(0, num_rows=120)
    names = dataset.schema.names
    model = build_model("autoint", dataset.schema, **ARGUMENTS["autoint"]).double()

    found = mixed_pairs(model, Loader(dataset, batch_size=50).epoch(0), names)

    # Its logit is linear in what the attention puts out: no gradient is needed.
    tokens = model.embedding(dataset.batch(slice(None))).detach()
    mean = tokens.mean(dim=0)

    def logit(row, *places):
        own = tokens[row].clone()
        for place in places:
            own[place] = mean[place]
        return model.attention(own[None]).item()

    for place in (0, 8, 14):
        (i, j), score = list(combinations(range(6), 2))[place], found.scores[place]
        sizes = [
            abs(logit(row) - logit(row, i) - logit(row, j) + logit(row, i, j))
            for row in range(100)
        ]
        assert score == pytest.approx(np.mean(sizes), abs=1e-9)
    with pytest.raises(ShapeError, match="names must be 6 fields, got 2"):
        mixed_pairs(model, [dataset.batch(slice(0, 5))], names[:2])
    with pytest.raises(DataError, match="at least one row"):
        mixed_pairs(model, [], names)


@pytest.mark.parametrize("model", ["autoint", "autointplus"])
def test_fields_that_matter_alone_are_no_pair(model):
    # Of two fields each says something; only hour and user say something together.
    schema = planted_schema()
    random = np.random.default_rng(3)
    values = random_values(schema, 8_000, 3)
    table = random.normal(size=(8, 8)) * 1.5
    logit = random.normal(size=(2, 8))[np.arange(2), values[:, :2]].sum(axis=1)
    logit = logit + table[values[:, 2], values[:, 3]]
    dataset = dataset_of(schema, values, random.random(8_000) < sigmoid(logit))
    torch.manual_seed(0)
    arguments = ARGUMENTS["autoint"] | (
        {"hidden_dims": (8,)} if model == "autointplus" else {}
    )
    network = trained(build_model(model, schema, **arguments), dataset, num_steps=150)

    found = mixed_pairs(network, [dataset.batch(slice(0, 500))], schema.names)

    assert found.ranked[0] == PAIR


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_attention_goes_between_the_fields_of_a_planted_pair(seed):
    dataset = planted_pair(seed)
    torch.manual_seed(seed)
    model = build_model("autoint", dataset.schema, **ARGUMENTS["autoint"])
    model = trained(model, dataset)

    found = attention_pairs(
        model, [dataset.batch(slice(0, 1000))], dataset.schema.names
    )

    is_planted = np.array([name == PAIR for name in found.names])
    assert auc(is_planted.astype(float), found.scores) >= 0.95
