"""Weights that multiply two fields: by hand, by a loop, planted pairs."""

import numpy as np
import pytest
import torch

from fieldwise.errors import DataError, ShapeError
from fieldwise.explanation.cross_weights import cross_weights
from fieldwise.metrics import auc
from fieldwise.models import build_model
from tests.explanation.planted import planted_pair, trained

SIZES = {
    "dcnv2": {"num_cross_layers": 2, "hidden_dims": (8,)},
    "fcn": {"num_exponential_layers": 1, "num_linear_layers": 2, "num_heads": 2},
    "ecn": {"num_cross_layers": 2},
}


def built(name, schema, seed=0):
    torch.manual_seed(seed)
    return build_model(name, schema, embedding_dim=4, **SIZES[name]).eval()


def test_blocks_of_a_cross_network_by_a_loop(categorical_schema, random_batch):
    model = built("dcnv2", categorical_schema)
    batch = random_batch(categorical_schema, 9)

    found = cross_weights(model, [batch], categorical_schema.names)

    with torch.no_grad():
        x = model.embedding(batch).flatten(start_dim=1).double().numpy()
    deviations = x.std(axis=0)
    expected = 0.0
    for layer in model.cross.layers:
        weight = layer.weight.detach().double().numpy()
        for rows, columns in (((0, 4), (8, 12)), ((8, 12), (0, 4))):
            squares = 0.0
            for i in range(*rows):
                for j in range(*columns):
                    squares += (deviations[i] * weight[i, j] * deviations[j]) ** 2
            expected += np.sqrt(squares)
    assert found.names[1] == ("site", "hour")
    assert found.scores[1] == pytest.approx(expected, rel=1e-4)


def test_blocks_of_two_views_say_which_field_multiplies_which(
    categorical_schema, random_batch
):
    model = built("ecn", categorical_schema)
    with torch.no_grad():
        for layer in model.branch.cross.layers:
            layer.linear.weight.zero_()
        # Row 2 is dimension 0 of device; column 6 + 5 that of dimension 1 of hour in
        # the second view: fields have two numbers in each of them.
        model.branch.cross.layers[0].linear.weight[2, 6 + 5] = 3.0

    found = cross_weights(
        model, [random_batch(categorical_schema, 9)], categorical_schema.names
    )

    assert found.ranked[0] == ("device", "hour")
    assert (found.scores > 0).sum() == 1


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", ["dcnv2", "fcn"])
def test_a_planted_pair_comes_first(name, seed):
    dataset = planted_pair(seed)
    model = trained(built(name, dataset.schema, seed), dataset)

    found = cross_weights(model, [dataset.batch(slice(0, 1000))], dataset.schema.names)

    is_planted = np.array([name == ("hour", "user") for name in found.names])
    assert auc(is_planted.astype(float), found.scores) >= 0.95


def test_what_is_wrong_is_refused(categorical_schema, categorical_batch):
    model = built("dcnv2", categorical_schema)

    with pytest.raises(ShapeError, match="that make 12 numbers, got 5"):
        cross_weights(model, [categorical_batch], list("abcde"))
    with pytest.raises(DataError, match="at least one row"):
        cross_weights(model, [], categorical_schema.names)
    with pytest.raises(ValueError, match="must have a cross network, got LR"):
        cross_weights(build_model("lr", categorical_schema), [], ["site"])
