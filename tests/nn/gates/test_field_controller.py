"""The controller of AdaFS: weights of a row, and what it leaves alone."""

import pytest
import torch
import torch.nn.functional as F

from fieldwise.nn.gates.field_controller import FieldController


def decided(num_fields=3, dim=2, **settings):
    """A controller whose weights differ, and rows."""
    torch.manual_seed(0)
    controller = FieldController(num_fields, dim, **settings)
    torch.nn.init.normal_(controller.head.weight)
    return controller, torch.randn(8, num_fields, dim)


def test_at_the_start_it_only_normalises():
    torch.manual_seed(0)
    x = torch.randn(50, 3, 2) * 4 + 1
    controller = FieldController(3, 2)

    out = controller(x)

    mean, variance = x.mean(dim=0), x.var(dim=0, unbiased=False)
    torch.testing.assert_close(out, (x - mean) / (variance + 1e-5).sqrt())


def test_weights_by_hand():
    controller, x = decided(hidden_dims=())
    controller.eval()
    with torch.no_grad():
        controller.head.weight.zero_()
        controller.head.bias.copy_(torch.tensor([1.0, 2.0, 5.0]).log())

    out = controller(x)

    # Weights 1/8, 2/8 and 5/8, times three fields; eval mode: nothing is normalised.
    factors = torch.tensor([3 / 8, 6 / 8, 15 / 8])
    torch.testing.assert_close(out, x * factors[:, None], rtol=1e-4, atol=1e-4)


def test_against_a_plain_loop():
    controller, x = decided(hidden_dims=(4,))
    controller.eval().double()
    x = x.double()
    linear, norm = controller.tower.layers[0], controller.tower.layers[1]

    for row, out, weights in zip(x, controller(x), controller.weights(x), strict=True):
        normal = row / (1 + 1e-5) ** 0.5
        hidden = linear.weight @ normal.flatten() + linear.bias
        hidden = F.relu(hidden / (1 + norm.eps) ** 0.5)
        scores = controller.head.weight @ hidden + controller.head.bias
        shares = scores.exp() / scores.exp().sum()
        torch.testing.assert_close(weights, shares)
        torch.testing.assert_close(out, 3 * shares[:, None] * normal)


def test_weights_add_up_to_one_and_belong_to_the_row():
    controller, x = decided()
    controller.eval()

    weights = controller.weights(x)

    torch.testing.assert_close(weights.sum(dim=1), torch.ones(8))
    torch.testing.assert_close(controller.weights(x[2:3]), weights[2:3])
    assert not torch.equal(weights[0], weights[1])


def test_who_decides():
    controller, x = decided()

    controller(x).square().sum().backward()

    deciding = controller.deciding()
    # 3 fields of 2 dimensions, 16 hidden units with a normalisation, 3 weights.
    assert sum(p.numel() for p in deciding) == (3 * 2 + 3) * 16 + 17 * 3
    assert all(p.grad is not None for p in controller.parameters())
    assert not {id(p) for p in deciding} & {id(p) for p in controller.norm.parameters()}


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    controller, _ = decided()

    assert controller(torch.ones(num_rows, 3, 2)).shape == (num_rows, 3, 2)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_fields": 0, "dim": 2}, "num_fields must be positive, got 0"),
        ({"num_fields": 2, "dim": 0}, "dim must be positive, got 0"),
        ({"num_fields": 2, "dim": 2, "dropout": 1.0}, "dropout must be a share"),
    ],
)
def test_what_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        FieldController(**settings)
