"""GaussianGate against the direct formula of the paper."""

import math

import pytest
import torch
from torch import nn

from fieldwise.nn.interactions.gaussian_gate import SMALLEST_VARIANCE, GaussianGate


def gate_with(offset=0.0, width=1.0):
    gate = GaussianGate().double()
    with torch.no_grad():
        gate.offset.fill_(offset)
        raw = width - 1e-3
        gate.raw_width.fill_(raw + math.log(-math.expm1(-raw)))
    return gate


def densities(values, offset, width):
    """exp(-n^2 / (2 c^2)) / sqrt(2 pi c^2) of each value, before any sum."""
    mean = sum(values) / len(values)
    variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
    result = []
    for value in values:
        n = (value - mean - offset) / math.sqrt(variance + SMALLEST_VARIANCE)
        scale = math.sqrt(2 * math.pi * width**2)
        result.append(math.exp(-(n**2) / (2 * width**2)) / scale)
    return result


def shares(values):
    return [value / sum(values) for value in values]


def fields_of(*shape, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def test_weights_by_hand():
    x = torch.tensor([[[0.0, 2.0], [2.0, 2.0], [3.0, 3.0]]], dtype=torch.float64)

    weights = gate_with(width=0.5).weights(x)

    # Means 1, 2, 3: deviations -1, 0, 1 of a variance 1, so exp(-2), 1, exp(-2).
    total = 1 + 2 * math.exp(-2)
    expected = [[math.exp(-2) / total, 1 / total, math.exp(-2) / total]]
    assert weights.tolist() == [pytest.approx(row, abs=1e-7) for row in expected]


@pytest.mark.parametrize(("offset", "width"), [(0.0, 1.0), (0.3, 0.6), (-1.0, 2.5)])
def test_equals_the_direct_formula(offset, width):
    x = fields_of(4, 6, 3)
    gate = gate_with(offset, width)

    out, weights = gate(x), gate.weights(x)

    pooled = x.mean(dim=-1).tolist()
    expected = torch.tensor([shares(densities(row, offset, width)) for row in pooled])
    torch.testing.assert_close(weights, expected.double(), rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(out, 6 * weights.unsqueeze(-1) * x)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(4, dtype=torch.float64))


def test_a_product_of_two_gaussians_is_one():
    # Why the layer has one only: precisions add up, offsets are their weighted mean.
    x = fields_of(4, 6, 3)
    (first, c), (second, e) = (0.4, 0.8), (-0.7, 1.3)
    precision = c**-2 + e**-2
    offset = (first * c**-2 + second * e**-2) / precision

    weights = gate_with(offset, precision**-0.5).weights(x)

    expected = []
    for row in x.mean(dim=-1).tolist():
        pairs = zip(densities(row, first, c), densities(row, second, e), strict=True)
        expected.append(shares([one * other for one, other in pairs]))
    torch.testing.assert_close(weights.tolist(), expected, rtol=1e-6, atol=1e-9)


def test_scale_and_shift_of_the_input_do_not_matter_without_an_offset():
    x = fields_of(4, 6, 3)
    moved = 2.5 * x + 7.0

    plain, offset = gate_with(), gate_with(offset=0.5)

    torch.testing.assert_close(
        plain.weights(moved), plain.weights(x), rtol=1e-6, atol=1e-8
    )
    # The offset is in the unit of the input.
    assert (offset.weights(moved) - offset.weights(x)).abs().max() > 0.01


def test_order_of_fields_is_the_order_of_weights():
    x = fields_of(4, 6, 3)
    order = [3, 1, 5, 0, 2, 4]
    gate = gate_with(0.3, 0.5)

    torch.testing.assert_close(gate.weights(x[:, order]), gate.weights(x)[:, order])


def test_a_wide_gaussian_leaves_everything_as_it_is():
    x = fields_of(4, 6, 3)

    torch.testing.assert_close(gate_with(width=1e6)(x), x)


def test_starts_with_a_width_of_one_and_two_parameters():
    gate = GaussianGate()

    assert gate.width.item() == pytest.approx(1.0)
    assert sum(parameter.numel() for parameter in gate.parameters()) == 2


def test_width_stays_positive():
    gate = GaussianGate()
    nn.init.constant_(gate.raw_width, -1000.0)

    assert gate.width.item() == pytest.approx(1e-3)


def test_far_from_the_mean_weights_still_sum_to_one():
    # Every density would be zero in double precision.
    weights = gate_with(offset=1e3, width=0.1).weights(fields_of(4, 6, 3))

    torch.testing.assert_close(weights.sum(dim=1), torch.ones(4, dtype=torch.float64))


def test_gradients_are_those_of_finite_differences():
    gate = gate_with(0.3, 0.8)
    x = fields_of(3, 4, 2).requires_grad_()

    def forward(*_):
        return gate(x)

    assert torch.autograd.gradcheck(forward, (x, gate.offset, gate.raw_width))


@pytest.mark.parametrize("num_rows", [0, 1, 7])
def test_any_number_of_rows(num_rows):
    assert GaussianGate()(torch.zeros(num_rows, 4, 3)).shape == (num_rows, 4, 3)


def test_a_single_field_and_equal_fields_are_left_as_they_are():
    for x in (torch.randn(3, 1, 2), torch.ones(3, 5, 2)):
        torch.testing.assert_close(GaussianGate()(x), x)


def test_weights_are_not_rounded_under_autocast():
    x = torch.randn(50, 8, 4)
    gate = GaussianGate()

    with torch.autocast("cpu", torch.bfloat16):
        weights, out = gate.weights(x.bfloat16()), gate(x.bfloat16())

    assert (weights.dtype, out.dtype) == (torch.float32, torch.bfloat16)
    torch.testing.assert_close(weights, gate.weights(x.bfloat16().float()))
