"""FieldWeightedPairs: pairs of fields count as much as their strength says."""

from itertools import combinations

import pytest
import torch

from fieldwise.nn.interactions.factorization_machine import FactorizationMachine
from fieldwise.nn.interactions.field_weighted_pairs import FieldWeightedPairs


def test_three_fields_by_hand():
    layer = FieldWeightedPairs(3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[1.0, 10.0, -1.0]]))

    out = layer(torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]))

    # The products are 11, 17 and 39, as in the test of FieldPairs.
    assert out.tolist() == [[11.0 + 170.0 - 39.0]]
    assert layer.strengths.tolist() == [[[0, 1, 10], [1, 0, -1], [10, -1, 0]]]


def test_equals_the_loop_over_pairs():
    torch.manual_seed(0)
    layer = FieldWeightedPairs(5, num_tasks=2).double()
    x = torch.randn(6, 5, 3, dtype=torch.float64)

    out = layer(x)

    for task in (0, 1):
        strengths = layer.strengths[task].tolist()
        expected = sum(
            strengths[i][j] * (x[:, i] * x[:, j]).sum(dim=-1)
            for i, j in combinations(range(5), 2)
        )
        torch.testing.assert_close(out[:, task], expected, rtol=0, atol=1e-10)


def test_of_equal_strengths_it_is_a_factorization_machine():
    torch.manual_seed(0)
    layer = FieldWeightedPairs(5).double()
    torch.nn.init.ones_(layer.weight)
    x = torch.randn(6, 5, 3, dtype=torch.float64)

    expected = FactorizationMachine()(x)

    torch.testing.assert_close(layer(x)[:, 0], expected, rtol=0, atol=1e-10)


def test_strengths_start_as_those_of_a_linear_map():
    torch.manual_seed(0)
    layer = FieldWeightedPairs(100)

    # Glorot's variance of 4950 inputs and one output.
    assert layer.weight.std().item() == pytest.approx((2 / 4951) ** 0.5, rel=0.05)


def test_sums_are_not_rounded_under_autocast():
    torch.manual_seed(0)
    layer = FieldWeightedPairs(5)
    x = torch.randn(50, 5, 8)

    with torch.autocast("cpu", torch.bfloat16):
        out = layer(x)

    assert out.dtype == torch.float32
    assert torch.equal(out, layer(x))


@pytest.mark.parametrize("num_rows", [0, 1, 3])
def test_one_field_has_no_pair(num_rows):
    layer = FieldWeightedPairs(1, num_tasks=2)

    assert layer(torch.ones(num_rows, 1, 4)).tolist() == [[0.0, 0.0]] * num_rows
    assert not layer.weight.requires_grad


@pytest.mark.parametrize(
    ("num_fields", "num_tasks", "message"),
    [
        (0, 1, "num_fields must be positive, got 0"),
        (3, 0, "num_tasks must be positive, got 0"),
    ],
)
def test_sizes_must_be_positive(num_fields, num_tasks, message):
    with pytest.raises(ValueError, match=message):
        FieldWeightedPairs(num_fields, num_tasks=num_tasks)
