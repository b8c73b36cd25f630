"""ExponentialNeurons against the equations of the paper."""

import math

import pytest
import torch
from torch import nn

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.exponential_neurons import ExponentialNeurons
from tests.nn.interactions.exponential_by_loop import exponents_by_loop

FIELDS, DIM, HEADS, NEURONS = 5, 3, 2, 4


def make(alpha=2.0, *, num_heads=HEADS, num_neurons=NEURONS, **wanted):
    torch.manual_seed(0)
    neurons = ExponentialNeurons(
        FIELDS,
        embedding_dim=DIM,
        num_heads=num_heads,
        num_neurons=num_neurons,
        alpha=alpha,
        **wanted,
    ).double()
    for parameter in neurons.parameters():
        nn.init.normal_(parameter)
    return neurons


def rows(num_rows=6):
    torch.manual_seed(1)
    return torch.randn(num_rows, FIELDS, DIM, dtype=torch.float64)


def test_one_neuron_by_hand():
    neurons = ExponentialNeurons(2, embedding_dim=1, num_neurons=1)
    with torch.no_grad():
        neurons.key_maps.fill_(1.0)
        neurons.queries.fill_(1.0)
        neurons.value_vectors.copy_(torch.tensor([[[2.0, -1.0]]]))
    x = torch.tensor([[[1.0], [0.5]]])

    # Logits (1, 0.5): sparsemax (0.75, 0.25); powers (1.5, -0.25).
    assert neurons.gates(x).tolist() == [[[0.75, 0.25]]]
    assert neurons.powers(x).tolist() == [[[1.5, -0.25]]]
    # The exponent is 1.5 * 1 - 0.25 * 0.5.
    assert neurons.crosses(x).item() == pytest.approx(math.exp(1.375), rel=1e-6)


@pytest.mark.parametrize("alpha", [1.5, 1.7, 2.0])
def test_equals_the_loop(alpha):
    neurons = make(alpha)
    x = rows()

    crosses = neurons.crosses(x)

    expected = torch.tensor(
        [exponents_by_loop(neurons, row) for row in x.tolist()],
        dtype=torch.float64,
    ).exp()
    torch.testing.assert_close(crosses, expected.mT, rtol=1e-10, atol=1e-10)


def test_is_a_product_of_powers():
    neurons = make()
    x = rows()

    powers = neurons.powers(x)

    # prod_j exp(e_j) ** w_ij, of each dimension by itself.
    bases = x.exp().unsqueeze(1)
    expected = (bases ** powers.unsqueeze(-1)).prod(dim=2)
    torch.testing.assert_close(neurons.crosses(x), expected.mT)


def test_permuted_fields_with_permuted_value_vectors():
    neurons = make()
    x = rows()
    before = neurons(x)
    order = torch.tensor([3, 0, 4, 1, 2])

    with torch.no_grad():
        neurons.value_vectors.copy_(neurons.value_vectors[:, :, order])

    torch.testing.assert_close(neurons(x[:, order]), before)


def test_heads_with_one_map_are_one_head():
    many = make()
    one = make(num_heads=1, num_neurons=HEADS * NEURONS)
    with torch.no_grad():
        many.key_maps.copy_(many.key_maps[:1].expand_as(many.key_maps))
        one.key_maps.copy_(many.key_maps[:1])
        one.queries.copy_(many.queries.flatten(end_dim=1).unsqueeze(0))
        one.value_vectors.copy_(many.value_vectors.flatten(end_dim=1).unsqueeze(0))

    torch.testing.assert_close(one.crosses(rows()), many.crosses(rows()))


def test_a_gate_cannot_turn_a_power_around():
    neurons = make()

    powers = neurons.powers(rows(100))

    signs = neurons.value_vectors.flatten(end_dim=1).sign()
    assert ((powers == 0) | (powers.sign() == signs)).all()
    assert (powers == 0).any()


def test_each_neuron_is_normalised_over_the_batch():
    neurons = make()
    nn.init.ones_(neurons.norm.weight)
    nn.init.zeros_(neurons.norm.bias)

    normal = neurons(rows(50)).flatten(end_dim=1)

    zeros = torch.zeros(HEADS * NEURONS, dtype=torch.float64)
    torch.testing.assert_close(normal.mean(0), zeros, rtol=0, atol=1e-10)
    torch.testing.assert_close(normal.std(0), zeros + 1, rtol=0, atol=0.02)


def test_size():
    # Maps 2 * 3 * 3, queries 2 * 4 * 3, value vectors 2 * 4 * 5, norms 2 * 8.
    assert sum(p.numel() for p in make().parameters()) == 18 + 24 + 40 + 16


def test_starts_in_glorots_bounds_of_three_axes():
    neurons = ExponentialNeurons(10, embedding_dim=20, num_heads=8, num_neurons=32)

    # The third axis counts to both sides: bound = sqrt(2) sqrt(6 / ((a + b) c)).
    for weight in (neurons.key_maps, neurons.queries, neurons.value_vectors):
        a, b, c = weight.shape
        bound = math.sqrt(2) * math.sqrt(6 / ((a + b) * c))
        assert 0.9 * bound < weight.abs().max().item() <= bound


def test_exponents_can_be_bounded():
    neurons = make(max_exponent=2.0)

    crosses = neurons.crosses(100 * rows())

    assert crosses.max().item() == pytest.approx(math.exp(2))
    assert crosses.min().item() == pytest.approx(math.exp(-2))


def test_gradient_reaches_everything():
    neurons = make()
    x = rows().requires_grad_()

    neurons(x).square().sum().backward()

    assert all(p.grad.any() for p in [x, *neurons.parameters()])


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("num_rows", [0, 1, 3])
def test_any_number_of_rows(num_rows, is_training):
    neurons = make().train(is_training)

    out = neurons(rows(num_rows))

    assert out.shape == (num_rows, DIM, HEADS * NEURONS)
    assert out.isfinite().all()
    assert all(buffer.isfinite().all() for buffer in neurons.buffers())


def test_one_field_has_every_gate_open():
    neurons = ExponentialNeurons(1, embedding_dim=2, num_neurons=3)

    assert torch.equal(neurons.gates(torch.randn(4, 1, 2)), torch.ones(4, 3, 1))


def test_digits_survive_autocast():
    neurons = make().float()
    x = rows().float()

    with torch.autocast("cpu", torch.bfloat16):
        out, half = neurons(x), neurons(x.bfloat16())

    assert half.dtype == torch.float32
    torch.testing.assert_close(out, neurons(x), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((2, FIELDS, 4), r"x must have last dimension 3, got \(2, 5, 4\)"),
        ((2, 4, DIM), r"x\[\.\.\., 0\] must have last dimension 5, got \(2, 4\)"),
    ],
)
def test_wrong_shapes_are_named(shape, message):
    with pytest.raises(ShapeError, match=message):
        make()(torch.zeros(shape, dtype=torch.float64))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_fields": 0}, "num_fields must be positive, got 0"),
        ({"embedding_dim": 0}, "embedding_dim must be positive, got 0"),
        ({"num_neurons": 0}, "num_neurons must be positive, got 0"),
        ({"num_heads": 0}, "num_heads must be positive, got 0"),
        ({"alpha": 0.9}, "alpha must be finite and at least 1, got 0.9"),
        ({"max_exponent": 0.0}, "max_exponent must be positive, got 0.0"),
    ],
)
def test_arguments_are_checked(settings, message):
    sizes = {"num_fields": 2, "embedding_dim": 2, "num_neurons": 2}
    with pytest.raises(ValueError, match=message):
        ExponentialNeurons(**sizes | settings)
