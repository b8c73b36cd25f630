"""RowwiseAdagrad against its equation."""

import pytest
import torch
from torch import nn

from fieldwise.training.optimizers import RowwiseAdagrad
from tests.training.optimizers.sparse_gradients import give_gradient


def loop_step(table, sums, rows, values, lr=0.1, eps=1e-8):
    """The equations, number by number."""
    gradients = {}
    for row, value in zip(rows, values.tolist(), strict=True):
        before = gradients.get(row, [0.0] * len(value))
        gradients[row] = [a + b for a, b in zip(before, value, strict=True)]
    for row, gradient in gradients.items():
        squares = sum(g**2 for g in gradient) / len(gradient)
        sums[row] = sums.get(row, 0.0) + squares
        for place, g in enumerate(gradient):
            table[row][place] -= lr * g / (sums[row] ** 0.5 + eps)


def test_two_steps_by_hand():
    table = nn.Parameter(torch.zeros(2, 2))
    optimizer = RowwiseAdagrad([table], lr=1.0)

    # mean square (1 + 7 * 7) / 2 = 25, root 5
    give_gradient(table, [1], torch.tensor([[1.0, 7.0]]))
    optimizer.step()
    torch.testing.assert_close(table.data, torch.tensor([[0.0, 0.0], [-0.2, -1.4]]))

    # 25 + 144 = 169, root 13
    give_gradient(table, [1], torch.tensor([[12.0, -12.0]]))
    optimizer.step()
    expected = torch.tensor([-0.2 - 12 / 13, -1.4 + 12 / 13])
    torch.testing.assert_close(table.data[1], expected)


def test_equals_a_loop_over_rows():
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(7, 3, dtype=torch.float64))
    expected, sums = table.tolist(), {}
    optimizer = RowwiseAdagrad([table], lr=0.1)

    for _ in range(10):
        rows = torch.randint(0, 6, (4,)).tolist()
        values = torch.randn(4, 3, dtype=torch.float64)
        give_gradient(table, rows, values)
        optimizer.step()
        loop_step(expected, sums, rows, values)

    torch.testing.assert_close(table.tolist(), expected, rtol=1e-12, atol=1e-12)


def test_untouched_rows_keep_their_bits():
    table = nn.Parameter(torch.randn(6, 2))
    before = table.detach().clone()
    optimizer = RowwiseAdagrad([table], lr=0.1)

    for rows in ([0, 1], [1, 1], [0, 0]):
        give_gradient(table, rows, torch.randn(2, 2))
        optimizer.step()

    assert torch.equal(table[2:], before[2:])
    assert not torch.equal(table[:2], before[:2])


def test_one_number_of_state_per_row():
    table = nn.Parameter(torch.randn(6, 2))
    optimizer = RowwiseAdagrad([table])
    give_gradient(table, [3], torch.ones(1, 2))

    optimizer.step()

    assert optimizer.state[table]["sum"].tolist() == [0, 0, 0, 1, 0, 0]


@pytest.mark.parametrize("name", ["lr", "eps"])
def test_impossible_settings(name):
    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        RowwiseAdagrad([nn.Parameter(torch.ones(1, 1))], **{name: 0.0})
