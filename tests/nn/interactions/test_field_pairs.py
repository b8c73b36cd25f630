"""Products of every pair of fields."""

import pytest
import torch

from fieldwise.nn.interactions.field_pairs import FieldPairs, num_pairs


def test_inner_products_by_hand():
    rows = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])

    # 1*3+2*4, 1*5+2*6, 3*5+4*6
    assert FieldPairs(3).inner(rows).tolist() == [[11.0, 17.0, 39.0]]


def test_hadamard_products_by_hand():
    rows = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])

    products = FieldPairs(3).hadamard(rows)

    assert products.tolist() == [[[3.0, 8.0], [5.0, 12.0], [15.0, 24.0]]]


@pytest.mark.parametrize("num_fields", [1, 2, 5])
@pytest.mark.parametrize("num_rows", [0, 1, 4])
def test_equals_the_double_loop(num_fields, num_rows):
    torch.manual_seed(0)
    rows = torch.randn(num_rows, num_fields, 3, dtype=torch.float64)
    pairs = FieldPairs(num_fields)
    loop = [(i, j) for i in range(num_fields) for j in range(i + 1, num_fields)]

    products = pairs.hadamard(rows)

    assert pairs.positions == tuple(loop)
    assert pairs.num_pairs == num_pairs(num_fields) == len(loop)
    assert products.shape == (num_rows, len(loop), 3)
    for place, (i, j) in enumerate(loop):
        assert torch.equal(products[:, place], rows[:, i] * rows[:, j])
    torch.testing.assert_close(pairs.inner(rows), products.sum(-1), rtol=0, atol=1e-12)


def test_nothing_is_saved():
    assert FieldPairs(4).state_dict() == {}


def test_fields_must_be_there():
    with pytest.raises(ValueError, match="num_fields must be positive, got 0"):
        FieldPairs(0)


def test_chosen_pairs_only():
    rows = torch.tensor([[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]])
    pairs = FieldPairs(3, chosen=[(1, 2), (0, 1)])

    # 3*5+4*6 and 1*3+2*4, in the order they were chosen in
    assert pairs.inner(rows).tolist() == [[39.0, 11.0]]
    assert pairs.hadamard(rows).tolist() == [[[15.0, 24.0], [3.0, 8.0]]]
    assert pairs.positions == ((1, 2), (0, 1))
    assert FieldPairs(3, chosen=[]).hadamard(rows).shape == (1, 0, 2)


@pytest.mark.parametrize("pair", [(1, 1), (2, 1), (0, 3), (-1, 2)])
def test_chosen_pairs_must_be_pairs(pair):
    with pytest.raises(ValueError, match="chosen must be pairs i < j of 3 fields"):
        FieldPairs(3, chosen=[pair])
