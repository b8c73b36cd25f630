"""FactorizedInteraction: its two halves, and the degree it reaches."""

import pytest
import torch
from torch import nn

from fieldwise.nn.interactions.factorized_interaction import FactorizedInteraction
from fieldwise.nn.mlp import MLP


def randomised(*widths):
    torch.manual_seed(0)
    layer = FactorizedInteraction(*widths).double()
    for parameter in layer.parameters():
        nn.init.normal_(parameter)
    return layer


def test_two_halves_by_hand():
    layer = FactorizedInteraction(2, 2)
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor([[1.0, 2.0], [3.0, -1.0]]))
        layer.linear.bias.copy_(torch.tensor([0.5, 1.0]))

    out = layer(torch.tensor([[2.0, 1.0]]))

    # h2 = 2 + 2 + .5, h1 = 6 - 1 + 1: [4.5, 6 * 4.5]
    assert out.tolist() == [[4.5, 27.0]]


def test_equals_the_loop():
    layer = randomised(3, 6)
    x = torch.randn(4, 3, dtype=torch.float64)

    weight, bias = layer.linear.weight.tolist(), layer.linear.bias.tolist()
    expected = []
    for row in x.tolist():
        h = [
            sum(w * value for w, value in zip(weight[o], row, strict=True)) + bias[o]
            for o in range(6)
        ]
        expected.append(h[:3] + [h[3 + o] * h[o] for o in range(3)])

    torch.testing.assert_close(layer(x).tolist(), expected, rtol=1e-10, atol=1e-10)


def test_without_the_factors_half_of_it_is_a_linear_map():
    layer = randomised(3, 4)
    with torch.no_grad():
        layer.linear.weight[2:] = 0.0
        layer.linear.bias[2:] = 0.0
    x = torch.randn(5, 3, dtype=torch.float64)

    out = layer(x)

    expected = x @ layer.linear.weight[:2].T + layer.linear.bias[:2]
    torch.testing.assert_close(out[:, :2], expected)
    assert not out[:, 2:].any()


def test_degree_doubles_per_layer():
    layers = nn.Sequential(randomised(3, 4), randomised(4, 2))
    x = torch.randn(1, 3, dtype=torch.float64)

    # A polynomial of degree 4 in the scale of x: over equally spaced scales its fifth
    # difference is zero, its fourth is not.
    values = torch.stack([layers(scale * x) for scale in range(7)]).squeeze(1)
    fourth = values.diff(n=4, dim=0)

    torch.testing.assert_close(
        fourth.diff(dim=0), torch.zeros(2, 2, dtype=torch.float64), rtol=0, atol=1e-8
    )
    assert fourth.abs().max() > 1e-3


def test_takes_the_place_of_the_linear_maps_of_a_tower():
    torch.manual_seed(0)
    tower = MLP(3, hidden_dims=(4, 2), make_layer=FactorizedInteraction)
    x = torch.randn(5, 3)

    first, second = (m for m in tower.layers if isinstance(m, FactorizedInteraction))

    torch.testing.assert_close(tower(x), second(first(x).relu()).relu())


@pytest.mark.parametrize("num_rows", [0, 1])
def test_any_batch_size(num_rows):
    assert FactorizedInteraction(3, 4)(torch.zeros(num_rows, 3)).shape == (num_rows, 4)


@pytest.mark.parametrize(
    ("widths", "message"),
    [
        ((0, 2), "in_features must be positive, got 0"),
        ((2, 0), "out_features must be positive, got 0"),
        ((2, 3), "out_features must be even, got 3"),
    ],
)
def test_widths_are_checked(widths, message):
    with pytest.raises(ValueError, match=message):
        FactorizedInteraction(*widths)
