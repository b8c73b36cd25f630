"""FieldAwareMachine: every field has its own vector for every other."""

from itertools import combinations

import pytest
import torch

from fieldwise.errors import ShapeError
from fieldwise.nn.interactions.factorization_machine import FactorizationMachine
from fieldwise.nn.interactions.field_aware_machine import (
    FieldAwareMachine,
    field_aware_terms,
)


def vector(x, field, other):
    """The vector of a field for another one: fields count on after itself."""
    return x[..., field, other - 1 if other > field else other, :]


def test_three_fields_by_hand():
    # One dimension; the vectors of field 0 for 1 and 2, of 1 for 0 and 2, of 2 for 0
    # and 1.
    x = torch.tensor([[[1.0], [2.0]], [[3.0], [4.0]], [[5.0], [6.0]]])

    # (0, 1): 1 * 3, (0, 2): 2 * 5, (1, 2): 4 * 6
    assert field_aware_terms(x).tolist() == [[0, 3, 10], [0, 0, 24], [0, 0, 0]]
    assert FieldAwareMachine(3)(x.unsqueeze(0)).tolist() == [37.0]


@pytest.mark.parametrize("num_fields", [1, 2, 3, 6])
def test_equals_the_loop_over_pairs(num_fields):
    torch.manual_seed(0)
    x = torch.randn(5, num_fields, num_fields - 1, 4, dtype=torch.float64)

    terms = field_aware_terms(x)

    assert terms.shape == (5, num_fields, num_fields)
    expected = torch.zeros_like(terms)
    for i, j in combinations(range(num_fields), 2):
        expected[:, i, j] = (vector(x, i, j) * vector(x, j, i)).sum(dim=-1)
    torch.testing.assert_close(terms, expected, rtol=0, atol=1e-10)
    total = expected.sum(dim=(1, 2))
    machine = FieldAwareMachine(num_fields)
    torch.testing.assert_close(machine(x), total, rtol=0, atol=1e-10)


def test_every_vector_is_used_once():
    x = torch.ones(1, 4, 3, 2, requires_grad=True)

    FieldAwareMachine(4)(x).sum().backward()

    assert torch.equal(x.grad, torch.ones(1, 4, 3, 2))


def test_with_one_vector_per_field_it_is_a_factorization_machine():
    torch.manual_seed(0)
    x = torch.randn(5, 6, 4, dtype=torch.float64)

    total = FieldAwareMachine(6)(x.unsqueeze(2).expand(-1, -1, 5, -1))

    torch.testing.assert_close(total, FactorizationMachine()(x), rtol=0, atol=1e-10)


def test_leading_axes_are_rows():
    x = torch.randn(5, 2, 4, 3, 2)

    machine = FieldAwareMachine(4)

    torch.testing.assert_close(machine(x)[:, 1], machine(x[:, 1]))


@pytest.mark.parametrize("num_rows", [0, 1])
def test_few_rows(num_rows):
    x = torch.zeros(num_rows, 3, 2, 4)

    assert FieldAwareMachine(3)(x).shape == (num_rows,)
    assert field_aware_terms(x).shape == (num_rows, 3, 3)


def test_gradients_of_both_orders():
    torch.manual_seed(0)
    x = torch.randn(2, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    machine = FieldAwareMachine(3)

    assert torch.autograd.gradcheck(machine, (x,))
    assert torch.autograd.gradgradcheck(machine, (x,))


def test_gradient_is_that_of_the_terms():
    torch.manual_seed(0)
    x = torch.randn(3, 2, 5, 4, 6, requires_grad=True)
    weights = torch.randn(3, 2)

    (one,) = torch.autograd.grad((weights * FieldAwareMachine(5)(x)).sum(), x)

    terms = field_aware_terms(x).sum(dim=(-2, -1))
    (other,) = torch.autograd.grad((weights * terms).sum(), x)
    torch.testing.assert_close(one, other)


def test_nothing_is_saved():
    assert FieldAwareMachine(4).state_dict() == {}


@pytest.mark.parametrize("shape", [(2, 3, 3, 4), (2, 4, 3, 4)])
def test_vectors_must_fit_the_fields(shape):
    message = r"x must have 3 fields with 2 vectors each, got \(2, "
    with pytest.raises(ShapeError, match=message):
        FieldAwareMachine(3)(torch.zeros(shape))


def test_fields_must_be_there():
    with pytest.raises(ValueError, match="num_fields must be positive, got 0"):
        FieldAwareMachine(0)
