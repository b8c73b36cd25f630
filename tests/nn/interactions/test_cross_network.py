"""CrossNetwork against the equation of the paper."""

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.cross_network import CrossNetwork


def test_matches_equation_by_hand():
    cross = CrossNetwork(2, num_layers=1)
    with torch.no_grad():
        cross.layers[0].weight.copy_(torch.tensor([[1.0, 2.0], [0.0, 1.0]]))
        cross.layers[0].bias.copy_(torch.tensor([0.5, -1.0]))

    out = cross(torch.tensor([[2.0, 3.0]]))

    # x0 * (W x + b) + x = [2*(8+.5)+2, 3*(3-1)+3]
    torch.testing.assert_close(out, torch.tensor([[19.0, 9.0]]))


def test_second_layer_multiplies_by_the_input_of_the_first():
    cross = CrossNetwork(1, num_layers=2)
    with torch.no_grad():
        for layer, bias in zip(cross.layers, (0.0, 1.0), strict=True):
            layer.weight.fill_(1.0)
            layer.bias.fill_(bias)

    # x1 = 2 * 2 + 2 = 6; x2 = 2 * (6 + 1) + 6 = 20
    assert cross(torch.tensor([[2.0]])).tolist() == [[20.0]]


def test_matches_a_loop():
    torch.manual_seed(0)
    cross = CrossNetwork(3, num_layers=2).double()
    for layer in cross.layers:
        torch.nn.init.normal_(layer.bias)
    rows = torch.randn(4, 3, dtype=torch.float64)

    expected = []
    for row in rows.tolist():
        x = row
        for layer in cross.layers:
            weight, bias = layer.weight.tolist(), layer.bias.tolist()
            product = [
                sum(w * value for w, value in zip(weight[i], x, strict=True)) + bias[i]
                for i in range(3)
            ]
            x = [row[i] * product[i] + x[i] for i in range(3)]
        expected.append(x)

    torch.testing.assert_close(cross(rows).tolist(), expected, rtol=1e-10, atol=1e-10)


def test_degree_grows_by_one_per_layer():
    torch.manual_seed(0)
    cross = CrossNetwork(3, num_layers=2).double()
    x = torch.randn(1, 3, dtype=torch.float64)

    # Without bias the output is a polynomial of degree 3 without constant in the
    # scale of x: its fourth difference over equally spaced scales is zero.
    values = [cross(scale * x) for scale in range(5)]
    fourth = values[4] - 4 * values[3] + 6 * values[2] - 4 * values[1] + values[0]
    third = values[3] - 3 * values[2] + 3 * values[1] - values[0]

    torch.testing.assert_close(fourth, torch.zeros_like(fourth))
    assert third.abs().max() > 1e-3


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(3, 5\)"):
        CrossNetwork(4, num_layers=1)(torch.zeros(3, 5))


@pytest.mark.parametrize("num_rows", [0, 1, 7])
def test_any_batch_size(num_rows):
    x = torch.zeros(num_rows, 4)

    assert CrossNetwork(4, num_layers=2)(x).shape == (num_rows, 4)


def test_depth_must_be_positive():
    with pytest.raises(ValueError, match="num_layers must be positive, got 0"):
        CrossNetwork(4, num_layers=0)


def test_leaves_its_input_alone():
    x = torch.ones(2, 3)

    CrossNetwork(3, num_layers=2)(x)

    assert torch.equal(x, torch.ones(2, 3))
