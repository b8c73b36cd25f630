"""LazyAdam against its equation, and against dense Adam."""

from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.optim import Adam

from fieldwise.training.optimizers import LazyAdam
from tests.training.optimizers.sparse_gradients import give_gradient


def loop_step(table, moments, rows, values, step, lr=0.1, betas=(0.9, 0.999), eps=1e-8):
    """The equations, number by number."""
    sums = {}
    for row, value in zip(rows, values.tolist(), strict=True):
        before = sums.get(row, [0.0] * len(value))
        sums[row] = [a + b for a, b in zip(before, value, strict=True)]
    for row, gradient in sums.items():
        for place, g in enumerate(gradient):
            m, v = moments.get((row, place), (0.0, 0.0))
            m, v = (
                betas[0] * m + (1 - betas[0]) * g,
                betas[1] * v + (1 - betas[1]) * g**2,
            )
            moments[row, place] = m, v
            m_hat, v_hat = m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)
            table[row][place] -= lr * m_hat / (v_hat**0.5 + eps)


def test_first_step_by_hand():
    table = nn.Parameter(torch.tensor([[1.0], [2.0], [3.0]]))
    give_gradient(table, [2, 0, 2], torch.tensor([[0.5], [-4.0], [0.25]]))

    LazyAdam([table], lr=0.1).step()

    # m / sqrt(v) is the sign of the gradient after one step: 1 + 0.1, 2, 3 - 0.1
    torch.testing.assert_close(table.data, torch.tensor([[1.1], [2.0], [2.9]]))


def test_equals_a_loop_over_rows():
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(7, 3, dtype=torch.float64))
    expected, moments = table.tolist(), {}
    optimizer = LazyAdam([table], lr=0.1)

    for step in range(1, 11):
        rows = torch.randint(0, 6, (4,)).tolist()
        values = torch.randn(4, 3, dtype=torch.float64)
        give_gradient(table, rows, values)
        optimizer.step()
        loop_step(expected, moments, rows, values, step)

    torch.testing.assert_close(table.tolist(), expected, rtol=1e-12, atol=1e-12)


def test_agrees_with_dense_adam_on_rows_touched_at_every_step():
    torch.manual_seed(0)
    lazy = nn.Parameter(torch.randn(20, 4))
    dense = nn.Parameter(lazy.detach().clone())
    optimizers = [LazyAdam([lazy], lr=0.01), Adam([dense], lr=0.01)]
    always = list(range(5))

    for _ in range(50):
        rows = always + torch.randint(5, 20, (6,)).tolist()
        values = torch.randn(11, 4)
        give_gradient(lazy, rows, values)
        give_gradient(dense, rows, values)
        dense.grad = dense.grad.to_dense()
        for optimizer in optimizers:
            optimizer.step()

    torch.testing.assert_close(lazy[always], dense[always], rtol=0, atol=1e-6)
    assert not torch.allclose(lazy[5:], dense[5:], atol=1e-3)


@pytest.mark.parametrize("late", [1, 10, 100, 4000])
def test_a_row_first_met_late_takes_the_step_dense_adam_would(late):
    """Nothing came before, so there is nothing that Adam would have moved."""
    tables = [nn.Parameter(torch.zeros(2, 1)) for _ in range(2)]
    lazy, dense = LazyAdam(tables[:1], lr=0.01), Adam(tables[1:], lr=0.01)

    for step in range(1, late + 1):
        rows = [0, 1] if step == late else [0]
        for table in tables:
            give_gradient(table, rows, torch.full((len(rows), 1), 0.3))
        tables[1].grad = tables[1].grad.to_dense()
        lazy.step()
        dense.step()

    torch.testing.assert_close(*tables, rtol=0, atol=1e-6 * late**0.5)
    # one learning rate at step 1, and 0.1 / sqrt(0.001) = 3.16 of them in the end
    expected = 0.1 / (1 - 0.9**late) * ((1 - 0.999**late) / 0.001) ** 0.5
    assert tables[0][1].item() == pytest.approx(-0.01 * expected, rel=1e-4)


def test_untouched_rows_keep_their_bits():
    table = nn.Parameter(torch.randn(6, 2))
    before = table.detach().clone()
    optimizer = LazyAdam([table], lr=0.1)

    for rows in ([0, 1], [1, 1], [0, 0]):
        give_gradient(table, rows, torch.randn(2, 2))
        optimizer.step()
    after_touching = table.detach().clone()
    give_gradient(table, [5, 5], torch.randn(2, 2))
    optimizer.step()

    assert torch.equal(after_touching[2:], before[2:])
    # momentum alone must not move a row either
    assert torch.equal(table[:5], after_touching[:5])


def test_count_of_steps_is_saved():
    table = nn.Parameter(torch.randn(4, 2))
    optimizer = LazyAdam([table])
    for _ in range(2):
        give_gradient(table, [1, 2], torch.randn(2, 2))
        optimizer.step()
    resumed = LazyAdam([table])

    resumed.load_state_dict(deepcopy(optimizer.state_dict()))

    assert resumed.state[table]["step"] == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lr": 0.0}, "lr must be positive, got 0"),
        ({"betas": (1.0, 0.9)}, r"betas\[0\] must be a share"),
        ({"betas": (0.9, -0.1)}, r"betas\[1\] must be a share"),
        ({"eps": 0.0}, "eps must be positive"),
    ],
)
def test_impossible_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        LazyAdam([nn.Parameter(torch.ones(1, 1))], **settings)
