"""GatedCrossNetwork: the equation, and what its gates say."""

import math

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.cross_network import CrossNetwork
from fieldwise.nn.interactions.gated_cross_network import GatedCrossNetwork


def random_network(in_features, num_layers):
    torch.manual_seed(0)
    cross = GatedCrossNetwork(in_features, num_layers=num_layers).double()
    for parameter in cross.parameters():
        torch.nn.init.normal_(parameter)
    return cross


def multiply(matrix, x):
    return [sum(w * value for w, value in zip(row, x, strict=True)) for row in matrix]


def test_one_layer_by_hand():
    cross = GatedCrossNetwork(2, num_layers=1)
    with torch.no_grad():
        cross.layers[0].weight.copy_(torch.tensor([[1.0, 2.0], [0.0, 1.0]]))
        cross.layers[0].bias.copy_(torch.tensor([0.5, -1.0]))
        # sigmoid(0) = 1/2, and sigmoid(ln 3) = 3/4
        third = math.log(3) / 3
        cross.gates[0].weight.copy_(torch.tensor([[0.0, 0.0], [0.0, third]]))

    out = cross(torch.tensor([[2.0, 3.0]]))

    # [2 (8 + .5) / 2 + 2, 3 (3 - 1) 3/4 + 3]
    torch.testing.assert_close(out, torch.tensor([[10.5, 7.5]]))


def test_equals_a_loop():
    cross = random_network(3, 2)
    rows = torch.randn(4, 3, dtype=torch.float64)

    expected, gates = [], []
    for row in rows.tolist():
        x, opened = row, []
        for layer, gate in zip(cross.layers, cross.gates, strict=True):
            product = multiply(layer.weight.tolist(), x)
            raw = multiply(gate.weight.tolist(), x)
            opened.append([1 / (1 + math.exp(-value)) for value in raw])
            x = [
                row[i] * (product[i] + layer.bias[i].item()) * opened[-1][i] + x[i]
                for i in range(3)
            ]
        expected.append(x)
        gates.append(opened)

    torch.testing.assert_close(cross(rows).tolist(), expected, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(
        cross.gate_values(rows).tolist(), gates, rtol=1e-10, atol=1e-10
    )


def test_gates_without_weights_halve_the_crosses_of_a_cross_network():
    gated = random_network(5, 3)
    plain = CrossNetwork(5, num_layers=3).double()
    plain.layers.load_state_dict(gated.layers.state_dict())
    with torch.no_grad():
        for gate in gated.gates:
            gate.weight.zero_()
        for parameter in plain.parameters():
            parameter.mul_(0.5)
    x = torch.randn(6, 5, dtype=torch.float64)

    torch.testing.assert_close(gated(x), plain(x), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("logit", "is_open"), [(50.0, True), (-50.0, False)])
def test_open_gates_make_a_cross_network_and_closed_ones_nothing(logit, is_open):
    gated = random_network(1, 1)
    with torch.no_grad():
        gated.gates[0].weight.fill_(logit)
    plain = CrossNetwork(1, num_layers=1).double()
    plain.layers.load_state_dict(gated.layers.state_dict())
    x = torch.ones(2, 1, dtype=torch.float64)

    torch.testing.assert_close(gated(x), plain(x) if is_open else x)


def test_gradients_are_those_of_the_equation():
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(random_network(3, 2), (x,))


@pytest.mark.parametrize("num_rows", [0, 1, 7])
def test_any_batch_size(num_rows):
    cross = GatedCrossNetwork(4, num_layers=2)
    x = torch.zeros(num_rows, 4)

    assert cross(x).shape == (num_rows, 4)
    assert cross.gate_values(x).shape == (num_rows, 2, 4)


def test_leaves_its_input_alone():
    x = torch.ones(2, 3)

    GatedCrossNetwork(3, num_layers=2)(x)

    assert torch.equal(x, torch.ones(2, 3))


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 4, got \(3, 5\)"):
        GatedCrossNetwork(4, num_layers=1)(torch.zeros(3, 5))


@pytest.mark.parametrize("name", ["in_features", "num_layers"])
def test_sizes_must_be_positive(name):
    sizes = {"in_features": 4, "num_layers": 1} | {name: 0}
    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        GatedCrossNetwork(**sizes)
