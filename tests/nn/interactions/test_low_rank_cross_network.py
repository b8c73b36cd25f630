"""LowRankCrossNetwork: all experts at once against a loop over them."""

import math

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.cross_network import CrossNetwork
from fieldwise.nn.interactions.low_rank_cross_network import LowRankCrossNetwork

SIZES = {"in_features": 5, "num_layers": 2, "num_experts": 3, "rank": 2}


def random_network(**sizes):
    torch.manual_seed(0)
    cross = LowRankCrossNetwork(**SIZES | sizes).double()
    for parameter in cross.parameters():
        torch.nn.init.normal_(parameter, std=0.7)
    return cross


def multiply(matrix, x):
    return [sum(w * value for w, value in zip(row, x, strict=True)) for row in matrix]


def gates_by_loop(layer, x):
    raw = [math.exp(value) for value in multiply(layer.gate.weight.tolist(), x)]
    return [value / sum(raw) for value in raw]


def mix_by_loop(layer, x):
    """sum_k g_k (U_k tanh(C_k tanh(V_k x)) + b): every expert adds the bias itself."""
    rank = layer.inside.shape[-1]
    mixed = [0.0] * len(x)
    for expert, gate in enumerate(gates_by_loop(layer, x)):
        place = slice(expert * rank, expert * rank + rank)
        v = layer.down.weight[place].tolist()
        u = layer.up.weight[:, place].tolist()
        h = [math.tanh(value) for value in multiply(v, x)]
        h = [math.tanh(value) for value in multiply(layer.inside[expert].tolist(), h)]
        shifted = zip(multiply(u, h), layer.up.bias.tolist(), strict=True)
        said = [value + b for value, b in shifted]
        mixed = [total + gate * value for total, value in zip(mixed, said, strict=True)]
    return mixed


def test_one_layer_by_hand():
    cross = LowRankCrossNetwork(2, num_layers=1, num_experts=2, rank=1)
    layer = cross.layers[0]
    ln3 = math.log(3)
    with torch.no_grad():
        # tanh(ln(3) / 2) = 1/2 for the first expert; the second one sees nothing.
        layer.down.weight.copy_(torch.tensor([[ln3 / 4, 0.0], [0.0, 0.0]]))
        # tanh(ln(3) / 2) again, of 1/2 times ln(3)
        layer.inside.fill_(ln3)
        layer.up.weight.copy_(torch.tensor([[8.0, 5.0], [-4.0, 5.0]]))
        layer.up.bias.copy_(torch.tensor([1.0, 0.0]))
        # Gates 3/4 and 1/4.
        layer.gate.weight.copy_(torch.tensor([[0.0, ln3 / 3], [0.0, 0.0]]))

    out = cross(torch.tensor([[2.0, 3.0]]))

    # x0 (gate * up / 2 + b) + x: [2 (3/4 * 8/2 + 1) + 2, 3 (3/4 * -4/2) + 3]
    torch.testing.assert_close(out, torch.tensor([[10.0, -1.5]]))
    torch.testing.assert_close(
        cross.gate_values(torch.tensor([[2.0, 3.0]])), torch.tensor([[[0.75, 0.25]]])
    )


def test_equals_a_loop_over_rows_layers_and_experts():
    cross = random_network()
    rows = torch.randn(4, 5, dtype=torch.float64)

    expected, gates = [], []
    for row in rows.tolist():
        x, weights = row, []
        for layer in cross.layers:
            weights.append(gates_by_loop(layer, x))
            product = mix_by_loop(layer, x)
            x = [a * p + c for a, p, c in zip(row, product, x, strict=True)]
        expected.append(x)
        gates.append(weights)

    torch.testing.assert_close(cross(rows).tolist(), expected, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(
        cross.gate_values(rows).tolist(), gates, rtol=1e-10, atol=1e-10
    )


def test_one_expert_of_full_rank_is_a_cross_network():
    cross = random_network(in_features=4, num_experts=1, rank=4)
    plain = CrossNetwork(4, num_layers=2).double()
    with torch.no_grad():
        for layer, its_twin in zip(cross.layers, plain.layers, strict=True):
            layer.inside.copy_(torch.eye(4))
            its_twin.weight.copy_(layer.up.weight @ layer.down.weight)
            its_twin.bias.copy_(layer.up.bias)
            # So near zero, tanh is the identity to fourteen digits.
            layer.down.weight.mul_(1e-7)
            layer.up.weight.mul_(1e7)
    x = torch.randn(6, 4, dtype=torch.float64)

    torch.testing.assert_close(cross(x), plain(x), rtol=1e-10, atol=1e-10)


def test_experts_that_are_alike_count_as_one():
    one = random_network(num_experts=1)
    many = random_network(num_experts=3)
    with torch.no_grad():
        for single, layer in zip(one.layers, many.layers, strict=True):
            layer.down.weight.copy_(single.down.weight.repeat(3, 1))
            layer.inside.copy_(single.inside.expand(3, -1, -1))
            layer.up.weight.copy_(single.up.weight.repeat(1, 3))
            layer.up.bias.copy_(single.up.bias)
    x = torch.randn(6, 5, dtype=torch.float64)

    torch.testing.assert_close(many(x), one(x))


def test_gates_sum_to_one_under_autocast_too():
    cross = LowRankCrossNetwork(8, num_layers=2, num_experts=4, rank=3)

    with torch.autocast("cpu", torch.bfloat16):
        gates = cross.gate_values(torch.randn(50, 8))

    assert gates.dtype == torch.float32
    torch.testing.assert_close(gates.sum(dim=-1), torch.ones(50, 2))


def test_gradients_are_those_of_the_equation():
    x = torch.randn(4, 5, dtype=torch.float64, requires_grad=True)

    assert torch.autograd.gradcheck(random_network(), (x,))


@pytest.mark.parametrize("num_rows", [0, 1, 7])
def test_any_batch_size(num_rows):
    cross = LowRankCrossNetwork(**SIZES)
    x = torch.zeros(num_rows, 5)

    assert cross(x).shape == (num_rows, 5)
    assert cross.gate_values(x).shape == (num_rows, 2, 3)


def test_leaves_its_input_alone():
    x = torch.ones(2, 5)

    LowRankCrossNetwork(**SIZES)(x)

    assert torch.equal(x, torch.ones(2, 5))


def test_wrong_width_names_the_argument():
    with pytest.raises(ShapeError, match=r"x must have last dimension 5, got \(3, 4\)"):
        LowRankCrossNetwork(**SIZES)(torch.zeros(3, 4))


@pytest.mark.parametrize("name", SIZES)
def test_sizes_must_be_positive(name):
    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        LowRankCrossNetwork(**SIZES | {name: 0})
