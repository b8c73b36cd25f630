"""The gates of LPFS and LPFS++: their shape, their zeros, the proximal step."""

import math

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.gates.polarizing_gate import PolarizingGate


def gate_of(positions, *, plus=False, step=0):
    gate = PolarizingGate(len(positions), plus=plus).double()
    with torch.no_grad():
        gate.positions.copy_(torch.tensor(positions, dtype=torch.float64))
    gate.step.fill_(step)
    return gate


def by_hand(x, epsilon, *, plus):
    share = x * x / (x * x + epsilon)
    if not plus:
        return share
    return math.copysign(share, x) + 10 * epsilon**0.5 * math.atan(x)


@pytest.mark.parametrize(
    ("plus", "x", "value"),
    [
        # 1 / 1.1
        (False, 1.0, 0.909091),
        # 0.25 / 0.35
        (False, -0.5, 0.714286),
        # 1 / 1.1 + 10 * sqrt(0.1) * pi / 4 = 0.909091 + 3.162278 * 0.785398
        (True, 1.0, 3.392736),
        # -(0.25 / 0.35) + 3.162278 * atan(-0.5) = -0.714286 - 3.162278 * 0.463648
        (True, -0.5, -2.180469),
    ],
)
def test_gates_by_hand(plus, x, value):
    assert gate_of([x], plus=plus).gates().item() == pytest.approx(value, abs=1e-5)


@pytest.mark.parametrize("plus", [False, True])
@pytest.mark.parametrize("step", [0, 250, 300_000])
def test_gates_against_a_plain_loop(plus, step):
    positions = [-2.0, -0.3, 0.0, 1e-3, 0.7]
    epsilon = 0.1 * 0.9978 ** (step // 100)

    expected = [by_hand(x, epsilon, plus=plus) for x in positions]

    gates = gate_of(positions, plus=plus, step=step).gates().tolist()
    assert gates == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_smoothing_falls_every_hundred_steps():
    gate = PolarizingGate(1).double()

    seen = []
    for _ in range(201):
        seen.append(float(gate.epsilon))
        gate.advance()

    assert seen[:100] == [pytest.approx(0.1)] * 100
    assert seen[100:200] == [pytest.approx(0.1 * 0.9978)] * 100
    assert seen[200] == pytest.approx(0.1 * 0.9978**2)


def test_only_training_steps_count():
    gate = PolarizingGate(2)

    for mode in (True, False):
        gate.train(mode)(torch.ones(3, 2, 1))

    assert int(gate.step) == 0


@pytest.mark.parametrize("step", [0, 100_000])
def test_plus_is_odd_and_monotone(step):
    positions = (torch.arange(-300, 301) / 100).tolist()
    gates = gate_of(positions, plus=True, step=step).gates()

    torch.testing.assert_close(gates, -gates.flip(0))
    assert bool((gates.diff() > 0).all())


def test_the_other_is_even_and_grows_with_the_size():
    positions = torch.linspace(0, 3, 301)
    gates = gate_of(positions.tolist()).gates().detach()

    assert torch.equal(gates, gate_of((-positions).tolist()).gates())
    assert bool((gates.diff() > 0).all())
    assert float(gates.max()) < 1


def test_gates_polarise():
    gates = gate_of([-1.0, 0.0, 1.0], plus=True, step=1_000_000).gates()

    torch.testing.assert_close(
        gates, torch.tensor([-1.0, 0.0, 1.0]).double(), atol=0.01, rtol=0
    )


@pytest.mark.parametrize("plus", [False, True])
def test_zero_is_exactly_zero(plus):
    gate = gate_of([0.0, 1.0], plus=plus)

    out = gate(torch.full((2, 2, 3), 7.0).double())

    assert torch.equal(out[:, 0], torch.zeros(2, 3).double())
    assert bool((out[:, 1] > 0).all())


@pytest.mark.parametrize(("plus", "slope"), [(False, 0.0), (True, 10 * 0.1**0.5)])
def test_slope_at_zero(plus, slope):
    gate = gate_of([0.0], plus=plus)

    gate.gates().sum().backward()

    # Of atan it is one, so only the gate of LPFS++ has one.
    assert float(gate.positions.grad) == pytest.approx(slope)


def test_the_proximal_step_never_crosses_zero():
    gate = gate_of([1.0, -1.0, 0.3, -0.3, 0.25, 0.0])

    gate.shrink(0.3)

    expected = torch.tensor([0.7, -0.7, 0.0, 0.0, 0.0, 0.0]).double()
    torch.testing.assert_close(gate.positions.detach(), expected)
    assert int((gate.positions == 0).sum()) == 4
    gate.shrink(0.0)
    torch.testing.assert_close(gate.positions.detach(), expected)


def test_the_proximal_step_minimises_what_it_should():
    """Of ``(z - x)^2 / 2 + distance * |z|`` over a fine grid of ``z``."""
    positions = torch.linspace(-1, 1, 21).double()
    gate = gate_of(positions.tolist())
    grid = torch.linspace(-1, 1, 20_001).double()
    costs = (grid - positions[:, None]).square() / 2 + 0.35 * grid.abs()

    gate.shrink(0.35)

    best = grid[costs.argmin(dim=1)]
    torch.testing.assert_close(gate.positions.detach(), best, atol=2e-4, rtol=0)


def test_half_precision_in_half_precision_out():
    assert PolarizingGate(2)(torch.ones(1, 2, 3).bfloat16()).dtype == torch.bfloat16


def test_what_is_refused():
    with pytest.raises(ShapeError, match="must have 2 fields, got 3"):
        PolarizingGate(2)(torch.ones(1, 3, 1))
    with pytest.raises(ValueError, match="num_fields must be positive, got 0"):
        PolarizingGate(0)
    with pytest.raises(ValueError, match="distance must be zero or positive"):
        PolarizingGate(1).shrink(-1.0)
