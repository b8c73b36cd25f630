"""WideDeep is LR plus DNN, with one bias."""

from dataclasses import replace

import torch

from fieldwise.models.dnn import DNN
from fieldwise.models.lr import LR
from fieldwise.models.widedeep import WideDeep
from tests.models.by_loop import randomise, set_neuron

SIZES = {"embedding_dim": 3, "hidden_dims": (5, 4)}


def test_two_fields_by_hand(categorical_schema, random_batch):
    schema = categorical_schema.select(["site", "device"])
    model = WideDeep(schema, embedding_dim=1, hidden_dims=(1,))
    with torch.no_grad():
        model.embedding.table.copy_(torch.arange(8.0).unsqueeze(1))
        model.wide.weights.table.fill_(0.25)
    set_neuron(model.tower, [1.0, -1.0])
    batch = replace(
        random_batch(schema, 1), indices=torch.tensor([[3, 6]], dtype=torch.int32)
    )

    # weights .25 + .25, tower 2 relu(3 - 6 + 10), bias 100
    assert model(batch).tolist() == [0.5 + 14 + 100]


def test_without_the_wide_part_it_is_a_dnn(mixed_schema, mixed_batch):
    model = randomise(WideDeep(mixed_schema, **SIZES))
    tower = DNN(mixed_schema, **SIZES)
    for name in ("embedding", "tower"):
        getattr(tower, name).load_state_dict(getattr(model, name).state_dict())
    with torch.no_grad():
        for parameter in model.wide.parameters():
            parameter.zero_()

    assert torch.equal(model(mixed_batch), tower(mixed_batch))


def test_without_the_deep_part_it_is_logistic_regression(mixed_schema, mixed_batch):
    model = randomise(WideDeep(mixed_schema, **SIZES))
    linear = LR(mixed_schema)
    linear.linear.load_state_dict(model.wide.state_dict())
    with torch.no_grad():
        model.tower.head.linear.weight.zero_()
        linear.bias.copy_(model.tower.head.linear.bias)

    assert torch.equal(model(mixed_batch), linear(mixed_batch))
