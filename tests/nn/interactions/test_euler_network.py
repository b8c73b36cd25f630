"""Complex products with learned orders: python's complex numbers say what is right."""

import cmath
import math

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.euler_network import EPSILON, EulerLayer, EulerNetwork


def explicit_layer(num_fields, num_orders, *, dim=2):
    """A layer without biases, and without the linear map beside the products."""
    layer = EulerLayer(num_fields, num_orders, dim=dim).double()
    nn.init.zeros_(layer.bias)
    nn.init.zeros_(layer.linear.weight)
    return layer


def numbers(num_rows, num_fields, dim=2, seed=0):
    generator = torch.Generator().manual_seed(seed)
    shape = (2, num_rows, num_fields, dim)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def as_complex(pair):
    return torch.complex(pair[0], pair[1])


def layer_by_loop(layer, real, imaginary):
    """One row: lists of fields of lists of dims to two lists of the same form."""
    orders, bias = layer.orders.tolist(), layer.bias.tolist()
    weight, shift = layer.linear.weight.tolist(), layer.linear.bias.tolist()
    dim = len(real[0])
    out = ([], [])
    for o in range(len(orders[0])):
        parts = ([], [])
        for k in range(dim):
            log_modulus, angle = bias[0][0][o][k], bias[1][0][o][k]
            for f, (r, p) in enumerate(zip(real, imaginary, strict=True)):
                square = r[k] ** 2 + p[k] ** 2 + EPSILON
                log_modulus += orders[f][o] * 0.5 * math.log(square)
                angle += orders[f][o] * math.atan2(p[k], r[k])
            product = math.exp(log_modulus) * cmath.exp(1j * angle)
            for part, values, number in (
                (parts[0], real, product.real),
                (parts[1], imaginary, product.imag),
            ):
                flat = [value for field in values for value in field]
                row = weight[o * dim + k]
                mapped = sum(w * v for w, v in zip(row, flat, strict=True))
                part.append(number + max(0.0, mapped + shift[o * dim + k]))
        for side, part in zip(out, parts, strict=True):
            side.append(part)
    return out


def test_equals_the_loop():
    torch.manual_seed(0)
    layer = EulerLayer(3, 4, dim=2).double()
    for parameter in layer.parameters():
        nn.init.normal_(parameter, std=0.5)
    x = numbers(5, 3)

    out = layer(x)

    assert out.shape == (2, 5, 4, 2)
    for row in range(5):
        expected = layer_by_loop(layer, *x[:, row].tolist())
        torch.testing.assert_close(
            out[:, row].tolist(), list(expected), rtol=1e-10, atol=1e-10
        )


def test_one_product_by_hand():
    layer = explicit_layer(2, 1, dim=1)
    with torch.no_grad():
        layer.orders.copy_(torch.tensor([[2.0], [1.0]]))

    # (1 + i)^2 * 3i = 2i * 3i = -6
    x = torch.tensor([[1.0, 0.0], [1.0, 3.0]], dtype=torch.float64).view(2, 1, 2, 1)

    torch.testing.assert_close(
        layer(x).flatten().tolist(), [-6.0, 0.0], rtol=0, atol=1e-6
    )


def test_identity_orders_leave_numbers_as_they_are():
    layer = explicit_layer(3, 3)
    x = numbers(5, 3)

    assert torch.equal(layer.orders, torch.eye(3, dtype=torch.float64))
    torch.testing.assert_close(layer(x), x, rtol=1e-6, atol=1e-6)


def test_moduli_multiply_and_angles_add():
    layer = explicit_layer(3, 2)
    with torch.no_grad():
        layer.orders.copy_(torch.tensor([[1.0, 2.0], [1.0, 0.0], [0.0, 1.0]]))
    x = numbers(5, 3)
    a, b, c = as_complex(x).unbind(1)

    out = as_complex(layer(x))

    expected = torch.stack([a * b, a * a * c], dim=1)
    torch.testing.assert_close(out, expected, rtol=1e-4, atol=1e-6)


def test_starts_with_one_field_in_each_product():
    torch.manual_seed(0)

    orders = EulerLayer(5, 20, dim=2).orders

    torch.testing.assert_close(orders.sum(dim=0), torch.ones(20))
    assert (orders.max(dim=0).values > 0.9).float().mean() > 0.8


def test_the_same_weights_map_real_and_imaginary_parts():
    torch.manual_seed(0)
    layer = EulerLayer(3, 3, dim=2).double()
    with torch.no_grad():
        layer.bias[0] = -100.0  # no product is left
    x = numbers(4, 3)

    turned = layer(x.flip(0))

    torch.testing.assert_close(turned, layer(x).flip(0))
    torch.testing.assert_close(
        turned[0].flatten(1), layer.linear(x[1].flatten(1)).relu()
    )


def test_zero_has_a_value_and_a_gradient():
    layer = explicit_layer(2, 2)
    x = torch.zeros(2, 3, 2, 2, dtype=torch.float64, requires_grad=True)

    out = layer(x)
    out.sum().backward()

    # The smallest modulus there is: the root of 1e-8.
    assert out.abs().max().item() == pytest.approx(1e-4)
    assert x.grad.isfinite().all()


def test_parts_are_normalised_apart():
    torch.manual_seed(0)
    plain = EulerLayer(3, 4, dim=2).double()
    normal = EulerLayer(3, 4, dim=2, layer_norm=True).double()
    normal.load_state_dict(plain.state_dict(), strict=False)
    nn.init.normal_(normal.norm.weight)
    nn.init.normal_(normal.norm.bias)
    x = numbers(5, 3)

    out = normal(x)

    for part in (0, 1):
        expected = nn.functional.layer_norm(
            plain(x)[part], (2,), normal.norm.weight[part], normal.norm.bias[part]
        )
        torch.testing.assert_close(out[part], expected)


def test_dropout_is_in_training_only():
    torch.manual_seed(0)
    layer = EulerLayer(3, 4, dim=2, dropout=0.5).double()
    x = numbers(5, 3)

    trained = layer(x)
    layer.eval()

    assert not torch.equal(layer(x), trained)
    assert torch.equal(layer(x), layer(x))


def test_network_by_hand():
    network = EulerNetwork(2, dim=1, num_layers=1, num_orders=1).double()
    nn.init.zeros_(network.layers[0].bias)
    nn.init.zeros_(network.layers[0].linear.weight)
    with torch.no_grad():
        network.modulus.copy_(torch.tensor([[2.0], [3.0]]))
        network.layers[0].orders.fill_(1.0)

    out = network(torch.tensor([[[0.5], [0.25]]], dtype=torch.float64))

    # 2 e^{i/2} * 3 e^{i/4} = 6 e^{3i/4}, of which both parts are added
    expected = 6 * (math.cos(0.75) + math.sin(0.75))
    assert out.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("num_layers", [1, 3])
def test_network_is_its_layers(num_layers):
    torch.manual_seed(0)
    network = EulerNetwork(3, dim=2, num_layers=num_layers, num_orders=4).double()
    x = torch.randn(5, 3, 2, dtype=torch.float64)
    pair = network.modulus * torch.stack([x.cos(), x.sin()])
    for layer in network.layers:
        pair = layer(pair)

    out = network(x)

    assert out.shape == (5, network.out_features) == (5, 8)
    torch.testing.assert_close(out, (pair[0] + pair[1]).flatten(1))


def test_products_are_computed_in_float32_under_autocast():
    torch.manual_seed(0)
    network = EulerNetwork(6, dim=4, num_layers=1, num_orders=6)
    with torch.no_grad():
        network.layers[0].linear.weight.zero_()
        network.layers[0].orders.fill_(1.0)
    x = torch.randn(50, 6, 4)

    with torch.autocast("cpu", torch.bfloat16):
        out = network(x)

    # Rounded to bfloat16, angles that add up would be off by hundredths.
    torch.testing.assert_close(out.float(), network(x), rtol=0, atol=1e-5)


@pytest.mark.parametrize("num_rows", [0, 1])
def test_any_batch_size(num_rows):
    network = EulerNetwork(3, dim=2, num_layers=2, num_orders=4, layer_norm=True)

    assert network(torch.zeros(num_rows, 3, 2)).shape == (num_rows, 8)


def test_wrong_length_names_the_argument():
    network = EulerNetwork(3, dim=2, num_layers=1, num_orders=4)
    with pytest.raises(ShapeError, match=r"x must have last dimension 2, got \(5, 3,"):
        network(torch.zeros(5, 3, 4))


@pytest.mark.parametrize("size", ["num_fields", "dim", "num_layers", "num_orders"])
def test_sizes_are_checked(size):
    sizes = {"num_fields": 3, "dim": 2, "num_layers": 1, "num_orders": 4}
    with pytest.raises(ValueError, match=f"{size} must be positive, got 0"):
        EulerNetwork(**sizes | {size: 0})
