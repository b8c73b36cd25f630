"""Layers of towers beside each other: names, likeness by hand, models without."""

import numpy as np
import pytest
import torch

from fieldwise.diagnosis.alike_layers import alike_layers, tower_layers
from fieldwise.models import build_model

SIZES = {"embedding_dim": 4, "hidden_dims": (8, 8, 6)}


@pytest.mark.parametrize("batch_norm", [False, True])
def test_states_are_those_after_each_activation(
    categorical_schema, random_batch, batch_norm
):
    model = build_model("dnn", categorical_schema, batch_norm=batch_norm, **SIZES)
    batch = random_batch(categorical_schema, 40)

    (found,) = alike_layers(model.eval(), [batch])

    assert found.layers[0].endswith(".input")
    assert len(found.layers) == 4
    np.testing.assert_allclose(found.similarity.diagonal(), 1.0)
    last = dict(model.named_modules())[found.layers[-1]]
    states = []
    handle = last.register_forward_hook(lambda _m, _i, out: states.append(out))
    with torch.no_grad():
        model(batch)
    handle.remove()
    assert states[0].shape == (40, 6)
    assert (states[0] >= 0).all()


def test_a_layer_that_only_turns_its_input_is_like_it(categorical_schema, random_batch):
    model = build_model("dnn", categorical_schema, **SIZES).eval()
    first, second, _ = (
        dict(model.named_modules())[name] for name in tower_layers(model)[0][1:]
    )
    with torch.no_grad():
        second.weight.copy_(3 * torch.eye(8)[torch.tensor([1, 0, 2, 3, 4, 5, 7, 6])])
        second.bias.zero_()
        first.bias.fill_(0.1)

    (found,) = alike_layers(model, [random_batch(categorical_schema, 40)])

    assert found.similarity[1, 2] == pytest.approx(1.0)
    assert found.similarity[0, 2] < 0.999


def test_models_without_such_towers_have_none(categorical_schema, categorical_batch):
    assert tower_layers(build_model("fm", categorical_schema, embedding_dim=4)) == []
    one = build_model("dnn", categorical_schema, embedding_dim=4, hidden_dims=(3,))
    assert alike_layers(one, [categorical_batch]) == []
