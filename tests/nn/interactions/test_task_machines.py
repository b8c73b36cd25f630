"""TaskMachines: each task sees its own slice of the embeddings only."""

from itertools import combinations

import pytest
import torch

from fieldwise.nn.interactions.task_machines import TaskMachines


def sum_over_pairs(vectors):
    return sum(
        a * b
        for first, second in combinations(vectors, 2)
        for a, b in zip(first, second, strict=True)
    )


@pytest.mark.parametrize("num_tasks", [1, 3])
def test_equals_the_double_loop(num_tasks):
    torch.manual_seed(0)
    x = torch.randn(5, 4, num_tasks * 2, dtype=torch.float64)

    pairs = TaskMachines(num_tasks)(x)

    expected = [
        [
            sum_over_pairs([field[2 * task : 2 * task + 2] for field in fields])
            for task in range(num_tasks)
        ]
        for fields in x.tolist()
    ]
    torch.testing.assert_close(
        pairs.view(5, num_tasks).tolist(), expected, rtol=1e-12, atol=1e-12
    )


@pytest.mark.parametrize("num_rows", [0, 1, 5])
@pytest.mark.parametrize(("num_tasks", "rest"), [(1, ()), (2, (2,))])
def test_shapes(num_rows, num_tasks, rest):
    x = torch.ones(num_rows, 3, 4)

    assert TaskMachines(num_tasks)(x).shape == (num_rows, *rest)


def test_needs_a_task():
    with pytest.raises(ValueError, match="num_tasks must be positive, got 0"):
        TaskMachines(0)
