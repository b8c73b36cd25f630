"""xavier_linear: the spread of its weights."""

import pytest
import torch

from fieldwise.nn.linear import xavier_linear


@pytest.mark.parametrize(("width", "out"), [(300, 100), (100, 300), (200, 1)])
def test_weights_have_variance_two_over_both_widths(width, out):
    torch.manual_seed(0)

    weights = torch.cat([xavier_linear(width, out).weight.flatten() for _ in range(50)])

    assert weights.std().item() == pytest.approx((2 / (width + out)) ** 0.5, rel=0.02)
    assert weights.mean().item() == pytest.approx(0.0, abs=2e-3)


def test_bias_starts_at_zero():
    assert xavier_linear(3, 2).bias.tolist() == [0.0, 0.0]
