"""DCNMix: a mixture of experts of low rank beside a tower."""

import torch

from fieldwise.models.dcnmix import DCNMix
from fieldwise.models.dcnv2 import DCNv2
from tests.models.by_loop import randomise

SIZES = {"embedding_dim": 2, "num_cross_layers": 2, "hidden_dims": (5, 4)}


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
    plain.tower.load_state_dict(mixed.tower.state_dict())
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
