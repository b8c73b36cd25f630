"""Pairs that neurons move together: a loop, a planted pair."""

from itertools import combinations

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError, ShapeError
from fieldwise.explanation.neuron_pairs import neuron_pairs
from fieldwise.metrics import auc
from fieldwise.models import build_model
from tests.explanation.planted import planted_pair, planted_schema, trained

SIZES = {"embedding_dim": 4, "num_heads": 2, "num_neurons": 8, "hidden_dims": (16,)}


def test_equals_a_loop(categorical_schema, random_batch):
    torch.manual_seed(0)
    model = build_model("armnet", categorical_schema, **SIZES).eval()
    batches = [random_batch(categorical_schema, 5), random_batch(categorical_schema, 3)]

    found = neuron_pairs(model, iter(batches), categorical_schema.names)

    with torch.no_grad():
        x = torch.cat([model.embedding(batch) for batch in batches])
        powers = model.neurons.powers(x).abs().numpy()
    lengths = np.linalg.norm((x - x.mean(0)).numpy(), axis=-1)
    for place, (f, g) in enumerate(combinations(range(3), 2)):
        expected = 0.0
        for row in range(8):
            for neuron in range(16):
                one, other = powers[row, neuron, f], powers[row, neuron, g]
                expected += one * other * lengths[row, f] * lengths[row, g] / 8
        assert found.scores[place] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_pair_comes_first(seed):
    dataset = planted_pair(seed)
    torch.manual_seed(seed)
    model = trained(build_model("armnet", dataset.schema, **SIZES), dataset)

    found = neuron_pairs(model, [dataset.batch(slice(0, 1000))], dataset.schema.names)

    is_planted = np.array([name == ("hour", "user") for name in found.names])
    assert auc(is_planted.astype(float), found.scores) >= 0.95


def test_what_is_wrong_is_refused(categorical_schema, categorical_batch):
    model = build_model("armnet", categorical_schema, **SIZES)

    with pytest.raises(ShapeError, match="names must be 3 fields, got 1"):
        neuron_pairs(model, [categorical_batch], ["site"])
    with pytest.raises(DataError, match="at least one row"):
        neuron_pairs(model, [], categorical_schema.names)
    other = build_model("lr", planted_schema())
    with pytest.raises(ValueError, match="a layer ExponentialNeurons"):
        neuron_pairs(other, [categorical_batch], categorical_schema.names)
