"""CompressedInteraction against the equations of the paper."""

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.compressed_interaction import CompressedInteraction


def random_layer(num_fields, num_feature_maps):
    torch.manual_seed(0)
    layer = CompressedInteraction(num_fields, num_feature_maps=num_feature_maps)
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    return layer.double()


def test_two_layers_by_hand():
    layer = CompressedInteraction(2, num_feature_maps=(1, 1))
    with torch.no_grad():
        # Products stand in the order (map, field): 00, 01, 10, 11.
        layer.layers[0].weight.copy_(torch.tensor([[1.0, 2.0, 0.0, 1.0]]))
        layer.layers[0].bias.fill_(1.0)
        layer.last.weight.copy_(torch.tensor([[1.0, 3.0]]))
        layer.last.bias.fill_(10.0)
    x = torch.tensor([[[1.0, 2.0], [3.0, -1.0]]])

    sums = layer(x)

    # First dimension: 1 * 1 + 2 * (1 * 3) + 3 * 3 + 1 = 17, second 4 - 4 + 1 + 1 = 2.
    # Second layer: 17 (1 + 3 * 3) + 10 = 180 and 2 (2 - 3 * 1) + 10 = 8.
    assert sums.tolist() == [[17.0 + 2.0, 180.0 + 8.0]]


def sums_by_loop(layer, fields):
    maps, sums = fields, []
    for dense in (*layer.layers, layer.last):
        new = []
        for weights, bias in zip(
            dense.weight.tolist(), dense.bias.tolist(), strict=True
        ):
            new.append([bias] * len(fields[0]))
            for i, one in enumerate(maps):
                for j, other in enumerate(fields):
                    for k in range(len(other)):
                        weight = weights[i * len(fields) + j]
                        new[-1][k] += weight * one[k] * other[k]
        maps = new
        sums += [sum(row) for row in maps]
    return sums


@pytest.mark.parametrize("num_feature_maps", [(3,), (3, 2), (2, 4, 3)])
@pytest.mark.parametrize("num_fields", [1, 4])
def test_matches_loops(num_fields, num_feature_maps):
    layer = random_layer(num_fields, num_feature_maps)
    x = torch.randn(5, num_fields, 3, dtype=torch.float64)

    expected = [sums_by_loop(layer, fields) for fields in x.tolist()]

    torch.testing.assert_close(layer(x).tolist(), expected, rtol=1e-10, atol=1e-10)


def test_degree_grows_by_one_per_layer():
    layer = random_layer(4, (2, 2, 2))
    for dense in (*layer.layers, layer.last):
        nn.init.zeros_(dense.bias)
    x = torch.randn(5, 4, 3, dtype=torch.float64)

    ratios = layer(2 * x) / layer(x)

    # Without biases the sums of layer k are homogeneous of degree k + 1.
    expected = torch.tensor([4.0, 4, 8, 8, 16, 16], dtype=torch.float64)
    torch.testing.assert_close(ratios, expected.expand_as(ratios))


def test_one_layer_of_equal_weights_is_a_factorization_machine():
    layer = CompressedInteraction(3, num_feature_maps=(1,)).double()
    with torch.no_grad():
        layer.last.weight.copy_(
            torch.ones(3, 3).triu(diagonal=1).flatten().unsqueeze(0)
        )
    x = torch.randn(5, 3, 4, dtype=torch.float64)

    pairs = sum((x[:, i] * x[:, j]).sum(dim=1) for i, j in ((0, 1), (0, 2), (1, 2)))

    torch.testing.assert_close(layer(x).squeeze(1), pairs)


def test_dimensions_do_not_meet():
    layer = random_layer(4, (3, 2))
    x = torch.randn(5, 4, 3, dtype=torch.float64)

    torch.testing.assert_close(layer(x[:, :, [2, 0, 1]]), layer(x))


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    layer = CompressedInteraction(4, num_feature_maps=(3, 2))

    assert layer(torch.zeros(num_rows, 4, 2)).shape == (num_rows, 5)


def test_wrong_number_of_fields_is_told():
    layer = CompressedInteraction(4, num_feature_maps=(3,))

    with pytest.raises(ShapeError, match=r"x must have 4 fields, got \(2, 3, 5\)\."):
        layer(torch.zeros(2, 3, 5))


@pytest.mark.parametrize("counts", [(), (3, 0)])
def test_there_must_be_maps(counts):
    with pytest.raises(ValueError, match=r"num_feature_maps must be positive, got \("):
        CompressedInteraction(4, num_feature_maps=counts)


def test_there_must_be_fields():
    with pytest.raises(ValueError, match=r"num_fields must be positive, got 0\."):
        CompressedInteraction(0, num_feature_maps=(3,))
