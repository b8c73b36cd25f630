"""DCNMix: a mixture of experts of low rank beside a tower, and its size."""

import pytest
import torch
from torch import nn

from fieldwise.models.dcnmix import DCNMix
from fieldwise.models.dcnv2 import DCNv2

SIZES = {"embedding_dim": 2, "num_cross_layers": 2, "hidden_dims": (5, 4)}


def randomise(model):
    torch.manual_seed(0)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    return model


def test_is_the_mixture_beside_the_tower(mixed_schema, mixed_batch, to_double):
    model = DCNMix(mixed_schema, **SIZES, num_experts=3, rank=2)
    randomise(model.double())
    batch = to_double(mixed_batch)
    x = model.embedding(batch).flatten(start_dim=1)

    logits = model(batch)

    # The mixture equals a loop over its experts in the test of its layer.
    both = torch.cat([model.cross(x), model.tower.deep(x)], dim=1)
    expected = both @ model.tower.head.linear.weight[0] + model.tower.head.linear.bias
    torch.testing.assert_close(logits, expected, rtol=1e-12, atol=1e-10)


def test_one_expert_of_full_rank_is_dcnv2(
    categorical_schema, categorical_batch, to_double
):
    mixed = DCNMix(categorical_schema, **SIZES, num_experts=1, rank=6)
    randomise(mixed.double())
    plain = DCNv2(categorical_schema, **SIZES).double()
    plain.embedding.load_state_dict(mixed.embedding.state_dict())
    plain.deep.load_state_dict(mixed.tower.deep.state_dict())
    plain.head.load_state_dict(mixed.tower.head.state_dict())
    with torch.no_grad():
        for layer, its_twin in zip(mixed.cross.layers, plain.cross.layers, strict=True):
            layer.inside.copy_(torch.eye(6))
            its_twin.weight.copy_(layer.up.weight @ layer.down.weight)
            its_twin.bias.copy_(layer.up.bias)
            # So near zero, tanh is the identity to fourteen digits.
            layer.down.weight.mul_(1e-7)
            layer.up.weight.mul_(1e7)
    batch = to_double(categorical_batch)

    torch.testing.assert_close(mixed(batch), plain(batch), rtol=1e-10, atol=1e-10)


def test_size_of_a_frappe_model(frappe_schema):
    model = DCNMix(
        frappe_schema,
        embedding_dim=10,
        num_cross_layers=4,
        num_experts=4,
        rank=32,
        hidden_dims=(400, 400, 400),
        batch_norm=True,
    )

    # 53,890 of the table; cross layers 4 (4 (2 * 100 * 32 + 32 * 32 + 100) + 100) =
    # 120,784; the tower 363,600; the head 100 + 400 + 1.
    assert sum(p.numel() for p in model.parameters()) == 538_775


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"embedding_dim": 0}, r"embedding_dim must be positive, got 0\."),
        ({"num_cross_layers": 0}, r"num_cross_layers must be positive, got 0\."),
        ({"num_experts": 0}, r"num_experts must be positive, got 0\."),
        ({"rank": 0}, r"rank must be positive, got 0\."),
    ],
)
def test_settings_are_checked(categorical_schema, settings, message):
    with pytest.raises(ValueError, match=message):
        DCNMix(categorical_schema, **settings)
