"""Linear: the map; xavier_linear: the spread of its weights."""

import pytest
import torch

from fieldwise.nn.linear import Linear, xavier_linear


@pytest.mark.parametrize(("width", "out"), [(300, 100), (100, 300), (200, 1)])
def test_weights_have_variance_two_over_both_widths(width, out):
    torch.manual_seed(0)

    weights = torch.cat([xavier_linear(width, out).weight.flatten() for _ in range(50)])

    assert weights.std().item() == pytest.approx((2 / (width + out)) ** 0.5, rel=0.02)
    assert weights.mean().item() == pytest.approx(0.0, abs=2e-3)


def test_bias_starts_at_zero():
    assert xavier_linear(3, 2).bias.tolist() == [0.0, 0.0]


def test_map_by_hand():
    layer = Linear(2, 1)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[2.0, -1.0]]))
        layer.bias.fill_(0.5)

    x = torch.tensor([[1.0, 4.0], [3.0, 4.0]])

    # The two rows give 2 - 4 + .5 and 6 - 4 + .5.
    assert layer(x).tolist() == [[-1.5], [2.5]]
    assert layer(x, relu=True).tolist() == [[0.0], [2.5]]


def test_weights_are_those_of_torch():
    layer, other = Linear(3, 2), torch.nn.Linear(3, 2)
    x = torch.randn(4, 3)

    layer.load_state_dict(other.state_dict())

    assert isinstance(layer, torch.nn.Linear)
    assert torch.equal(layer(x), other(x))
