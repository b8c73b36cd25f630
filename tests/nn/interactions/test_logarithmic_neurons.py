"""LogarithmicNeurons against the equation of the paper."""

import math

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.logarithmic_neurons import LogarithmicNeurons

FIELDS, DIM, NEURONS = 4, 3, 6


def make(*, normalised=False, **wanted):
    torch.manual_seed(0)
    neurons = LogarithmicNeurons(FIELDS, num_neurons=NEURONS, **wanted).double()
    if not normalised:
        neurons.field_norm, neurons.neuron_norm = nn.Identity(), nn.Identity()
    return neurons


def rows(num_rows=5):
    torch.manual_seed(1)
    return torch.randn(num_rows, FIELDS, DIM, dtype=torch.float64)


def test_one_neuron_by_hand():
    neurons = make()
    with torch.no_grad():
        neurons.powers.zero_()
        neurons.powers[0] = torch.tensor([2.0, -1.0, 0.5, 0.0])
    x = torch.tensor([3.0, -2.0, 4.0, 7.0], dtype=torch.float64).reshape(1, FIELDS, 1)

    # 3^2 * 2^-1 * 4^0.5 * 7^0 = 9 / 2 * 2
    assert neurons(x)[0, 0, 0].item() == pytest.approx(9.0)


def test_equals_the_loop():
    neurons = make()
    x = rows()
    expected = [
        [
            [
                math.exp(
                    sum(
                        power * math.log(max(abs(field[dim]), 1e-5))
                        for power, field in zip(powers, row, strict=True)
                    )
                )
                for powers in neurons.powers.tolist()
            ]
            for dim in range(DIM)
        ]
        for row in x.tolist()
    ]

    expected = torch.tensor(expected, dtype=torch.float64)
    torch.testing.assert_close(neurons(x), expected, rtol=1e-10, atol=1e-10)


def test_one_power_of_one_gives_the_magnitude():
    neurons = make()
    with torch.no_grad():
        neurons.powers.copy_(torch.eye(NEURONS, FIELDS))

    out = neurons(rows())

    torch.testing.assert_close(out[..., :FIELDS], rows().abs().mT)
    torch.testing.assert_close(out[..., FIELDS:], torch.ones_like(out[..., FIELDS:]))


def test_signs_are_lost():
    neurons = make(normalised=True)
    signs = rows().sign()

    torch.testing.assert_close(neurons(rows() * signs), neurons(rows()))


def test_what_is_almost_zero_counts_as_the_least_magnitude():
    neurons = make(min_magnitude=0.5)
    x = rows().requires_grad_()

    out = neurons(x)
    out.sum().backward()

    small = x.detach().abs() < 0.5
    clamped = torch.where(small, 0.5, x.detach())
    torch.testing.assert_close(out, neurons(clamped))
    assert small.any()
    assert not x.grad[small].any()
    assert x.grad[~small].all()


def test_logarithms_and_products_are_normalised():
    neurons = make(normalised=True)
    x = rows(60)
    logs = x.abs().clamp_min(1e-5).log().mT.flatten(end_dim=1)
    normal = (logs - logs.mean(0)) / (logs.var(0, correction=0) + 1e-5).sqrt()
    products = (normal @ neurons.powers.t()).exp()
    expected = products - products.mean(0)
    expected = expected / (products.var(0, correction=0) + 1e-5).sqrt()

    out = neurons(x)

    torch.testing.assert_close(out, expected.view(60, DIM, NEURONS))


def test_size():
    # Powers 6 * 4, and a scale and a shift of each field and neuron.
    sizes = [p.numel() for p in make(normalised=True).parameters()]
    assert sum(sizes) == NEURONS * (FIELDS + 2) + 2 * FIELDS == 44


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("num_rows", [0, 1, 3])
def test_any_number_of_rows(num_rows, is_training):
    neurons = make(normalised=True).train(is_training)

    out = neurons(rows(num_rows))

    assert out.shape == (num_rows, DIM, NEURONS)
    assert out.isfinite().all()
    assert all(buffer.isfinite().all() for buffer in neurons.buffers())


def test_zeros_have_finite_gradients():
    neurons = make(normalised=True)
    x = torch.zeros(3, FIELDS, DIM, dtype=torch.float64, requires_grad=True)

    neurons(x).sum().backward()

    assert not x.grad.any()
    assert all(p.grad.isfinite().all() for p in neurons.parameters())


def test_digits_survive_autocast():
    neurons = make(normalised=True).float()
    x = rows().float()

    with torch.autocast("cpu", torch.bfloat16):
        out, half = neurons(x), neurons(x.bfloat16())

    assert half.dtype == torch.float32
    torch.testing.assert_close(out, neurons(x), rtol=1e-4, atol=1e-4)


def test_wrong_number_of_fields_is_named():
    with pytest.raises(ShapeError, match=r"x\[\.\.\., 0\] must have last dimension 4"):
        make()(torch.zeros(2, 3, DIM))


@pytest.mark.parametrize(
    "wrong", [{"num_fields": 0}, {"num_neurons": 0}, {"min_magnitude": 0.0}]
)
def test_arguments_are_checked(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        LogarithmicNeurons(**{"num_fields": 2, "num_neurons": 2} | wrong)
