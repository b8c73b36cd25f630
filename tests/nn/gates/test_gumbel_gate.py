"""The gate of AutoField: its shares, its temperature, its noise."""

import math

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.gates.gumbel_gate import GumbelGate


def gate_of(logits):
    gate = GumbelGate(len(logits))
    with torch.no_grad():
        gate.logits.copy_(torch.tensor(logits))
    return gate


def test_a_gate_by_hand():
    gate = gate_of([[math.log(3), math.log(1)], [0.0, 0.0]]).eval()

    out = gate(torch.tensor([[[8.0, 4.0], [2.0, 6.0]]]))

    # The first field is kept with probability 1 / (3 + 1), the second with 1 / 2.
    torch.testing.assert_close(out, torch.tensor([[[2.0, 1.0], [1.0, 3.0]]]))


def test_a_colder_gate_by_hand():
    gate = gate_of([[math.log(3), math.log(1)]]).eval()
    gate.step.fill_(10_000)

    # At temperature 1/2 the odds are squared: 1 / (9 + 1).
    torch.testing.assert_close(gate(torch.tensor([[[5.0]]])).item(), 0.5)


@pytest.mark.parametrize(
    ("step", "temperature"),
    [(0, 1.0), (10_000, 0.5), (19_800, 0.01), (1_000_000, 0.01)],
)
def test_temperature(step, temperature):
    gate = GumbelGate(1)
    gate.step.fill_(step)

    assert float(gate.temperature) == pytest.approx(temperature, abs=1e-6)


def test_only_training_steps_cool():
    gate = GumbelGate(2)

    for mode in (True, False):
        gate.train(mode)(torch.ones(3, 2, 1))
    assert int(gate.step) == 0
    gate.advance()

    assert int(gate.step) == 1
    assert int(gate.state_dict()["step"]) == 1


def test_the_coldest_gate_is_nearly_always_open_or_shut():
    gate = gate_of([[math.log(3), math.log(1)]] * 20_000)
    gate.step.fill_(1_000_000)
    torch.manual_seed(0)

    out = gate(torch.ones(1, 20_000, 1)).flatten()

    between = ((out > 0.05) & (out < 0.95)).double().mean()
    assert between < 0.03
    # As often open as it is probable: 1 / (3 + 1).
    assert out.mean().item() == pytest.approx(0.25, abs=0.01)


def test_noise_is_one_draw_a_field_and_call():
    gate, ones = GumbelGate(2), torch.ones(5, 2, 3)

    first, second = gate(ones), gate(ones)

    assert torch.equal(first, first[:1, :, :1].expand(5, 2, 3))
    assert first[0, 0, 0] != first[0, 1, 0]
    assert first[0, 0, 0] != second[0, 0, 0]
    assert torch.equal(gate.eval()(ones), torch.full((5, 2, 3), 0.5))


def test_margins():
    gate = gate_of([[0.5, 2.0], [1.0, 0.0]])

    assert gate.margins().tolist() == [1.5, -1.0]
    assert not gate.margins().requires_grad


def test_gradients_of_a_field_add_up_to_zero():
    gate = gate_of([[0.3, -0.2], [1.0, 2.0]]).double()

    gate(torch.ones(4, 2, 3).double())[:, 0].square().sum().backward()

    assert gate.logits.grad[0].abs().min() > 0
    assert float(gate.logits.grad[0].sum()) == pytest.approx(0, abs=1e-12)
    assert gate.logits.grad[1].tolist() == [0, 0]


def test_half_precision_in_half_precision_out():
    assert GumbelGate(2)(torch.ones(1, 2, 3).bfloat16()).dtype == torch.bfloat16


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    assert GumbelGate(2)(torch.ones(num_rows, 2, 3)).shape == (num_rows, 2, 3)


def test_other_fields():
    with pytest.raises(ShapeError, match="must have 2 fields, got 3"):
        GumbelGate(2)(torch.ones(1, 3, 1))


def test_there_must_be_a_field():
    with pytest.raises(ValueError, match="num_fields must be positive, got 0"):
        GumbelGate(0)
