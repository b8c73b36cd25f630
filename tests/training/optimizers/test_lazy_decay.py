"""Decay put off until a row is needed, against decay of every row at every step."""

import math
from copy import deepcopy

import pytest
import torch
from torch import nn

from fieldwise.training.optimizers import LazyAdam, LazyDecay, RowwiseAdagrad
from fieldwise.training.optimizers._build import set_learning_rate
from fieldwise.training.optimizers._state import (
    adopt_optimizers,
    optimizer_numbers,
    optimizer_tensors,
)
from fieldwise.training.optimizers.lazy_decay import catch_up

NUM_ROWS, DIM, DECAY = 30, 3, 0.4


def give_gradient(table, rows, values):
    table.grad = torch.sparse_coo_tensor(
        rows.unsqueeze(0), values, table.shape, check_invariants=True
    )


def learning_rate(step):
    """One that changes, as after a plateau, and not only downwards."""
    return 0.05 * (1 + step % 7) / (1 + step // 100)


def rows_of(step):
    """Some rows often, some after hundreds of steps, one never, one twice in a step."""
    often = [0, step % 5, step % 5]
    rare = [row for row in range(6, NUM_ROWS - 1) if step % (7 * row) == 0]
    return torch.tensor(often + rare)


def adam_loop(weights, moments, row, gradient, step, lr):
    for place, g in enumerate(gradient):
        m, v = moments.get((row, place), (0.0, 0.0))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        moments[row, place] = m, v
        m_hat, v_hat = m / (1 - 0.9**step), v / (1 - 0.999**step)
        weights[row][place] -= lr * m_hat / (math.sqrt(v_hat) + 1e-8)


def adagrad_loop(weights, sums, row, gradient, step, lr):
    sums[row] = sums.get(row, 0.0) + sum(g**2 for g in gradient) / len(gradient)
    for place, g in enumerate(gradient):
        weights[row][place] -= lr * g / (math.sqrt(sums[row]) + 1e-8)


@pytest.mark.parametrize(
    ("kind", "move"), [(LazyAdam, adam_loop), (RowwiseAdagrad, adagrad_loop)]
)
def test_equals_a_loop_that_decays_every_row_at_every_step(kind, move):
    """The gradient is that of weights just read: stale ones would show."""
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(NUM_ROWS, DIM, dtype=torch.float64))
    expected, memory = table.tolist(), {}
    optimizers = [kind([table], lr=1.0), LazyDecay([table], lr=1.0, decay=DECAY)]

    for step in range(1, 401):
        rows, lr = rows_of(step), learning_rate(step)
        noise = torch.randn(len(rows), DIM, dtype=torch.float64)

        set_learning_rate(optimizers, lr)
        optimizers[1].catch_up(rows)
        read = table.detach().index_select(0, rows)
        give_gradient(table, rows, read + noise)
        for optimizer in optimizers:
            optimizer.step()

        gradients = {}
        for place, row in enumerate(rows.tolist()):
            assert read[place].tolist() == pytest.approx(expected[row], rel=1e-11)
            before = gradients.get(row, [0.0] * DIM)
            gradients[row] = [
                b + w + n
                for b, w, n in zip(
                    before, expected[row], noise[place].tolist(), strict=True
                )
            ]
        for row, gradient in gradients.items():
            move(expected, memory, row, gradient, step, lr)
        expected = [[w * (1 - lr * DECAY) for w in row] for row in expected]
    catch_up(optimizers)

    torch.testing.assert_close(table.tolist(), expected, rtol=1e-10, atol=1e-12)


def test_float32_weights_stay_within_a_millionth():
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(NUM_ROWS, DIM))
    expected = table.detach().double()
    decay = LazyDecay([table], lr=1.0, decay=0.01)

    for step in range(1, 801):
        set_learning_rate([decay], learning_rate(step))
        decay.catch_up(rows_of(step))
        decay.step()
        expected *= 1 - learning_rate(step) * 0.01
    decay.catch_up()

    torch.testing.assert_close(table.double(), expected, rtol=1e-6, atol=0)
    assert expected.abs().max() < 0.7 * 3.0  # and a good part of them has gone


def test_a_product_by_hand():
    table = nn.Parameter(torch.tensor([[2.0], [4.0]]))
    decay = LazyDecay([table], lr=0.5, decay=0.2)

    decay.step()
    set_learning_rate([decay], 0.25)
    decay.step()
    decay.catch_up(torch.tensor([1, 1]))

    # (1 - 0.5 * 0.2) * (1 - 0.25 * 0.2) = 0.9 * 0.95 = 0.855
    torch.testing.assert_close(table.data, torch.tensor([[2.0], [3.42]]))
    decay.catch_up()
    torch.testing.assert_close(table.data, torch.tensor([[1.71], [3.42]]))


@pytest.mark.parametrize("every", [1, 7, 1000])
def test_shares_too_small_for_one_step_are_not_lost(every):
    # 1 - 2e-8 is 1 in float32, where 1 - 6e-8 is the next number below.
    table = nn.Parameter(torch.full((1, 1), 3.0))
    decay = LazyDecay([table], lr=1e-4, decay=2e-4)

    for step in range(5000):
        if step % every == 0:
            decay.catch_up(torch.tensor([0]))
        decay.step()
    decay.catch_up()

    # The last shares may still wait, 1e-6 at most; half a unit of 8 is rounded.
    lost, expected = 1 - table.item() / 3, 1 - (1 - 2e-8) ** 5000
    assert abs(lost - expected) < 1e-6 + expected / 16


def test_rows_that_are_not_asked_for_keep_their_bits():
    table = nn.Parameter(torch.randn(5, 2))
    before = table.detach().clone()
    decay = LazyDecay([table], lr=0.1, decay=1.0)
    decay.step()

    decay.catch_up(torch.tensor([3], dtype=torch.int64))

    moved = (table != before).any(dim=1)
    assert moved.nonzero()[:, 0].tolist() == [3]


def test_nothing_is_owed_before_the_first_step_or_twice():
    table = nn.Parameter(torch.randn(5, 2))
    before = table.detach().clone()
    decay = LazyDecay([table], lr=0.1, decay=1.0)

    decay.catch_up()
    decay.catch_up(torch.tensor([1]))
    assert torch.equal(table, before)

    decay.step()
    decay.catch_up()
    before = table.detach().clone()
    decay.catch_up()
    decay.catch_up(torch.tensor([0, 4, 0]))
    assert torch.equal(table, before)


def test_no_rows():
    table = nn.Parameter(torch.ones(3, 2))
    decay = LazyDecay([table], lr=0.1, decay=1.0)
    decay.step()

    decay.catch_up(torch.empty(0, dtype=torch.long))

    assert (table == 1).all()


def test_processes_that_share_a_batch_keep_equal_bits():
    """Each reads its own half of the rows; the gradient holds both."""
    torch.manual_seed(0)
    tables = [nn.Parameter(torch.ones(NUM_ROWS, DIM)) for _ in range(2)]
    pairs = [
        (LazyDecay([t], lr=0.1, decay=DECAY), LazyAdam([t], lr=0.1)) for t in tables
    ]

    for step in range(1, 101):
        rows = rows_of(step)
        values = torch.randn(len(rows), DIM)
        for number, (table, (decay, adam)) in enumerate(
            zip(tables, pairs, strict=True)
        ):
            decay.catch_up(rows[number::2])
            give_gradient(table, rows, values)
            decay.catch_up_touched()
            adam.step()
            decay.step()
    for decay, _ in pairs:
        decay.catch_up()

    assert torch.equal(*tables)


def test_a_resumed_run_goes_on_with_the_same_bits():
    torch.manual_seed(0)
    table = nn.Parameter(torch.randn(NUM_ROWS, DIM))
    decay = LazyDecay([table], lr=0.1, decay=DECAY)
    for step in range(1, 31):
        decay.catch_up(rows_of(step))
        decay.step()
    tensors = deepcopy(optimizer_tensors([decay]))
    numbers = optimizer_numbers([decay])
    other = nn.Parameter(table.detach().clone())
    resumed = LazyDecay([other], lr=0.1, decay=DECAY)

    adopt_optimizers([resumed], tensors, numbers)

    assert numbers == {"0.0.total": pytest.approx(30 * math.log(1 - 0.04))}
    for step in range(31, 51):
        for one in (decay, resumed):
            one.catch_up(rows_of(step))
            one.step()
    catch_up([decay, resumed])
    assert torch.equal(other, table)


def test_state_dict_round_trip():
    table, other = (nn.Parameter(torch.ones(2, 1)) for _ in range(2))
    decay = LazyDecay([table], lr=0.1, decay=DECAY)
    decay.step()
    resumed = LazyDecay([other], lr=1.0, decay=1.0)

    resumed.load_state_dict(deepcopy(decay.state_dict()))

    resumed.step()
    resumed.catch_up()
    torch.testing.assert_close(other.data, torch.full((2, 1), 0.96**2))


def test_groups_have_their_own_decay():
    tables = [nn.Parameter(torch.ones(1, 1)) for _ in range(2)]
    decay = LazyDecay(
        [{"params": tables[:1]}, {"params": tables[1:], "decay": 0.5}],
        lr=1.0,
        decay=0.1,
    )

    decay.step()
    catch_up([LazyAdam(tables), decay])

    assert [table.item() for table in tables] == pytest.approx([0.9, 0.5])


def test_a_closure_is_called_with_gradients_on():
    table = nn.Parameter(torch.ones(2, 2))

    def closure():
        assert torch.is_grad_enabled()
        return 2.0

    assert LazyDecay([table], lr=0.1, decay=0.1).step(closure) == 2.0


@pytest.mark.parametrize("name", ["lr", "decay"])
def test_impossible_settings(name):
    settings = {"lr": 1.0, "decay": 1.0} | {name: 0.0}

    with pytest.raises(ValueError, match=f"{name} must be positive, got 0"):
        LazyDecay([nn.Parameter(torch.ones(1, 1))], **settings)
