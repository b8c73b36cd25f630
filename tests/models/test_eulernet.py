"""EulerNet: angles and their products."""

import cmath

import pytest
import torch

from fieldwise.models.eulernet import EulerNet
from tests.models.by_loop import randomise

SIZES = {"embedding_dim": 2, "num_euler_layers": 2, "num_orders": 4}


@pytest.mark.parametrize("layer_norm", [False, True])
def test_is_the_network_of_the_angles(mixed_schema, mixed_batch, to_double, layer_norm):
    model = EulerNet(mixed_schema, layer_norm=layer_norm, **SIZES)
    randomise(model.double())
    batch = to_double(mixed_batch)

    logits = model(batch)

    # The layers equal a loop in their own tests.
    angles = model.embedding(batch)
    pair = model.euler.modulus * torch.stack([angles.cos(), angles.sin()])
    for layer in model.euler.layers:
        pair = layer(pair)
    weight, bias = model.head.linear.weight[0], model.head.linear.bias[0]
    expected = (pair[0] + pair[1]).flatten(1) @ weight + bias
    torch.testing.assert_close(logits, expected, rtol=1e-10, atol=1e-10)


def test_a_product_of_three_fields_by_hand(
    categorical_schema, categorical_batch, to_double
):
    model = EulerNet(
        categorical_schema,
        embedding_dim=1,
        num_euler_layers=1,
        num_orders=1,
        layer_norm=False,
    ).double()
    layer = model.euler.layers[0]
    with torch.no_grad():
        model.embedding.table.normal_()
        model.euler.modulus.copy_(torch.tensor([[2.0], [3.0], [0.5]]))
        layer.orders.copy_(torch.tensor([[1.0], [2.0], [-1.0]]))
        layer.bias.zero_()
        layer.linear.weight.zero_()
        model.head.linear.weight.fill_(1.0)
        model.head.linear.bias.fill_(7.0)

    logits = model(to_double(categorical_batch))

    # 2 e^{ia} (3 e^{ib})^2 / (e^{ic} / 2) = 36 e^{i(a + 2b - c)}
    for row, logit in zip(categorical_batch.indices, logits, strict=True):
        a, b, c = model.embedding.table[row.long(), 0].tolist()
        product = 36 * cmath.exp(1j * (a + 2 * b - c))
        expected = product.real + product.imag + 7
        assert logit.item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_angles_differ_from_the_start(frappe_schema):
    torch.manual_seed(0)

    table = EulerNet(frappe_schema).embedding.table

    assert table.std().item() == pytest.approx(0.03, rel=0.05)


def test_as_many_products_as_fields_unless_it_is_said(categorical_schema):
    orders = EulerNet(categorical_schema).euler.layers[0].orders

    assert torch.equal(orders, torch.eye(3))
