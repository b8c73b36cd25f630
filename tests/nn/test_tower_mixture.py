"""Two towers in one logit."""

import pytest
import torch

from fieldwise.nn.mlp import MLP
from fieldwise.nn.tower_mixture import TowerMixture


def mixture(num_tasks=1):
    torch.manual_seed(0)
    towers = [MLP(width, hidden_dims=(3,)) for width in (2, 4)]
    return TowerMixture(towers, num_tasks=num_tasks)


def inputs(num_rows):
    return torch.randn(num_rows, 2), torch.randn(num_rows, 4)


@pytest.mark.parametrize("num_tasks", [1, 2])
def test_starts_as_the_mean(num_tasks):
    head = mixture(num_tasks)
    x = inputs(5)

    first, second = head.branches(*x)

    torch.testing.assert_close(head(*x), (first + second) / 2)


def test_weights_by_hand():
    head = mixture(num_tasks=2)
    with torch.no_grad():
        head.weights.copy_(torch.tensor([[1.0, 2.0], [3.0, 0.0]]))
        head.bias.copy_(torch.tensor([10.0, 20.0]))
    x = inputs(4)

    first, second = head.branches(*x)

    # Task 0: a + 2 b + 10; task 1: 3 a + 20.
    expected = [first[:, 0] + 2 * second[:, 0] + 10, 3 * first[:, 1] + 20]
    torch.testing.assert_close(head(*x), torch.stack(expected, dim=1))


def test_size():
    # Towers 2 * 3 + 3 and 4 * 3 + 3; two heads 3 + 1; two weights and a bias.
    assert sum(p.numel() for p in mixture().parameters()) == 9 + 15 + 8 + 3


@pytest.mark.parametrize("num_rows", [0, 1, 6])
@pytest.mark.parametrize(("num_tasks", "rest"), [(1, ()), (3, (3,))])
def test_shapes(num_rows, num_tasks, rest):
    assert mixture(num_tasks)(*inputs(num_rows)).shape == (num_rows, *rest)


def test_needs_a_tower():
    with pytest.raises(ValueError, match=r"number of towers must be positive, got 0"):
        TowerMixture([])
