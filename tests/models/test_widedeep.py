"""WideDeep is LR plus DNN, with one bias."""

from dataclasses import replace

import pytest
import torch

from fieldwise.models.dnn import DNN
from fieldwise.models.lr import LR
from fieldwise.models.widedeep import WideDeep

SIZES = {"embedding_dim": 3, "hidden_dims": (5, 4)}


def randomise(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    return model


def test_two_fields_by_hand(categorical_schema, random_batch):
    schema = categorical_schema.select(["site", "device"])
    model = WideDeep(schema, embedding_dim=1, hidden_dims=(1,))
    with torch.no_grad():
        model.embedding.table.copy_(torch.arange(8.0).unsqueeze(1))
        model.wide.weights.table.fill_(0.25)
        model.deep.layers[0].weight.copy_(torch.tensor([[1.0, -1.0]]))
        model.deep.layers[0].bias.fill_(10.0)
        model.head.linear.weight.fill_(2.0)
        model.head.linear.bias.fill_(100.0)
    batch = replace(
        random_batch(schema, 1), indices=torch.tensor([[3, 6]], dtype=torch.int32)
    )

    # weights .25 + .25, tower 2 relu(3 - 6 + 10), bias 100
    assert model(batch).tolist() == [0.5 + 14 + 100]


def test_without_the_wide_part_it_is_a_dnn(mixed_schema, mixed_batch):
    model = randomise(WideDeep(mixed_schema, **SIZES))
    tower = DNN(mixed_schema, **SIZES)
    for name in ("embedding", "deep", "head"):
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
        model.head.linear.weight.zero_()
        linear.bias.copy_(model.head.linear.bias)

    assert torch.equal(model(mixed_batch), linear(mixed_batch))


def test_size_of_the_published_frappe_model(frappe_schema):
    model = WideDeep(
        frappe_schema,
        embedding_dim=10,
        hidden_dims=(400, 400, 400),
        batch_norm=True,
    )

    # The DNN's 417,891, whose head holds the only bias, and 5,389 first-order weights.
    assert sum(p.numel() for p in model.parameters()) == 423_280


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"embedding_dim": 0}, r"embedding_dim must be positive, got 0\."),
        ({"hidden_dims": (4, 0)}, r"hidden_dims must be positive, got \(4, 0\)\."),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        WideDeep(categorical_schema, **settings)
