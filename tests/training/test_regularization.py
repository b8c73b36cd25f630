"""Penalties against torch's own gradient of the penalty."""

import pytest
import torch
from torch import nn

from fieldwise.training._row_gradients import sum_table_gradients
from fieldwise.training.regularization import add_l2, add_touched_l2

ROWS = torch.tensor([[0, 2], [2, 2]])


def table_with_gradient(*, sparse=False, dtype=torch.float64):
    """Five rows of which 0 and 2 are looked up, row 2 three times."""
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(5, 3, dtype=dtype))
    nn.functional.embedding(ROWS, table, sparse=sparse).square().sum().backward()
    sum_table_gradients([table])
    return table


def test_whole_table_by_hand():
    table = nn.Parameter(torch.tensor([[1.0, -2.0]]))
    table.grad = torch.tensor([[10.0, 10.0]])

    add_l2([table], 0.5)

    # 10 and half of each weight
    assert table.grad.tolist() == [[10.5, 9.0]]


def test_whole_table_equals_the_gradient_of_the_penalty():
    table = table_with_gradient()
    reference = nn.Parameter(table.detach().clone())
    loss = nn.functional.embedding(ROWS, reference).square().sum()
    (loss + 0.3 / 2 * reference.square().sum()).backward()

    add_l2([table], 0.3)

    torch.testing.assert_close(table.grad, reference.grad, rtol=1e-14, atol=0)


def test_a_weight_the_loss_did_not_reach_is_penalised_too():
    weight = nn.Parameter(torch.tensor([2.0]))

    add_l2([weight], 0.25)

    assert weight.grad.tolist() == [0.5]
    assert not weight.grad.requires_grad
    assert weight.grad is not weight


@pytest.mark.parametrize("sparse", [True, False])
def test_touched_rows_are_penalised_once(sparse):
    table = table_with_gradient(sparse=sparse)
    expected = table_with_gradient().grad
    for row in (0, 2):  # a plain loop over the rows of the batch
        expected[row] += 0.3 * table.detach()[row]

    add_touched_l2([table], 0.3)

    assert table.grad.is_sparse is sparse
    dense = table.grad.to_dense() if sparse else table.grad
    torch.testing.assert_close(dense, expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("sparse", [True, False])
def test_untouched_rows_feel_nothing(sparse):
    table = table_with_gradient(sparse=sparse)

    add_touched_l2([table], 1e6)

    dense = table.grad.to_dense() if sparse else table.grad
    assert (dense[[1, 3, 4]] == 0).all()


def test_nothing_to_penalise():
    table = nn.Parameter(torch.randn(2, 2))

    add_l2([], 1.0)
    add_touched_l2([table], 1.0)

    assert table.grad is None
